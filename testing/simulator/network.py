"""The broker, and the workers that take its messages: at least once, late, in any order, and sometimes not at all.

The wallet's reports to ``POST /notify/wallet/transaction`` are delivered in the same way, but wait in no queue.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from attrs import define, evolve, frozen

from ...core.errors import OutOfTime, Refused
from ...core.messages import Message, Sweep, Transfer
from ...core.requests.wallet_transaction import TransactionReport
from ...core.trace import describe, taken_along
from ...ports.clock import Clock
from ...ports.errors import TaskQueueFull, TaskQueueUnavailable

RETRY_AFTER = 1  # seconds
MAX_RETRIES = 8
MAX_DELIVERIES = 5

WORK, SWEEPS, REPORTS = "work", "sweeps", "reports"


class Unreadable(Refused):
    """This worker cannot read the message. One of another version may (D45)."""

    code = reason = "unreadable"


class Trouble(StrEnum):
    """What a message does to whoever runs it."""

    KILLS = "kills its worker"
    FAILS = "fails"
    UNREADABLE = "cannot be read"


class Writer(StrEnum):
    """Who publishes a message, if it is not today's version."""

    OLDER = "version 0.1"  # which named a transfer's session only in a tag
    HOST = "the host"  # which sends only the flow's own arguments
    NEWER = "a newer version"  # which has an argument more


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
    queue: str
    due: datetime
    retries: int = 0
    deliveries: int = 0  # how many have ended with their worker, as the workers count them
    begun: bool = False  # delivered, and neither acknowledged nor queued anew
    running: bool = False
    carried: bool = False  # a worker carried it out to its end
    lost: bool = False
    set_aside: str = ""  # why
    newer: bool = False  # it has an argument that today's version does not know
    trouble: Trouble | None = None
    troubles: int = 0  # how many runs will be in trouble
    killed: int = 0  # how many workers it has killed

    @property
    def goal_id(self) -> str:
        return getattr(self.message, "goal_id", "")

    def __str__(self) -> str:
        return f"{self.message.name} {self.goal_id}".rstrip()


class Network:
    """A TaskQueue whose messages are delivered one by one, in the order in which they are picked.

    While ``WORK`` is paused, nobody takes its messages. While it refuses, it takes none. Sweeps have their own queue.
    """

    def __init__(self, clock: Clock, max_backlog: int) -> None:
        self.clock = clock
        self.max_backlog = max_backlog
        self.owed: list[Delivery] = []
        self.ever: list[Delivery] = []
        self.dead: list[Delivery] = []  # what was set aside
        self.writer: Writer | None = None
        self.calm()
        self._lost: set[tuple[str, str]] = set()

    def queue_of(self, message: Message | WalletReport) -> str:
        if isinstance(message, WalletReport):
            return REPORTS
        return SWEEPS if isinstance(message, Sweep) else WORK

    @property
    def full(self) -> bool:
        now = self.clock.now()
        return sum(one.queue == WORK and one.due <= now for one in self.waiting()) >= self.max_backlog

    @property
    def refuses(self) -> bool:
        return self.clock.now() < self.refuses_until

    def require_room(self) -> None:
        if self.full:
            raise TaskQueueFull(f"{self.max_backlog} messages wait")

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        self._accept(self.queue_of(message))
        taken_along()
        writer = self.writer if self.clock.now() < self.writes_until else None
        if isinstance(message, Transfer) and writer in (Writer.OLDER, Writer.HOST):
            message = evolve(message, session_id=None, duration=message.duration if writer is Writer.OLDER else None)
        self.send(message, eta).newer = writer is Writer.NEWER

    def send(self, message: Message | WalletReport, eta: datetime | None = None) -> Delivery:
        delivery = Delivery(message, self.queue_of(message), eta or self.clock.now())
        self.ever.append(delivery)
        self.owed.append(delivery)
        return delivery

    def queue_anew(self, delivery: Delivery, seconds: int, *, retries: int, deliveries: int) -> None:
        """A worker puts back what it cannot finish now."""
        self._accept(delivery.queue)
        self.acknowledge(delivery)
        self.owed.append(delivery)
        delivery.due, delivery.begun = self.clock.now() + timedelta(seconds=seconds), False
        delivery.retries, delivery.deliveries = retries, deliveries

    def put_aside(self, delivery: Delivery, why: str) -> None:
        """A worker puts what it will never finish where operators look. No sweep needs it."""
        self._accept(delivery.queue)
        delivery.set_aside = why
        self.dead.append(delivery)
        self._forget(delivery)

    def waiting(self) -> list[Delivery]:
        """What no worker is busy with, due or not."""
        return [delivery for delivery in self.owed if not delivery.running]

    def due(self, *queues: str) -> list[Delivery]:
        """What workers may take."""
        now = self.clock.now()
        taken = [queue for queue in queues if queue != WORK or now >= self.paused_until]
        return [one for one in self.owed if one.due <= now and one.queue in taken and not one.running]

    def acknowledge(self, delivery: Delivery) -> None:
        """The broker forgets the delivery, whether or not a worker carried it out."""
        if delivery in self.owed:
            self.owed.remove(delivery)

    def lose(self, delivery: Delivery) -> None:
        delivery.lost = True
        self._forget(delivery)

    def lose_everything(self) -> int:
        lost = self.waiting()
        for delivery in lost:
            self.lose(delivery)
        return len(lost)

    def calm(self) -> None:
        """Workers are back, and the queue takes messages."""
        self.paused_until = self.refuses_until = self.writes_until = self.clock.now()

    def was_lost(self, name: str, goal_id: str) -> bool:
        """Whether a message of that name about the goal was lost for good, or set aside."""
        return (name, goal_id) in self._lost

    def _forget(self, delivery: Delivery) -> None:
        self._lost.add((delivery.message.name, delivery.goal_id))
        self.acknowledge(delivery)

    def _accept(self, queue: str) -> None:
        if queue == WORK and self.refuses:
            raise TaskQueueUnavailable("the queue takes no messages")


