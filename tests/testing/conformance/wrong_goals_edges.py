"""Goals that are wrong by a tick, or by one thing that is easily overlooked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from show_goal.testing.conformance.examples import NOW

from .breaking import WrongAdapters

WRONG = WrongAdapters()


@WRONG.breaks("get.whole", "exp = None is legal")
class AlwaysSomeExp(MemoryGoals):
    def get(self, goal_id: str) -> Goal | None:
        goal = super().get(goal_id)
        return goal and evolve(goal, exp=goal.exp or NOW)


@WRONG.breaks("insert.ongoing", "DID NOT RAISE")
class ExpiredIsNotOngoing(MemoryGoals):
    def _refuse_a_second_ongoing(self, goal: Goal) -> None:
        if not any(other.expired(NOW) for other in self.all()):
            super()._refuse_a_second_ongoing(goal)


@WRONG.breaks("insert.others", "OngoingGoalExists(", "overdue.due", "overdue.limit")
class OneGoalForAllSessions(MemoryGoals):
    def _refuse_a_second_ongoing(self, goal: Goal) -> None:
        for other in self.all():
            if goal.active and goal._cls == other._cls == TRIGGER_PRIVATE_GOAL and other.active:
                raise OngoingGoalExists(other.id)


@WRONG.breaks("end.ends", "a value was taken for an expression")
class TakesTextForExpressions(MemoryGoals):
    def end(self, goal_id: str, now: datetime, *, metadata: Mapping[str, object] | None = None, **by: Any) -> Any:
        goal = self.get(goal_id)
        told = {k: goal and goal.exp if v == "$exp" else v for k, v in (metadata or {}).items()}
        return super().end(goal_id, now, metadata=told, **by)


@WRONG.breaks("increment_progress.counts", "what costs nothing counts all the same")
class FreeDoesNotCount(MemoryGoals):
    def increment_progress(self, goal_id: str, **by: Any) -> Goal | None:
        return super().increment_progress(goal_id, **by) if by["cost"] else self.get(goal_id)


@WRONG.breaks("overdue.due", "it has ended")
class EndedIsOverdue(MemoryGoals):
    def overdue(self, now: datetime, limit: int) -> Sequence[Goal]:
        return self._oldest([goal for goal in self.all() if goal.expired(now)], limit)


@WRONG.breaks("unsettled.due", "ended at ended_before counts as before")
class NotAtItsEnd(MemoryGoals):
    def unsettled(self, ended_before: datetime, limit: int) -> Sequence[Goal]:
        return [goal for goal in super().unsettled(ended_before, limit) if goal.exp != ended_before]


@WRONG.breaks("unsettled.due", "it has not ended, although its exp has passed")
class ExpiredIsUnsettled(MemoryGoals):
    def unsettled(self, ended_before: datetime, limit: int) -> Sequence[Goal]:
        active = [goal for goal in self.overdue(ended_before, limit) if goal._cls == TRIGGER_PRIVATE_GOAL]
        return [*active, *super().unsettled(ended_before, limit)]


class TestWrongGoals(GoalsConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> Goals:
        goals: Goals = request.param.adapter()
        return goals
