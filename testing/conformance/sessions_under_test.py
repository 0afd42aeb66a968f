"""What the tests of :class:`show_goal.ports.sessions.Sessions` have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from attrs import frozen

from ...core.model import Claim, Session
from ...ports.sessions import Sessions
from .examples import GOAL, NOW, OVER, SESSION, a_claim, a_session
from .promise import Conformance

Element = Session.TriggerPrivateGoal


@frozen(kw_only=True)
class SessionsUnderTest:
    sessions: Sessions
    """Without sessions."""
    store: Callable[[Session], object]
    """Stores a session."""
    private_goals: Callable[[str], Sequence[Session.TriggerPrivateGoal]]
    """From a session's id to all its ``trigger_private_goals``. The session may be inactive."""


class SessionsSuite(Conformance[SessionsUnderTest]):
    """``under_test`` returns :class:`SessionsUnderTest`: the adapter, and functions that store and read a session."""

    def take(self, under_test: SessionsUnderTest) -> None:
        self.sessions, self.store = under_test.sessions, under_test.store
        self.private_goals = under_test.private_goals

    def goals(self) -> list[Element]:
        return [*self.private_goals(SESSION)]

    def fetched(self) -> Session:
        session = self.sessions.fetch_active(SESSION)
        assert session is not None, "the active session is not found"
        return session

    def claim(self, claim: Claim, now: datetime = NOW) -> Claim | None:
        return self.sessions.claim(SESSION, claim, now)

    def bind(self, claim: Claim | None = None, now: datetime = NOW) -> Session | None:
        return self.sessions.bind_trigger_private_goal(SESSION, claim or a_claim(), now)

    def end(self, goal_id: str = GOAL, *, ended: datetime = OVER, agreed: datetime | None = None) -> None:
        self.sessions.end_trigger_private_goal(SESSION, goal_id, ended=ended, agreed=agreed)

    def ongoing(self) -> Session:
        """A session with GOAL, claimed and bound."""
        session = a_session(trigger_private_goal=Element(goal=GOAL), claim=a_claim())
        self.store(session)
        return session
