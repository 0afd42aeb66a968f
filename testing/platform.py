"""A platform in memory and in virtual time, in a few words: for a host's tests, with pytest or without."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from attrs import field, frozen

from ..adapters.container import Container
from ..adapters.memory import MemoryClock, MemoryNotifier, MemorySessions, MemoryWallet
from ..core.model import Invitation, Session, Viewer
from ..core.names import PRESET_SD
from ..core.requests.trigger_private import Accepted
from ..ports.notifier import Notification

T = TypeVar("T")

ANSWER_WITHIN = 300
"""Seconds that a streamer has to answer, unless a test says otherwise."""


@frozen
class Platform:
    """What viewers and streamers do, and time. Each act is a request; then the tasks that are due run.

    A refusal is raised, and so is the failure of a task or of a receiver, yours included. For a request alone, or for
    tasks that fail on purpose, use ``container`` and ``run_due(quiet=True)``.
    """

    container: Container = field(factory=Container.in_memory)

    @property
    def clock(self) -> MemoryClock:
        return _in_memory(self.container.clock(), MemoryClock)

    @property
    def sessions(self) -> MemorySessions:
        return _in_memory(self.container.sessions(), MemorySessions)

    @property
    def wallet(self) -> MemoryWallet:
        return _in_memory(self.container.wallet(), MemoryWallet)

    @property
    def notifications(self) -> list[Notification]:
        """Everything that was sent, the oldest first."""
        return _in_memory(self.container.notifier(), MemoryNotifier).notifications

    def open_session(self, streamer_id: str, price: int = 60) -> Session:
        """A live session that offers private shows at ``price`` a minute."""
        session = Session(id=self.container.ids().new(), streamer_id=streamer_id, pricing={PRESET_SD: price})
        return self.sessions.add(session)

    def invite(
        self, session: Session, viewer: Viewer | str, duration: int = 90, answer_within: int = ANSWER_WITHIN
    ) -> Accepted:
        """A viewer, or its id, asks for a private show, or joins. Times are in seconds."""
        exp = int(self.clock.now().timestamp()) + answer_within
        viewer = Viewer(id=viewer) if isinstance(viewer, str) else viewer
        accepted = self.container.trigger_private_session()(session.id, viewer, Invitation(exp=exp, duration=duration))
        self.run_due()
        return accepted

    def agree(self, session: Session, goal_id: str) -> None:
        self._answer(session, goal_id, agree=True)

    def refuse(self, session: Session, goal_id: str) -> None:
        self._answer(session, goal_id, agree=False)

    def switch_preset(self, session: Session, preset: str = PRESET_SD) -> None:
        """The streamer shows ``preset``; ``sd`` is the private show."""
        self.container.switch_preset()(Viewer(id=session.streamer_id), preset)
        self.run_due()

    def wait(self, seconds: float) -> None:
        """Time passes, and what is due at its end happens."""
        self.clock.advance(timedelta(seconds=seconds))
        self.run_due()

    def run_due(self, *, quiet: bool = False) -> int:
        """Run the tasks that are due, and return how many. Raises an ExceptionGroup of the failures, unless quiet."""
        ran: int = self.container.worker().run_due(quiet=quiet)
        return ran

    def _answer(self, session: Session, goal_id: str, agree: bool) -> None:
        self.container.answer_goal()(goal_id, Viewer(id=session.streamer_id), agree)
        self.run_due()


def _in_memory(adapter: object, kind: type[T]) -> T:
    if not isinstance(adapter, kind):
        raise TypeError(f"the container has no {kind.__name__} but your own {type(adapter).__name__}: ask that")
    return adapter
