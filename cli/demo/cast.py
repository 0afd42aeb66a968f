"""The people, sessions and balances that the demo and ``serve --in-memory`` start with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import frozen

from ...adapters.container import Container
from ...adapters.memory import MemoryPasses, MemorySessions, MemoryTaskQueue, MemoryWallet
from ...core import names
from ...core.errors import HostRefusal
from ...core.model import Session, ShowGoalPair, Viewer
from ...core.money import Hold
from ...ports.clock import Clock

SID = Viewer(id="51d000000000000000000001")
"""The streamer: 60 s of ``sd`` cost 60."""
ALICE = Viewer(id="a11ce0000000000000000001")
BOB = Viewer(id="b0b000000000000000000001")
CLEO = Viewer(id="c1e000000000000000000001")
DAN = Viewer(id="da4000000000000000000001", tags=[names.blocked_by(SID.id)])

VIEWERS = {viewer.id: viewer for viewer in (SID, ALICE, BOB, CLEO, DAN)}
PEOPLE = {SID.id: "Sid", ALICE.id: "Alice", BOB.id: "Bob", CLEO.id: "Cleo", DAN.id: "Dan"}
MONEY = {SID.id: 0, ALICE.id: 150, BOB.id: 160, CLEO.id: 10, DAN.id: 300}

SESSION = "5e5500000000000000000001"
SESSION_WITHOUT_PRICE = "5e5500000000000000000002"
SESSION_WITH_SHOW = "5e5500000000000000000003"
UNKNOWN_SESSION = "5e55000000000000000000ff"
ANOTHER_STREAMER = "51d000000000000000000002"
PRICING = {names.PRESET_SD: 60}


class TooLong(HostRefusal):
    """More than an hour at a time."""

    code = reason = "too_long"
    detail = "An hour at a time, please."


def an_hour_at_most(viewer: Viewer, session: Session, duration: int, now: datetime) -> TooLong | None:
    """A guard of the host's own (D32)."""
    return TooLong() if duration > 3_600 else None


class LockableWallet(MemoryWallet):
    """Nothing is refunded to the user who is ``locked``."""

    locked: str | None = None

    def refund(self, transaction_id: str) -> Hold:
        hold = self.find(transaction_id)
        if hold is not None and hold.from_user_id == self.locked:
            raise RuntimeError(f"the account {self.locked} is locked")
        return super().refund(transaction_id)


@frozen(kw_only=True)
class Platform:
    """An in-memory platform with the cast on it."""

    container: Container
    sessions: MemorySessions
    wallet: LockableWallet
    passes: MemoryPasses
    task_queue: MemoryTaskQueue


def platform(clock: Clock, **adapters: Any) -> Platform:
    """``adapters`` replace ports by name, as in ``Container.in_memory``."""
    wallet, sessions, passes, task_queue = LockableWallet(), MemorySessions(), MemoryPasses(), MemoryTaskQueue(clock)
    for user_id, money in MONEY.items():
        wallet.credit(user_id, money)
    show = ShowGoalPair(funding_goal="f0d000000000000000000001")
    sessions.add(Session(id=SESSION, streamer_id=SID.id, pricing=PRICING))
    sessions.add(Session(id=SESSION_WITHOUT_PRICE, streamer_id=ANOTHER_STREAMER))
    sessions.add(Session(id=SESSION_WITH_SHOW, streamer_id=ANOTHER_STREAMER, pricing=PRICING, show_goal_pair=show))
    ours: dict[str, Any] = {"wallet": wallet, "sessions": sessions, "passes": passes, "task_queue": task_queue}
    container = Container.in_memory(clock=clock, host_guards=[an_hour_at_most], **ours, **adapters)
    return Platform(container=container, **ours)
