"""Goals that break a promise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryGoals
from show_goal.core.errors import OngoingGoalExists
from show_goal.core.model import Goal
from show_goal.core.names import TRIGGER_PRIVATE_GOAL
from show_goal.testing.conformance import GoalsConformance
from show_goal.testing.conformance.examples import NOW

from .breaking import WrongAdapters, gap

WRONG = WrongAdapters(GoalsConformance, MemoryGoals, lambda goals: goals)


def stored(right: Any) -> dict[str, Goal]:
    goals: dict[str, Goal] = right.__self__._goals
    return goals


def changed(right: Any, goal: Goal | None, **changes: Any) -> Goal | None:
    """Store the goal with changes."""
    return goal and right.__self__._put(evolve(goal, **changes))


def active(right: Any, goal_id: str) -> bool:
    return goal_id in stored(right) and stored(right)[goal_id].active


def private(goals: Any) -> list[Goal]:
    return [goal for goal in goals if goal._cls == TRIGGER_PRIVATE_GOAL]


for method in ("get", "end", "increment_progress", "link", "decide", "mark_settled"):
    WRONG.raises(method, "_goals", f"{method}.unknown")

WRONG.add(
    "get.whole", "a field changed", get=lambda right, goal_id: (goal := right(goal_id)) and evolve(goal, levels=[])
)
WRONG.add(
    "get.whole",
    "without exp got one",
    get=lambda right, key: (goal := right(key)) and evolve(goal, exp=goal.exp or NOW),
)
WRONG.add(
    "get.class",
    "_cls is not the bare class name",
    get=lambda right, key: (goal := right(key)) and evolve(goal, _cls=f"Goal.{goal._cls}"),
)


@WRONG.breaks("insert.again", "made an ended goal active again")
class InsertsAgain(MemoryGoals):
    def insert(self, goal: Goal) -> Goal:
        known = self._goals.get(goal.id)
        if known is not None and not known.active:
            self._put(goal)
        return super().insert(goal) if known is None else known


WRONG.add("insert.again", "changed the goal", insert=lambda right, goal: right.__self__._put(goal))
WRONG.add("insert.ongoing", "DID NOT RAISE", _refuse_a_second_ongoing=lambda right, goal: None)
WRONG.add(
    "insert.ongoing",
    "DID NOT RAISE",
    _refuse_a_second_ongoing=lambda right, goal: any(g.expired(NOW) for g in stored(right).values()) or right(goal),
)


@WRONG.breaks("insert.ongoing", "active private goals in one session")
class ManyOngoingInARace(MemoryGoals):
    def insert(self, goal: Goal) -> Goal:
        if goal.id not in self._goals:
            self._refuse_a_second_ongoing(goal)
        with gap(self):
            return self._goals.setdefault(goal.id, goal)


def refuse(refuses: Callable[[Goal, Goal], bool]) -> Callable[[Any, Goal], None]:
    """Refuse a goal when any stored goal makes it so."""

    def check(right: Any, goal: Goal) -> None:
        for other in stored(right).values():
            if refuses(goal, other):
                raise OngoingGoalExists(other.id)

    return check


WRONG.add(
    "insert.others",
    "OngoingGoalExists(",
    _refuse_a_second_ongoing=refuse(
        lambda goal, other: goal.session_id == other.session_id and other._cls == goal._cls
    ),
)
WRONG.add("insert.others", "OngoingGoalExists(", _refuse_a_second_ongoing=refuse(lambda goal, other: other.active))

WRONG.add(
    "end.ends",
    "exp becomes min(exp, now)",
    end=lambda right, key, now, **by: right(key, getattr(stored(right).get(key), "exp", None) or now, **by),
)


@WRONG.breaks("end.ends", "metadata was not added as it is")
class ReplacesMetadata(MemoryGoals):
    def end(
        self,
        goal_id: str,
        now: datetime,
        *,
        streamer_id: str | None = None,
        metadata: Mapping[str, object] | None = None,
    ) -> Goal | None:
        ended = super().end(goal_id, now, streamer_id=streamer_id)
        return ended and self._put(evolve(ended, metadata=metadata or ended.metadata))


@WRONG.breaks("end.ends", "metadata was not added as it is")
class TakesTextForExpressions(MemoryGoals):
    def end(self, goal_id: str, now: datetime, *, metadata: Any = None, **by: Any) -> Goal | None:
        goal = self.get(goal_id)
        told = {k: goal and goal.exp if v == "$exp" else v for k, v in (metadata or {}).items()}
        return super().end(goal_id, now, metadata=told, **by)


WRONG.add(
    "end.once",
    "a second end changed the goal",
    end=lambda right, key, now, **by: changed(right, ended := right(key, now, **by), exp=min(now, ended.exp)),
)
WRONG.add(
    "end.once",
    "an inactive goal was ended again",
    end=lambda right, key, now, **by: changed(right, right(key, now, **by), exp=now),
)
WRONG.races("end.once", "every caller gets the goal as it ended", "end", "_goals", lambda goal: goal.active)


@WRONG.breaks("end.once", "the goal was agreed and refused")
class MergesAnswersInARace(MemoryGoals):
    def end(self, goal_id: str, now: datetime, *, metadata: Any = None, **by: Any) -> Goal | None:
        before = self._goals[goal_id]
        gap(self).wait()
        with self._lock:
            merged = {**self._goals[goal_id].metadata, **metadata} if before.active and metadata else before.metadata
            self._put(evolve(before, active=False, exp=now, metadata=merged))
        gap(self).wait()
        return self._goals[goal_id]


WRONG.add(
    "end.streamer",
    "somebody else ended the goal",
    end=lambda right, key, now, streamer_id=None, metadata=None: right(key, now, metadata=metadata),
)
WRONG.add(
    "end.streamer",
    "the goal is nobody's, and was ended",
    end=lambda right, key, now, streamer_id=None, metadata=None: right(
        key, now, metadata=metadata, streamer_id=streamer_id if stored(right)[key].streamer_id else None
    ),
)
WRONG.add(
    "increment_progress.counts",
    "grow together",
    increment_progress=lambda right, key, **by: right(key, **{**by, "amount": 1}),
)
WRONG.add(
    "increment_progress.counts",
    "grow together",
    increment_progress=lambda right, key, **by: right(key, **by) if by["cost"] else stored(right)[key],
)
WRONG.races("increment_progress.counts", "an increment was lost", "increment_progress", "_goals")
WRONG.add(
    "increment_progress.once",
    "a repeat was counted",
    increment_progress=lambda right, key, **by: right(
        key, **{**by, "insert_id": by["insert_id"] + str(stored(right)[key].progress)}
    ),
)


@WRONG.breaks("increment_progress.once", "every caller gets the goal with one increment")
class CountsAgainInARace(MemoryGoals):
    def increment_progress(self, goal_id: str, *, insert_id: str, **by: Any) -> Goal | None:
        known = insert_id in str(self._goals[goal_id].metadata.get("insert_ids"))
        with gap(self):
            again = "" if known else str(self._goals[goal_id].progress)
            return super().increment_progress(goal_id, insert_id=insert_id + again, **by)


WRONG.add(
    "increment_progress.late",
    "the report of a payment may come after the end",
    increment_progress=lambda right, key, **by: right(key, **by) if active(right, key) else stored(right)[key],
)
WRONG.add(
    "increment_progress.any_text",
    "the id became another one",
    increment_progress=lambda right, key, **by: right(
        key, **{**by, "breakdown_id": by["breakdown_id"].replace(".", "_")}
    ),
)
WRONG.add(
    "link.linked",
    "the link is missing",
    link=lambda right, key, *to: right(key, *to) if active(right, key) else stored(right)[key],
)
WRONG.add(
    "link.once",
    "the first link was replaced",
    link=lambda right, key, name, other: changed(
        right, goal := stored(right)[key], context={**goal.context, name: other}
    ),
)
WRONG.races("link.once", "every caller gets the stored link", "link", "_goals", lambda goal: len(goal.context) == 1)
WRONG.add("decide.decided", "something else changed", decide=lambda right, *to: changed(right, right(*to), metadata={}))
WRONG.add(
    "decide.once",
    "the first decision was replaced",
    decide=lambda right, key, settlement: changed(right, right(key, settlement), settlement=settlement),
)
WRONG.races(
    "decide.once", "every caller gets the stored decision", "decide", "_goals", lambda goal: goal.settlement is None
)
WRONG.add(
    "mark_settled.settled",
    "settled is not all that changed",
    mark_settled=lambda right, key: right(key) or changed(right, stored(right)[key], settlement=None),
)
WRONG.add(
    "overdue.due",
    "exp == now is overdue",
    overdue=lambda right, now, limit: [goal for goal in right(now, limit) if goal.exp != now],
)
WRONG.add(
    "overdue.due",
    "a goal that has ended is not overdue",
    overdue=lambda right, now, limit: [goal for goal in stored(right).values() if goal.expired(now)],
)
WRONG.add("overdue.due", "the goal is missing", overdue=lambda right, now, limit: private(right(now, limit)))
WRONG.add("overdue.limit", "not the oldest", overdue=lambda right, now, limit: [*right(now, 99)][::-1][:limit])
WRONG.add(
    "unsettled.due",
    "its money is still held",
    unsettled=lambda right, before, limit: [goal for goal in right(before, limit) if goal.settlement is None],
)
WRONG.add("unsettled.due", "its money is still held", unsettled=lambda right, *of: private(right(*of)))
WRONG.add(
    "unsettled.due",
    "an end at ended_before is included",
    unsettled=lambda right, before, limit: [goal for goal in right(before, limit) if goal.exp != before],
)
WRONG.add(
    "unsettled.due",
    "an active goal is not unsettled",
    unsettled=lambda right, before, limit: [*right(before, limit), *right.__self__.overdue(before, limit)],
)
WRONG.add("unsettled.limit", "not so many", unsettled=lambda right, before, limit: right(before, 99))