class Worker:
    """Takes messages as a Celery worker does. ``carry_out`` runs the message's task.

    It acknowledges a message when the task ends or is refused. What fails, cannot be read, or has ended a worker is
    queued anew for a later time, and set aside when that has happened too often (D45, D46).
    """

    def __init__(self, network: Network, port: Network, carry_out: Callable[[Delivery], object]) -> None:
        """``port`` is the network, too, as what the worker publishes reaches it: through faults."""
        self.network = network
        self.port = port
        self.carry_out = carry_out

    def run(self, delivery: Delivery) -> object:
        """Raise what the task raises. After a crash the broker still owes the delivery."""
        delivery.running = True
        try:
            return self._count(delivery) if delivery.begun else self._run(delivery)
        finally:
            delivery.running = False

    def read(self, delivery: Delivery) -> None:
        """Raise Unreadable if arguments are missing. Unknown ones are ignored."""
        if delivery.trouble is Trouble.UNREADABLE and delivery.troubles:
            delivery.troubles -= 1
            raise Unreadable(f"{delivery} lacks an argument")

    def _run(self, delivery: Delivery) -> object:
        delivery.begun = True
        try:
            self.read(delivery)
            result = self.carry_out(delivery)
        except (Exception, OutOfTime) as error:
            if isinstance(error, Refused) and not isinstance(error, Unreadable):
                self.network.acknowledge(delivery)
            else:
                self._failed(delivery, error)
            raise
        self.network.acknowledge(delivery)
        return result

    def _count(self, delivery: Delivery) -> object:
        """The broker delivers it again: the worker that ran it died."""
        deliveries = delivery.deliveries + 1
        if deliveries >= MAX_DELIVERIES:
            return self._set_aside(delivery, f"{deliveries} workers died")
        return self._queue_anew(delivery, 2 ** (deliveries - 1), retries=delivery.retries, deliveries=deliveries)

    def _failed(self, delivery: Delivery, error: BaseException) -> None:
        if isinstance(delivery.message, Sweep):  # the next one is on its way
            self.network.lose(delivery)
        elif delivery.retries >= MAX_RETRIES:
            self._set_aside(delivery, describe(error))
        else:
            self._queue_anew(delivery, RETRY_AFTER, retries=delivery.retries + 1, deliveries=0)

    def _queue_anew(self, delivery: Delivery, seconds: int, *, retries: int, deliveries: int) -> str:
        again = partial(self.port.queue_anew, delivery, seconds, retries=retries, deliveries=deliveries)
        return self._publish(again, f"again in {seconds} s")

    def _set_aside(self, delivery: Delivery, why: str) -> str:
        return self._publish(partial(self.port.put_aside, delivery, why), f"set aside, {why}")

    def _publish(self, publish: Callable[[], None], done: str) -> str:
        try:
            publish()
        except TaskQueueUnavailable:
            return "it stays in its queue"
        return done
