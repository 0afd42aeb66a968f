"""Sessions that break a promise about the neighbouring goals in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemorySessions
from show_goal.adapters.memory.session_goals import Record
from show_goal.core.model import Claim, ExclusiveGoalPair, Session, SessionKaraoke, ShowGoalPair
from show_goal.testing.conformance import SessionGoalsConformance, SessionGoalsUnderTest

from .breaking import Gap, WrongAdapters, alone

WRONG = WrongAdapters()
Place = Callable[[Record], Record | None]


@WRONG.breaks("SessionGoals.bound", "a redelivery gets the session, to send goal.added again", "SessionGoals.atomic")
class ARepeatIsNone(MemorySessions):
    @alone
    def bind_karaoke_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        record = self._records.get(session_id)
        stands = record is not None and record.karaoke_goal is not None and record.karaoke_goal.goal == claim.goal_id
        return None if stands else super().bind_karaoke_goal(session_id, claim, now)


@WRONG.breaks("SessionGoals.not_bound", "the session has ended in between")
class BindsInactive(MemorySessions):
    def _bind(self, session_id: str, place: Place) -> Session | None:
        with self._lock:
            record = self._records.get(session_id)
            placed = place(record) if record is not None else None
            return None if placed is None else self._put(placed)


@WRONG.breaks("SessionGoals.claim", "the session's claim is a private goal's, and was changed")
class ClaimsTheSession(MemorySessions):
    def bind_karaoke_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        bound = super().bind_karaoke_goal(session_id, claim, now)
        if bound is None:
            return None
        record = self._records[session_id]
        return self._put(evolve(record, session=evolve(record.session, claim=claim)))


@WRONG.breaks("SessionGoals.atomic", "one place, one goal")
class ChecksThenWrites(MemorySessions):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def _bind(self, session_id: str, place: Place) -> Session | None:
        record = self._records.get(session_id)
        placed = place(record) if record is not None and record.session.active else None
        with self._gap:
            return None if placed is None else self._put(placed)


@WRONG.breaks("bind_show_funding_goal.pushed", "the guard looks at the last pair alone", "bind_show_goal.set")
class PushesToTheFront(MemorySessions):
    @alone
    def bind_show_funding_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        known = self._records.get(session_id)
        before = known.show_goal_pairs if known is not None else ()
        bound = super().bind_show_funding_goal(session_id, claim, now)
        if bound is None or len(self._records[session_id].show_goal_pairs) == len(before):
            return bound
        record = self._records[session_id]
        return self._put(evolve(record, show_goal_pairs=(ShowGoalPair(funding_goal=claim.goal_id), *before)))


@WRONG.breaks("bind_show_goal.set", "the pair need not be the last")
class ShowOfTheLastPair(MemorySessions):
    def bind_show_goal(self, session_id: str, claim: Claim, now: datetime, *, funding_goal: str) -> Session | None:
        record = self._records.get(session_id)
        pairs = record.show_goal_pairs if record is not None else ()
        last = pairs[-1].funding_goal if pairs else funding_goal
        return super().bind_show_goal(session_id, claim, now, funding_goal=last)


@WRONG.breaks("bind_karaoke_goal.set", "it keeps nothing of the last one")
class KeepsTheLastProgress(MemorySessions):
    def bind_karaoke_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        known = self._records.get(session_id)
        before = known.karaoke_goal if known is not None else None
        bound = super().bind_karaoke_goal(session_id, claim, now)
        if bound is None or before is None or before.goal == claim.goal_id:
            return bound
        kept = SessionKaraoke(goal=claim.goal_id, progress=before.progress)
        return self._put(evolve(self._records[session_id], karaoke_goal=kept))


@WRONG.breaks("bind_trigger_exclusive_goal.set", "the next pair keeps nothing of the old one")
class KeepsTheLastExclusive(MemorySessions):
    def bind_trigger_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str
    ) -> Session | None:
        known = self._records.get(session_id)
        before = known.exclusive_goal_pairs.get(viewer_id) if known is not None else None
        bound = super().bind_trigger_exclusive_goal(session_id, claim, now, viewer_id=viewer_id)
        if bound is None or before is None or before.trigger_exclusive_goal == claim.goal_id:
            return bound
        record = self._records[session_id]
        kept = ExclusiveGoalPair(trigger_exclusive_goal=claim.goal_id, exclusive_goal=before.exclusive_goal)
        return self._put(evolve(record, exclusive_goal_pairs={**record.exclusive_goal_pairs, viewer_id: kept}))


@WRONG.breaks("bind_exclusive_goal.set", "that pair is another request's")
class ExclusiveOfAnyRequest(MemorySessions):
    def bind_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str, trigger_exclusive_goal: str
    ) -> Session | None:
        record = self._records.get(session_id)
        pair = record.exclusive_goal_pairs.get(viewer_id) if record is not None else None
        request = pair.trigger_exclusive_goal if pair is not None else trigger_exclusive_goal
        return super().bind_exclusive_goal(session_id, claim, now, viewer_id=viewer_id, trigger_exclusive_goal=request)


@WRONG.breaks("end_embedded_goal.written", "the guard does not see the end")
class EndsNoFunding(MemorySessions):
    def end_embedded_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        super().end_embedded_goal(session_id, goal_id, ended=ended)
        record = self._records.get(session_id)
        if record is not None and record.session.active and len(record.show_goal_pairs) == 1:
            (pair,) = record.show_goal_pairs
            if pair.show_goal is None and record.karaoke_goal is None and goal_id == pair.funding_goal:
                self._put(evolve(record, show_goal_pairs=(evolve(pair, funding_ended=None),)))


@WRONG.breaks("end_embedded_goal.once", "a second end replaced the first", "SessionGoals.atomic")
class TheLastEndStands(MemorySessions):
    def end_embedded_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        record = self._records.get(session_id)
        karaoke = record.karaoke_goal if record is not None else None
        if record is not None and karaoke is not None and karaoke.goal == goal_id:
            self._put(evolve(record, karaoke_goal=evolve(karaoke, goal_ended=ended)))
        else:
            super().end_embedded_goal(session_id, goal_id, ended=ended)


@WRONG.breaks("end_embedded_goal.inactive", "the session need not be active")
class EndsInActiveSessions(MemorySessions):
    def end_embedded_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        if self.fetch_active(session_id) is not None:
            super().end_embedded_goal(session_id, goal_id, ended=ended)


@WRONG.breaks("end_embedded_goal.nowhere", "KeyError(")
class RaisesForAMissingSession(MemorySessions):
    def end_embedded_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        if session_id not in self._records:
            raise KeyError(session_id)
        super().end_embedded_goal(session_id, goal_id, ended=ended)


@WRONG.breaks("progress_karaoke_goal.grows", "progress went back")
class ProgressGoesBack(MemorySessions):
    def progress_karaoke_goal(self, session_id: str, goal_id: str, progress: int) -> None:
        record = self._records.get(session_id)
        karaoke = record.karaoke_goal if record is not None else None
        if record is not None and karaoke is not None and karaoke.goal == goal_id:
            self._put(evolve(record, karaoke_goal=evolve(karaoke, progress=progress)))


@WRONG.breaks("drop_exclusive_goal_pair.dropped", "another session, or goal, was changed")
class DropsWhatHasAShow(MemorySessions):
    def drop_exclusive_goal_pair(self, session_id: str, viewer_id: str, goal_id: str) -> None:
        record = self._records.get(session_id)
        pair = record.exclusive_goal_pairs.get(viewer_id) if record is not None else None
        if record is not None and pair is not None and pair.trigger_exclusive_goal == goal_id:
            others = {other: kept for other, kept in record.exclusive_goal_pairs.items() if other != viewer_id}
            self._put(evolve(record, exclusive_goal_pairs=others))


class TestWrongSessionGoals(SessionGoalsConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> SessionGoalsUnderTest:
        sessions: MemorySessions = request.param.adapter()
        return SessionGoalsUnderTest(
            sessions=sessions,
            store=sessions.add,
            show_goal_pairs=sessions.show_goal_pairs,
            karaoke_goal=sessions.karaoke_goal,
            exclusive_goal_pairs=sessions.exclusive_goal_pairs,
        )
