"""Goals that break a promise about a show that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryGoals
from show_goal.core.interval import Interval
from show_goal.core.model import Goal
from show_goal.ports.page import Page
from show_goal.testing.conformance import GoalsConformance

from .breaking import WrongAdapters
from .wrong_goals import changed, stored

WRONG = WrongAdapters(GoalsConformance, MemoryGoals, lambda goals: goals)

for method in ("record_on_sd", "postpone"):
    WRONG.raises(method, "_goals", f"{method}.unknown")


def record_anyway(right: Any, goal_id: str, was: Any, on_sd: Sequence[Interval]) -> Goal | None:
    goal = stored(right)[goal_id]
    recordable = goal.agreed is not None and goal.settlement is None
    return changed(right, goal, on_sd=tuple(on_sd)) if recordable else goal


def record_whenever(right: Any, goal_id: str, was: Any, on_sd: Sequence[Interval]) -> Goal | None:
    goal = stored(right).get(goal_id)
    return changed(right, goal, on_sd=tuple(on_sd)) if goal is None or [*goal.on_sd] == [*was] else goal


def forget_when_it_was_seen(right: Any, goal_id: str, ended: Any, seen: Any) -> None:
    right(goal_id, ended, seen)
    if goal_id in stored(right):
        changed(right, stored(right)[goal_id], seen=None)


def postpone_anyway(right: Any, goal_id: str, ended: datetime, seen: datetime) -> None:
    if goal_id in stored(right):
        changed(right, stored(right)[goal_id], postponed=ended, seen=seen)


def decide_and_leave_it_postponed(right: Any, goal_id: str, *decision: Any) -> Goal | None:
    goal = stored(right)[goal_id]
    return changed(right, right(goal_id, *decision), postponed=goal.postponed)


WRONG.add(
    "record_on_sd.recorded",
    "something else changed",
    record_on_sd=lambda right, *to: changed(right, right(*to), progress=7) if to[0] in stored(right) else right(*to),
)
WRONG.add("record_on_sd.compared", "were replaced", record_on_sd=record_anyway)
WRONG.races("record_on_sd.compared", "gets what is stored", "record_on_sd", "_goals", lambda goal: not goal.on_sd)
WRONG.add("record_on_sd.agreed", "the goal is", record_on_sd=record_whenever)
WRONG.add("postpone.postponed", "or a time did not", postpone=forget_when_it_was_seen)
WRONG.add("postpone.undecided", "its money would wait", postpone=postpone_anyway)
WRONG.add("decide.decided", "it stays postponed", decide=decide_and_leave_it_postponed)


@WRONG.breaks("unsettled.postponed", "wrong")
class ListsWhatIsPostponed(MemoryGoals):
    def unsettled(self, ended_before: datetime, limit: int, after: str | None = None) -> Page[Goal]:
        as_if = MemoryGoals()
        as_if._goals = {goal.id: evolve(goal, postponed=None) for goal in self.all()}
        return as_if.unsettled(ended_before, limit, after)
