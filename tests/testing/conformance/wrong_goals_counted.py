"""Goals that break a promise of counting, deciding or sweeping."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemoryGoals
from show_goal.core.model import Goal, Settlement
from show_goal.core.names import TRIGGER_PRIVATE_GOAL
from show_goal.ports.goals import Goals
from show_goal.testing.conformance import GoalsConformance

from .breaking import Gap, WrongAdapters

WRONG = WrongAdapters()


class CountingGoals(MemoryGoals):
    """Right, with what may go wrong in methods of their own."""

    def increment_progress(self, goal_id: str, **by: Any) -> Goal | None:
        return super().increment_progress(goal_id, **by)


@WRONG.breaks("increment_progress.counts", "progress, breakdown and insert_ids grow together")
class CountsOne(CountingGoals):
    def increment_progress(self, goal_id: str, **by: Any) -> Goal | None:
        return super().increment_progress(goal_id, **{**by, "amount": 1})


@WRONG.breaks("increment_progress.counts", "an increment was lost")
class LosesIncrements(CountingGoals):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def increment_progress(self, goal_id: str, **by: Any) -> Goal | None:
        before = self._goals.get(goal_id)
        with self._gap:
            if before is not None:
                self._goals[goal_id] = before
            return super().increment_progress(goal_id, **by)


@WRONG.breaks("increment_progress.once", "a repeat gets the goal as it stands")
class CountsAgain(CountingGoals):
    def increment_progress(self, goal_id: str, **by: Any) -> Goal | None:
        goal = self._goals.get(goal_id)
        known = goal is not None and by["insert_id"] in str(goal.metadata.get("insert_ids"))
        return super().increment_progress(goal_id, **{**by, "insert_id": by["insert_id"] + "again" * known})


@WRONG.breaks("increment_progress.late", "the report of a payment may come after the end")
class CountsActiveGoalsAlone(CountingGoals):
    def increment_progress(self, goal_id: str, **by: Any) -> Goal | None:
        goal = self._goals.get(goal_id)
        return super().increment_progress(goal_id, **by) if goal is not None and goal.active else goal


@WRONG.breaks("increment_progress.any_text", "an id was taken for a path, or came back as another")
class TakesDotsForPaths(CountingGoals):
    def increment_progress(self, goal_id: str, **by: Any) -> Goal | None:
        return super().increment_progress(goal_id, **{**by, "breakdown_id": by["breakdown_id"].replace(".", "_")})


@WRONG.breaks("increment_progress.unknown", "KeyError('zzzz")
class CountsRaising(CountingGoals):
    def increment_progress(self, goal_id: str, **by: Any) -> Goal | None:
        if goal_id not in self._goals:
            raise KeyError(goal_id)
        return super().increment_progress(goal_id, **by)


@WRONG.breaks("decide.decided", "something else was returned")
class ForgetsMetadata(MemoryGoals):
    def decide(self, goal_id: str, settlement: Settlement) -> Goal | None:
        goal = super().decide(goal_id, settlement)
        return goal and self._put(evolve(goal, metadata={}))


@WRONG.breaks("decide.once", "the escrow was decided a second time")
class DecidesAgain(MemoryGoals):
    def decide(self, goal_id: str, settlement: Settlement) -> Goal | None:
        goal = super().decide(goal_id, settlement)
        return goal and self._put(evolve(goal, settlement=settlement))


@WRONG.breaks("decide.once", "every caller gets the one decision")
class DecidesAgainInARace(MemoryGoals):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def decide(self, goal_id: str, settlement: Settlement) -> Goal | None:
        before = self._goals.get(goal_id)
        with self._gap:
            if before is not None and before.settlement is None:
                return self._put(evolve(before, settlement=settlement))
            return before


@WRONG.breaks("decide.unknown", "KeyError('zzzz")
class DecidesRaising(MemoryGoals):
    def decide(self, goal_id: str, settlement: Settlement) -> Goal | None:
        if goal_id not in self._goals:
            raise KeyError(goal_id)
        return super().decide(goal_id, settlement)


@WRONG.breaks("mark_settled.settled", "settled is all that changes")
class ForgetsTheDecision(MemoryGoals):
    def mark_settled(self, goal_id: str) -> None:
        super().mark_settled(goal_id)
        if goal_id in self._goals:
            self._put(evolve(self._goals[goal_id], settlement=None))


@WRONG.breaks("mark_settled.again", "KeyError('zzzz")
class MarksRaising(MemoryGoals):
    def mark_settled(self, goal_id: str) -> None:
        if goal_id not in self._goals:
            raise KeyError(goal_id)
        super().mark_settled(goal_id)


@WRONG.breaks("overdue.due", "exp == now has passed")
class NotAtExp(MemoryGoals):
    def overdue(self, now: datetime, limit: int) -> Sequence[Goal]:
        return [goal for goal in super().overdue(now, limit) if goal.exp != now]


@WRONG.breaks("overdue.limit", "these are not the oldest, or not so many")
class TheYoungestAreOverdue(MemoryGoals):
    def overdue(self, now: datetime, limit: int) -> Sequence[Goal]:
        found = super().overdue(now, len(self._goals))
        return found if len(found) <= 2 else found[::-1][:limit]


@WRONG.breaks("unsettled.due", "deciding moves no money yet")
class DecidedIsSettled(MemoryGoals):
    def unsettled(self, ended_before: datetime, limit: int) -> Sequence[Goal]:
        return [goal for goal in super().unsettled(ended_before, limit) if goal.settlement is None]


@WRONG.breaks("unsettled.due", "their escrows would stay held for ever")
class PrivateGoalsAloneAreUnsettled(MemoryGoals):
    def unsettled(self, ended_before: datetime, limit: int) -> Sequence[Goal]:
        return [goal for goal in super().unsettled(ended_before, limit) if goal._cls == TRIGGER_PRIVATE_GOAL]


@WRONG.breaks("unsettled.limit", "these are not the oldest, or not so many")
class EverythingIsUnsettled(MemoryGoals):
    def unsettled(self, ended_before: datetime, limit: int) -> Sequence[Goal]:
        return super().unsettled(ended_before, len(self._goals))


@WRONG.breaks("link.linked", "a show follows when its funding is over")
class LinksWhatIsActive(MemoryGoals):
    def link(self, goal_id: str, name: str, other: str) -> Goal | None:
        goal = self.get(goal_id)
        return super().link(goal_id, name, other) if goal is not None and goal.active else goal


@WRONG.breaks("link.once", "a second goal took the place of the first")
class TheLastLinkStays(MemoryGoals):
    def link(self, goal_id: str, name: str, other: str) -> Goal | None:
        goal = self._goals.get(goal_id)
        return goal and self._put(evolve(goal, context={**goal.context, name: other}))


@WRONG.breaks("link.unknown", "KeyError(")
class RaisesForAnUnknownGoal(MemoryGoals):
    def link(self, goal_id: str, name: str, other: str) -> Goal | None:
        if goal_id not in self._goals:
            raise KeyError(goal_id)
        return super().link(goal_id, name, other)


class TestWrongGoals(GoalsConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> Goals:
        goals: Goals = request.param.adapter()
        return goals
