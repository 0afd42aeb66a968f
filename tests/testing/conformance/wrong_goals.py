"""Goals that break a promise of ``get``, ``insert`` or ``end``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemoryGoals
from show_goal.core.errors import OngoingGoalExists
from show_goal.core.model import Goal
from show_goal.core.names import TRIGGER_PRIVATE_GOAL
from show_goal.ports.goals import Goals
from show_goal.testing.conformance import GoalsConformance

from .breaking import Gap, WrongAdapters, alone

WRONG = WrongAdapters()


@WRONG.breaks("get.whole", "a goal changed on its way through the store")
class WithoutLevels(MemoryGoals):
    def get(self, goal_id: str) -> Goal | None:
        goal = super().get(goal_id)
        return goal and evolve(goal, levels=[])


@WRONG.breaks("get.class", "_cls is the bare class name at every boundary")
class DottedNames(MemoryGoals):
    def get(self, goal_id: str) -> Goal | None:
        goal = super().get(goal_id)
        if goal is None or goal._cls == TRIGGER_PRIVATE_GOAL:
            return goal
        return evolve(goal, _cls=f"Goal.{goal._cls}")


@WRONG.breaks("get.unknown", "ValueError('malformed')")
class RefusesMalformedIds(MemoryGoals):
    def get(self, goal_id: str) -> Goal | None:
        if len(goal_id) != 24:
            raise ValueError("malformed")
        return super().get(goal_id)


@WRONG.breaks("insert.again", "a redelivery made an ended goal active again")
class InsertedAgain(MemoryGoals):
    def insert(self, goal: Goal) -> Goal:
        ended = self._goals.get(goal.id)
        super().insert(goal)
        self._goals[goal.id] = goal
        return ended or goal


@WRONG.breaks("insert.again", "KeyError('60a1")
class RaisesForADuplicate(MemoryGoals):
    def insert(self, goal: Goal) -> Goal:
        if goal.id in self._goals:
            raise KeyError(goal.id)
        return super().insert(goal)


@WRONG.breaks("insert.ongoing", "DID NOT RAISE")
class ManyOngoing(MemoryGoals):
    def _refuse_a_second_ongoing(self, goal: Goal) -> None:
        pass


@WRONG.breaks("insert.ongoing", "ongoing private goals in one session")
class ManyOngoingInARace(MemoryGoals):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def insert(self, goal: Goal) -> Goal:
        if goal.id not in self._goals:
            self._refuse_a_second_ongoing(goal)
        with self._gap:
            return self._goals.setdefault(goal.id, goal)


@WRONG.breaks("insert.others", "OngoingGoalExists('goal 60a1")
class OneGoalASession(MemoryGoals):
    def _refuse_a_second_ongoing(self, goal: Goal) -> None:
        for other in self._goals.values():
            if other.session_id == goal.session_id:
                raise OngoingGoalExists(other.id)


class EndingGoals(MemoryGoals):
    """Right, with what may go wrong in methods of their own."""

    def end(self, goal_id: str, now: datetime, **answer: Any) -> Goal | None:
        return super().end(goal_id, now, **answer)


@WRONG.breaks("end.ends", "exp becomes min(exp, now)")
class KeepsExp(EndingGoals):
    def end(self, goal_id: str, now: datetime, **answer: Any) -> Goal | None:
        goal = self._goals.get(goal_id)
        return super().end(goal_id, goal.exp if goal is not None and goal.exp else now, **answer)


@WRONG.breaks("end.ends", "metadata is added to, and kept")
class ReplacesMetadata(EndingGoals):
    @alone
    def end(self, goal_id: str, now: datetime, *, metadata: Mapping[str, object] | None = None, **by: Any) -> Any:
        active = (goal := self._goals.get(goal_id)) is not None and goal.active
        ended = super().end(goal_id, now, metadata=metadata, **by)
        if ended is None or not metadata or not active or ended.active:
            return ended
        return self._put(evolve(ended, metadata=metadata))


@WRONG.breaks("end.once", "a goal that has ended is returned as it ended")
class EndsAgain(EndingGoals):
    def end(self, goal_id: str, now: datetime, **answer: Any) -> Goal | None:
        ended = super().end(goal_id, now, **answer)
        if ended is None or ended.active or ended.exp is None or ended.exp <= now:
            return ended
        return self._put(evolve(ended, exp=now))


@WRONG.breaks("end.once", "every caller gets the goal as it ended, once")
class EndsAgainInARace(EndingGoals):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def end(self, goal_id: str, now: datetime, **answer: Any) -> Goal | None:
        before = self._goals.get(goal_id)
        with self._gap:
            if before is not None and before.active:
                self._goals[goal_id] = before
            return super().end(goal_id, now, **answer)


@WRONG.breaks("end.streamer", "only the goal's streamer may answer")
class AnybodyAnswers(EndingGoals):
    def end(self, goal_id: str, now: datetime, *, streamer_id: str | None = None, **answer: Any) -> Goal | None:
        return super().end(goal_id, now, **answer)


@WRONG.breaks("end.unknown", "KeyError('zzzz")
class RaisesForUnknown(EndingGoals):
    def end(self, goal_id: str, now: datetime, **answer: Any) -> Goal | None:
        if goal_id not in self._goals:
            raise KeyError(goal_id)
        return super().end(goal_id, now, **answer)


class TestWrongGoals(GoalsConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> Goals:
        goals: Goals = request.param.adapter()
        return goals
