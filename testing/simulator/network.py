"""The broker, and the workers that take its messages: at least once, late, in any order, and sometimes not at all.

The wallet's reports to ``POST /notify/wallet/transaction`` travel the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import define, frozen

from ...core.errors import Refused
from ...core.messages import Message
from ...core.requests.wallet_transaction import TransactionReport
from ...ports.clock import Clock

RETRY_AFTER = timedelta(seconds=1)
MAX_RETRIES = 8


@frozen
class WalletReport:
    """What a wallet that calls back reports: ``POST /notify/wallet/transaction`` (L1)."""

    goal_id: str
    report: TransactionReport

    name = "wallet_report"


@define(eq=False)
class Delivery:
    """A message, or a wallet's report, that the broker must deliver until a worker acknowledges it."""

    message: Message | WalletReport
    due: datetime
    retries: int = 0
    running: bool = False
    carried: bool = False  # a worker carried it out to its end
    lost: bool = False

    @property
    def goal_id(self) -> str:
        return getattr(self.message, "goal_id", "")

    def __str__(self) -> str:
        return f"{self.message.name} {self.goal_id}".rstrip()


class Network:
    """A TaskQueue whose messages are delivered one by one, in the order in which they are picked."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.owed: list[Delivery] = []
        self.ever: list[Delivery] = []
        self._lost: set[tuple[str, str]] = set()

    def require_room(self) -> None:
        """There is always room."""

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        self.send(message, eta)

    def send(self, message: Message | WalletReport, eta: datetime | None = None) -> Delivery:
        delivery = Delivery(message, eta or self.clock.now())
        self.ever.append(delivery)
        self.owed.append(delivery)
        return delivery

    def waiting(self) -> list[Delivery]:
        """What no worker is busy with, due or not."""
        return [delivery for delivery in self.owed if not delivery.running]

    def due(self) -> list[Delivery]:
        now = self.clock.now()
        return [delivery for delivery in self.owed if delivery.due <= now and not delivery.running]

    def acknowledge(self, delivery: Delivery) -> None:
        """The broker forgets the delivery, whether or not a worker carried it out."""
        if delivery in self.owed:
            self.owed.remove(delivery)

    def lose(self, delivery: Delivery) -> None:
        delivery.lost = True
        self._lost.add((delivery.message.name, delivery.goal_id))
        self.acknowledge(delivery)

    def lose_everything(self) -> int:
        lost = self.waiting()
        for delivery in lost:
            self.lose(delivery)
        return len(lost)

    def was_lost(self, name: str, goal_id: str) -> bool:
        """Whether a message of that name about the goal was lost for good."""
        return (name, goal_id) in self._lost


class Worker:
    """Takes messages as a Celery worker does. ``carry_out`` runs the message's task.

    It acknowledges a message when the task ends, retries it after a failure, and does not retry what was refused.
    """

    def __init__(self, network: Network, carry_out: Callable[[Delivery], None], *, gives_up: bool) -> None:
        self.network = network
        self.carry_out = carry_out
        self.gives_up = gives_up

    def run(self, delivery: Delivery) -> None:
        """Raise what the task raises. After a crash the broker still owes the delivery."""
        delivery.running = True
        try:
            self.carry_out(delivery)
        except Refused:
            self.network.acknowledge(delivery)
            raise
        except Exception:
            self._failed(delivery)
            raise
        else:
            self.network.acknowledge(delivery)
        finally:
            delivery.running = False

    def _failed(self, delivery: Delivery) -> None:
        if self.gives_up and delivery.retries >= MAX_RETRIES:
            self.network.lose(delivery)
        delivery.retries += 1
        delivery.due = self.network.clock.now() + RETRY_AFTER
