"""Sessions that break a promise of ``end_trigger_private_goal``, ``admit_viewers`` or ``switch_preset``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemorySessions
from show_goal.core.model import ViewerPass
from show_goal.ports.sessions import PresetSwitch
from show_goal.testing.conformance import SessionsConformance, SessionsUnderTest

from .breaking import Gap, WrongAdapters

WRONG = WrongAdapters()
Passes = Mapping[str, ViewerPass]


@WRONG.breaks("end_trigger_private_goal.writes", "another goal was ended as well")
class EndsEveryGoal(MemorySessions):
    def end_trigger_private_goal(
        self, session_id: str, goal_id: str, *, ended: datetime, agreed: datetime | None
    ) -> None:
        super().end_trigger_private_goal(session_id, goal_id, ended=ended, agreed=agreed)
        record = self._records.get(session_id)
        if record is None or all(element.goal != goal_id for element in record.private_goals):
            return
        goals = tuple(evolve(goal, goal_ended=goal.goal_ended or ended) for goal in record.private_goals)
        self._replace(record, record.session, goals)


@WRONG.breaks("end_trigger_private_goal.first", "a second ending replaced the first")
class TheLastEndingStands(MemorySessions):
    def end_trigger_private_goal(
        self, session_id: str, goal_id: str, *, ended: datetime, agreed: datetime | None
    ) -> None:
        with self._lock:
            record = self._records.get(session_id)
            if record is not None:
                goals = (evolve(g, goal_ended=None) if g.goal == goal_id else g for g in record.private_goals)
                self._replace(record, record.session, tuple(goals))
        super().end_trigger_private_goal(session_id, goal_id, ended=ended, agreed=agreed)


@WRONG.breaks("end_trigger_private_goal.claim", "a claim without exp never ended")
class EndlessClaimsStay(MemorySessions):
    def end_trigger_private_goal(
        self, session_id: str, goal_id: str, *, ended: datetime, agreed: datetime | None
    ) -> None:
        before = self._records.get(session_id)
        super().end_trigger_private_goal(session_id, goal_id, ended=ended, agreed=agreed)
        if before is not None and before.session.claim is not None and before.session.claim.exp is None:
            record = self._records[session_id]
            self._records[session_id] = evolve(record, session=evolve(record.session, claim=before.session.claim))


@WRONG.breaks("end_trigger_private_goal.missing", "KeyError('zzzz")
class EndsRaising(MemorySessions):
    def end_trigger_private_goal(
        self, session_id: str, goal_id: str, *, ended: datetime, agreed: datetime | None
    ) -> None:
        if session_id not in self._records:
            raise KeyError(session_id)
        super().end_trigger_private_goal(session_id, goal_id, ended=ended, agreed=agreed)


@WRONG.breaks("end_trigger_private_goal.inactive", "the session need not be active")
class EndsInActiveSessionsAlone(MemorySessions):
    def end_trigger_private_goal(
        self, session_id: str, goal_id: str, *, ended: datetime, agreed: datetime | None
    ) -> None:
        if self._active(session_id):
            super().end_trigger_private_goal(session_id, goal_id, ended=ended, agreed=agreed)


@WRONG.breaks("admit_viewers.admits", "a pass was not replaced, or more than one")
class KeepsTheLongest(MemorySessions):
    def admit_viewers(self, session_id: str, viewers: Passes) -> None:
        record = self._records.get(session_id)
        standing = {} if record is None else record.viewers
        shorter = {v for v, p in viewers.items() if v in standing and p.duration < standing[v].duration}
        super().admit_viewers(session_id, {v: p for v, p in viewers.items() if v not in shorter})


@WRONG.breaks("admit_viewers.at_once", "a viewer who paid was forgotten")
class ForgetsViewers(MemorySessions):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def admit_viewers(self, session_id: str, viewers: Passes) -> None:
        before = self._records.get(session_id)
        with self._gap:
            if before is not None:
                self._records[session_id] = before
            super().admit_viewers(session_id, viewers)


@WRONG.breaks("admit_viewers.later", "a repeat for an old goal took a newer pass away")
class TheLastPassStands(MemorySessions):
    def admit_viewers(self, session_id: str, viewers: Passes) -> None:
        with self._lock:
            record = self._records.get(session_id)
            if record is not None:
                self._records[session_id] = evolve(record, viewers={**record.viewers, **viewers})


@WRONG.breaks("admit_viewers.any_text", "an id came back as another")
class TakesDotsForPaths(MemorySessions):
    def admit_viewers(self, session_id: str, viewers: Passes) -> None:
        super().admit_viewers(session_id, {viewer.replace(".", "_"): passed for viewer, passed in viewers.items()})


@WRONG.breaks("admit_viewers.missing", "a session that is inactive admits nobody")
class AdmitsToActiveSessionsAlone(MemorySessions):
    def admit_viewers(self, session_id: str, viewers: Passes) -> None:
        if self._active(session_id):
            super().admit_viewers(session_id, viewers)


@WRONG.breaks("switch_preset.switches", "something else was returned")
class SwitchingFreesTheSession(MemorySessions):
    def switch_preset(self, streamer_id: str, preset: str) -> PresetSwitch | None:
        switch = super().switch_preset(streamer_id, preset)
        return switch and evolve(switch, session=evolve(switch.session, claim=None))


@WRONG.breaks("switch_preset.none", "a session that has ended was switched")
class SwitchesWhatHasEnded(MemorySessions):
    def switch_preset(self, streamer_id: str, preset: str) -> PresetSwitch | None:
        switch = super().switch_preset(streamer_id, preset)
        for record in self._records.values():
            if switch is None and record.session.streamer_id == streamer_id:
                return PresetSwitch(session=evolve(record.session, preset=preset), from_preset=record.session.preset)
        return switch


@WRONG.breaks("switch_preset.at_once", "each switch says what was before it")
class SwitchesFromWhatItRead(MemorySessions):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def switch_preset(self, streamer_id: str, preset: str) -> PresetSwitch | None:
        read = [record.session.preset for record in self._records.values() if record.session.active]
        self._gap.wait()
        switch = super().switch_preset(streamer_id, preset)
        return switch and evolve(switch, from_preset=read[0])


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
