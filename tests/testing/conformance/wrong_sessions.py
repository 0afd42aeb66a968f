"""Sessions that break a promise of ``fetch_active``, ``claim``, ``bind_trigger_private_goal`` or ``unbound``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemorySessions
from show_goal.core.model import Claim, Session
from show_goal.testing.conformance import SessionsConformance, SessionsUnderTest

from .breaking import Gap, WrongAdapters, alone

WRONG = WrongAdapters()


@WRONG.breaks("fetch_active.whole", "fetch_active changes what the store holds")
class FreeIsNoPrice(MemorySessions):
    def fetch_active(self, session_id: str) -> Session | None:
        session = super().fetch_active(session_id)
        return session and evolve(session, pricing={preset: rate for preset, rate in session.pricing.items() if rate})


@WRONG.breaks("fetch_active.none", "an inactive session was fetched as an active one")
class FetchesInactive(MemorySessions):
    def fetch_active(self, session_id: str) -> Session | None:
        record = self._records.get(session_id)
        return record.session if record is not None else None


@WRONG.breaks("claim.takes", "claim sets the claim, and it alone")
class ClaimsResetThePreset(MemorySessions):
    @alone
    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        record = self._records.get(session_id)
        if record is not None:
            self._records[session_id] = evolve(record, session=evolve(record.session, preset=None))
        return super().claim(session_id, claim, now)


@WRONG.breaks("claim.stands", "repeating a claim changes nothing, its exp least of all")
class RepeatsProlong(MemorySessions):
    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        standing = super().claim(session_id, claim, now)
        if standing is None or standing.goal_id != claim.goal_id:
            return standing
        record = self._records[session_id]
        self._records[session_id] = evolve(record, session=evolve(record.session, claim=claim))
        return claim


@WRONG.breaks("claim.whole", "claim does not return the first viewer")
class ForgetsWhoWasFirst(MemorySessions):
    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        return super().claim(session_id, Claim(goal_id=claim.goal_id, exp=claim.exp), now)


@WRONG.breaks("claim.live", "a claim without exp never ends")
class EndlessClaimsAreOver(MemorySessions):
    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        record = self._active(session_id)
        if record is not None and record.session.claim is not None and record.session.claim.exp is None:
            self._records[session_id] = evolve(record, session=evolve(record.session, claim=None))
        return super().claim(session_id, claim, now)


@WRONG.breaks("claim.one", "every caller gets the one claim that stands")
class ManyWin(MemorySessions):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        record = self._active(session_id)
        with self._gap:
            if record is not None and record.session.ongoing_private_goal(now) is None:
                self._records[session_id] = record
            return super().claim(session_id, claim, now)


@WRONG.breaks("claim.none", "a session that has ended cannot be claimed")
class ClaimsInactive(MemorySessions):
    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        return (
            claim
            if session_id in self._records and not self._active(session_id)
            else super().claim(session_id, claim, now)
        )


@WRONG.breaks("bind_trigger_private_goal.pushes", "binding returns the session with the goal as its last")
class BindingResetsThePreset(MemorySessions):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        session = super().bind_trigger_private_goal(session_id, claim, now)
        return session and evolve(session, preset=None)


class Binding(MemorySessions):
    """Right, when ``stands`` is asked at the moment of the act."""

    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def stands(self, session_id: str, goal_id: str) -> bool:
        return any(element.goal == goal_id for element in self.private_goals(session_id))

    def push(self, session_id: str, goal_id: str) -> Session:
        record = self._records[session_id]
        pushed = Session.TriggerPrivateGoal(goal=goal_id)
        return self._replace(record, record.session, (*record.private_goals, pushed))


@WRONG.breaks("bind_trigger_private_goal.once", "a redelivery pushed the goal again")
class PushesAgain(Binding):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        if session_id in self._records and self.stands(session_id, claim.goal_id):
            return self.push(session_id, claim.goal_id)
        return super().bind_trigger_private_goal(session_id, claim, now)


@WRONG.breaks("bind_trigger_private_goal.once", "the goal was pushed more than once")
class PushesAgainInARace(Binding):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        stood = session_id in self._records and self.stands(session_id, claim.goal_id)
        with self._gap:
            if not stood and session_id in self._records and self.stands(session_id, claim.goal_id):
                self.push(session_id, claim.goal_id)
            return super().bind_trigger_private_goal(session_id, claim, now)


@WRONG.breaks("bind_trigger_private_goal.live", "the session has the goal as ended, whatever exp the caller was told")
class BindsWhatHasEnded(MemorySessions):
    @staticmethod
    def _free_for(goal_id: str, standing: Claim | None, now: datetime) -> bool:
        return standing is None or standing.goal_id == goal_id or not standing.live(now)


@WRONG.breaks("bind_trigger_private_goal.free", "another goal's claim is live")
class BindsBesideAnother(MemorySessions):
    @staticmethod
    def _free_for(goal_id: str, standing: Claim | None, now: datetime) -> bool:
        return standing is None or standing.goal_id != goal_id or standing.live(now)


@WRONG.breaks("bind_trigger_private_goal.none", "the session has ended in between")
class BindsToWhatHasEnded(MemorySessions):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        if session_id in self._records and not self._active(session_id):
            return self._records[session_id].session
        return super().bind_trigger_private_goal(session_id, claim, now)


@WRONG.breaks("unbound.late", "the goal is bound: nothing is late")
class BoundIsUnbound(MemorySessions):
    def unbound(self, now: datetime, limit: int) -> Sequence[Session]:
        sessions = [record.session for record in self._records.values() if record.session.active]
        return [session for session in sessions if session.ongoing_private_goal(now)][:limit]


@WRONG.breaks("unbound.limit", "there are more, or fewer, than asked for")
class Unlimited(MemorySessions):
    def unbound(self, now: datetime, limit: int) -> Sequence[Session]:
        return super().unbound(now, len(self._records))


class TestWrongSessions(SessionsConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> SessionsUnderTest:
        sessions: MemorySessions = request.param.adapter()
        return SessionsUnderTest(
            sessions=sessions,
            store=sessions.add,
            private_goals=sessions.private_goals,
            viewers=sessions.viewers,
        )
