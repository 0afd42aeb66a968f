"""The broker, and the way of the wallet's reports: at least once, late, in any order, and sometimes not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import define, frozen

from ...core.messages import Message
from ...ports.clock import Clock


@frozen
class WalletReport:
    """What a wallet that calls back has to say: the body of ``POST /notify/wallet/transaction`` (L1)."""

    goal_id: str
    body: dict[str, object]

    name = "wallet_report"


Letter = Message | WalletReport


@define(eq=False)
class InFlight:
    """One delivery that is owed. ``carried``: some worker brought it to its end."""

    letter: Letter
    due: datetime
    retries: int = 0
    running: bool = False
    carried: bool = False
    lost: bool = False


class Network:
    """A TaskQueue whose messages are delivered one by one, whichever is picked."""

    def __init__(self, clock: Clock, losing: Callable[[Letter], None]) -> None:
        self._clock = clock
        self._losing = losing
        self.in_flight: list[InFlight] = []
        self.ever: list[InFlight] = []

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        self.send(message, eta)

    def send(self, letter: Letter, eta: datetime | None = None) -> None:
        one = InFlight(letter, eta or self._clock.now())
        self.ever.append(one)
        self.in_flight.append(one)

    def waiting(self) -> list[InFlight]:
        """What nobody works at, due or not."""
        return [one for one in self.in_flight if not one.running]

    def due(self) -> list[InFlight]:
        now = self._clock.now()
        return [one for one in self.in_flight if one.due <= now and not one.running]

    def acknowledge(self, one: InFlight) -> None:
        """The broker forgets it. Whether anybody brought it to its end is another matter."""
        if one in self.in_flight:
            self.in_flight.remove(one)

    def retry(self, one: InFlight, after: timedelta) -> None:
        one.retries += 1
        one.due = self._clock.now() + after

    def lose(self, one: InFlight) -> None:
        one.lost = True
        self.acknowledge(one)
        self._losing(one.letter)

    def lose_everything(self) -> int:
        lost = self.waiting()
        for one in lost:
            self.lose(one)
        return len(lost)
