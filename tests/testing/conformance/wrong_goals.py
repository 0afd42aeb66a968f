"""Goals that break a promise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryGoals
from show_goal.core.errors import OngoingGoalExists
from show_goal.core.model import AT_ONCE, Contribution, Goal, Progress
from show_goal.core.names import TRIGGER_PRIVATE_GOAL
from show_goal.ports.page import read_place, write_place
from show_goal.testing.conformance import GoalsConformance
from show_goal.testing.conformance.examples import NOW, STREAMER, a_goal
from show_goal.testing.conformance.races import CALLERS

from .breaking import WrongAdapters, after, gap
from .wrong_pages import behind_the_exp, from_the_front, only, the_newest

WRONG = WrongAdapters(GoalsConformance, MemoryGoals, lambda goals: goals)


def stored(right: Any) -> dict[str, Goal]:
    goals: dict[str, Goal] = right.__self__._goals
    return goals


def changed(right: Any, goal: Goal | None, **changes: Any) -> Goal | None:
    """Store the goal with changes."""
    return goal and right.__self__._put(evolve(goal, **changes))


def active_only(right: Any, goal_id: str, *args: object, **kwargs: object) -> Goal | None:
    goal = stored(right)[goal_id]
    return right(goal_id, *args, **kwargs) if goal.active else goal


def private(goals: Any) -> list[Goal]:
    return [goal for goal in goals if goal._cls == TRIGGER_PRIVATE_GOAL]


def not_at(time: datetime) -> Any:
    return only(lambda goal: goal.exp != time)


for method in ("get", "end", "increment_progress", "announce", "link", "begin_show", "decide", "plan", "mark_settled"):
    WRONG.raises(method, "_goals", f"{method}.unknown")

WRONG.add("get.whole", "a field changed", get=after(lambda goal: evolve(goal, levels=[])))
WRONG.add("get.class", "not the bare class name", get=after(lambda goal: evolve(goal, _cls=f"Goal.{goal._cls}")))
WRONG.add(
    "get_many.found",
    "a field changed",
    get_many=lambda right, ids: {key: evolve(goal, levels=[1]) for key, goal in right(ids).items()},
)
WRONG.add("get_many.found", "that was not asked for", get_many=lambda right, ids: dict(stored(right)) if ids else {})
WRONG.add(
    "get_many.unknown",
    "hides a goal",
    get_many=lambda right, ids: right(ids) if set(ids) <= stored(right).keys() else {},
)
WRONG.add("insert.again", "changed the goal", insert=lambda right, goal: right.__self__._put(goal))
WRONG.add("insert.ongoing", "DID NOT RAISE", _refuse_a_second_ongoing=lambda right, goal: None)


def one_active_goal(right: Any, goal: Goal) -> None:
    for other in private(right.__self__.all()):
        if other.active and goal.active:
            raise OngoingGoalExists(other.id)


WRONG.add("insert.others", "OngoingGoalExists(", _refuse_a_second_ongoing=one_active_goal)


@WRONG.breaks("insert.ongoing", "active private goals in one session")
class ManyOngoingInARace(MemoryGoals):
    def insert(self, goal: Goal) -> Goal:
        if goal.id not in self._goals:
            self._refuse_a_second_ongoing(goal)
        with gap(self):
            return self._goals.setdefault(goal.id, goal)


def move_the_end(right: Any, goal_id: str, now: datetime, **by: Any) -> Goal | None:
    ended = right(goal_id, now, **by)
    return ended and changed(right, ended, exp=min(now, ended.exp or now))


def anybody_ends(right: Any, goal_id: str, now: datetime, *, streamer_id: str | None = None, **by: Any) -> Any:
    return right(goal_id, now, **by)


WRONG.add(
    "end.ends",
    "exp becomes min(exp, now)",
    end=lambda right, key, now, **by: right(key, stored(right)[key].exp or now, **by),
)
WRONG.add("end.once", "a second end changed the goal", end=move_the_end)
WRONG.add("end.streamer", "somebody else ended the goal", end=anybody_ends)


@WRONG.breaks("end.once", "the goal was agreed and refused")
class MergesAnswersInARace(MemoryGoals):
    def end(self, goal_id: str, now: datetime, *, metadata: Any = None, **by: Any) -> Goal | None:
        before = self._goals[goal_id]
        gap(self).wait()
        with self._lock:
            if before.active:
                merged = {**self._goals[goal_id].metadata, **(metadata or {})}
                self._put(evolve(before, active=False, exp=now, metadata=merged))
        gap(self).wait()
        return self._goals[goal_id]


def counting(other: Callable[[Goal, dict[str, Any]], dict[str, Any]]) -> Callable[..., Any]:
    """Count something else."""
    return lambda right, key, **by: right(key, **{**by, **other(stored(right)[key], by)})


WRONG.add(
    "increment_progress.counts", "grows by the amounts", increment_progress=counting(lambda goal, by: {"amount": 1})
)
WRONG.add(
    "increment_progress.once",
    "a repeat was counted",
    increment_progress=counting(lambda goal, by: {"insert_id": f"{by['insert_id']} {goal.progress}"}),
)
WRONG.add(
    "increment_progress.any_text",
    "the id became another one",
    increment_progress=counting(lambda goal, by: {"breakdown_id": by["breakdown_id"].replace(".", "_")}),
)


@WRONG.breaks("increment_progress.once", "with one increment")
class CountsAgainInARace(MemoryGoals):
    def increment_progress(self, goal_id: str, *, insert_id: str, **by: Any) -> Progress | None:
        known = bool(self.counted(goal_id, [insert_id]))
        with gap(self):
            again = "" if known else str(self._goals[goal_id].progress)
            return super().increment_progress(goal_id, insert_id=insert_id + again, **by)


@WRONG.breaks("increment_progress.once", "an old payment was counted again")
class ForgetsOldPayments(MemoryGoals):
    def increment_progress(self, goal_id: str, **by: Any) -> Progress | None:
        counted = self._contributions.get(goal_id, {})
        if len(counted) > CALLERS:
            del counted[next(iter(counted))]
        return super().increment_progress(goal_id, **by)


@WRONG.breaks("increment_progress.once", "the payments of another goal do not matter")
class CountsAnIdForOneGoal(MemoryGoals):
    def increment_progress(self, goal_id: str, *, insert_id: str, **by: Any) -> Progress | None:
        elsewhere = any(insert_id in counted for other, counted in self._contributions.items() if other != goal_id)
        if elsewhere:
            return Progress(goal=self._goals[goal_id], announce_in=AT_ONCE)
        return super().increment_progress(goal_id, insert_id=insert_id, **by)


def announcing(change: Callable[[Progress], Any]) -> Any:
    """Announce at another time."""
    return after(lambda progress: evolve(progress, announce_in=change(progress)))


def repeats_announce(announce_in: timedelta | None) -> Any:
    def wrong(right: Any, goal_id: str, *, insert_id: str, **by: Any) -> Progress | None:
        repeated = insert_id in right.__self__.counted(goal_id, [insert_id])
        progress: Progress | None = right(goal_id, insert_id=insert_id, **by)
        return evolve(progress, announce_in=announce_in) if progress and repeated else progress

    return wrong


def begins_no_second(right: Any, goal_id: str, insert_id: str, now: datetime) -> Progress | None:
    before = right.__self__._seconds.get(goal_id)
    progress: Progress | None = right(goal_id, insert_id, now)
    right.__self__._seconds[goal_id] = before
    return progress


def announces_in_a_race(right: Any, goal_id: str, **by: Any) -> Any:
    before = right.__self__._seconds.get(goal_id)
    with gap(right.__self__):
        if before is None:
            right.__self__._seconds.pop(goal_id, None)
        return right(goal_id, **by)


def announces_whatever_came(right: Any, goal_id: str, insert_id: str, now: datetime) -> Progress | None:
    goal = right.__self__.get(goal_id)
    return goal and Progress(goal=goal, announce_in=AT_ONCE)


def once_only(right: Any, goal_id: str, insert_id: str, now: datetime) -> Progress | None:
    second = right.__self__._seconds[goal_id]
    progress: Progress = right(goal_id, insert_id, now)
    return evolve(progress, announce_in=None) if second.by == insert_id else progress


def active_only_progress(right: Any, goal_id: str, **by: Any) -> Progress | None:
    goal = stored(right)[goal_id]
    progress: Progress | None = right(goal_id, **by) if goal.active else Progress(goal=goal, announce_in=None)
    return progress


def without_the_goal(right: Any, goal_id: str, **by: Any) -> Goal | None:
    contribution = Contribution(insert_id=by["insert_id"], viewer_id=by["breakdown_id"], amount=1, cost=1)
    right.__self__._contributions.setdefault(goal_id, {})[by["insert_id"]] = contribution
    return None


def whoever_counts(right: Any, goal_id: str, insert_ids: Any) -> Any:
    """Forget that a payment belongs to one goal."""
    goals = right.__self__._contributions.values()
    return [insert_id for insert_id in insert_ids if any(insert_id in counted for counted in goals)]


def listed_from(place: Callable[[str], str]) -> Any:
    """Begin each page elsewhere."""

    def page(right: Any, goal_id: str, limit: int, after: str | None = None) -> Any:
        if after is None:
            return right(goal_id, limit)
        exp, (insert_id,) = read_place(after)
        return right(goal_id, limit, write_place(exp, place(insert_id)))

    return page


def agreed_ever(right: Any, streamer_id: str, limit: int) -> list[Goal]:
    return [goal for goal in right.__self__.all() if goal.agreed and goal.streamer_id == streamer_id][:limit]


def ended_goals(right: Any, streamer_id: str, limit: int) -> list[Goal]:
    goals = [goal for goal in right.__self__.all() if not goal.active and goal.settlement is None]
    return [goal for goal in goals if goal.streamer_id == streamer_id][:limit]


def of_any_class(right: Any, streamer_id: str, limit: int) -> list[Goal]:
    return [goal for goal in ended_goals(right, streamer_id, limit) if goal.agreed]


def relink(right: Any, goal_id: str, name: str, other: str) -> Goal | None:
    goal = stored(right)[goal_id]
    return changed(right, goal, context={**goal.context, name: other})


WRONG.races("increment_progress.counts", "an increment was lost", "increment_progress", "_goals")
WRONG.add("increment_progress.late", "may come after the end", increment_progress=active_only_progress)
WRONG.races("end.once", "the goal as it ended", "end", "_goals", lambda goal: goal.active)
announced = "increment_progress.announced"
WRONG.add(announced, "the first announces at once", increment_progress=announcing(lambda progress: AT_ONCE))
WRONG.add(announced, "the first announces at once", increment_progress=announcing(lambda progress: None))
WRONG.add(announced, "a repeat announces as", increment_progress=repeats_announce(AT_ONCE))
WRONG.add(announced, "a repeat announces as", increment_progress=repeats_announce(None))
WRONG.add(announced, "not one at once", increment_progress=announces_in_a_race)
WRONG.add("announce.due", "came early", announce=announces_whatever_came)
WRONG.add("announce.due", "began a second", announce=begins_no_second)
WRONG.add("announce.later", "a later payment has announced", announce=announces_whatever_came)
WRONG.add("announce.again", "broken off", announce=once_only)
WRONG.add("contributions.listed", "a contribution is missing", contributions=only(lambda one: one.cost))
WRONG.add(
    "contributions.limit", "not more than", contributions=lambda right, goal_id, limit, after=None: right(goal_id, 99)
)
WRONG.add(
    "contributions.pages",
    "listed twice",
    contributions=listed_from(lambda place: f"{place[:-1]}{max(int(place[-1]) - 1, 0)}"),
)
WRONG.add("contributions.pages", "is missing", contributions=listed_from(lambda place: f"{place[:-1]}9"))
WRONG.add(
    "contributions.unknown", "there is no goal", increment_progress=without_the_goal, get=lambda right, key: a_goal()
)
WRONG.add("counted.counted", "not those that were counted for this goal", counted=whoever_counts)
WRONG.add("counted.unknown", "there is no goal", increment_progress=without_the_goal)
WRONG.add("link.linked", "the link is missing", link=active_only)
WRONG.add("link.once", "the first link was replaced", link=relink)
WRONG.races("link.once", "gets the stored link", "link", "_goals", lambda goal: len(goal.context) == 1)
WRONG.add("agreed.agreed", "missing", agreed=lambda right, *to: [])
WRONG.add("agreed.agreed", "another streamer's", agreed=lambda right, _, limit: right(STREAMER, limit))
WRONG.add("agreed.agreed", "is decided", agreed=agreed_ever)
WRONG.add("agreed.agreed", "not agreed to", agreed=ended_goals)
WRONG.add("agreed.agreed", "no private one", agreed=of_any_class)
WRONG.add("agreed.limit", "not so many", agreed=lambda right, who, limit: right(who, 99))
WRONG.add("agreed.limit", "not the last", agreed=lambda right, who, limit: [*reversed(right(who, 99))][:limit])
WRONG.add("begin_show.begun", "else changed", begin_show=lambda right, *to: changed(right, right(*to), metadata={}))
WRONG.add(
    "begin_show.once", "was replaced", begin_show=lambda right, key, at: changed(right, right(key, at), show_began=at)
)
WRONG.races("begin_show.once", "gets the stored moment", "begin_show", "_goals", lambda goal: goal.show_began is None)
WRONG.add(
    "begin_show.agreed",
    "its show began",
    begin_show=lambda right, key, at: changed(right, stored(right)[key], show_began=at),
)
WRONG.add("decide.decided", "something else", decide=lambda right, *to: changed(right, right(*to), metadata={}))
WRONG.add(
    "decide.once", "was replaced", decide=lambda right, key, way, *_: changed(right, right(key, way), settlement=way)
)
WRONG.races("decide.once", "gets the stored decision", "decide", "_goals", lambda goal: goal.settlement is None)
WRONG.add(
    "plan.planned",
    "planned is not all that changed",
    plan=lambda right, key, pages: right(key, pages) or changed(right, stored(right)[key], settled=True),
)
WRONG.add(
    "plan.most",
    "a page was forgotten",
    plan=lambda right, key, pages: changed(right, stored(right)[key], planned=pages) and None,
)


@WRONG.breaks("plan.most", "forgotten in a race")
class ForgetsInARace(MemoryGoals):
    def plan(self, goal_id: str, pages: int) -> None:
        before = self._goals[goal_id]
        with gap(self):
            came_first = pages == CALLERS  # as if: so its pages are written over, however the threads are scheduled
            if not came_first or self._goals[goal_id] == before:
                self._put(evolve(before, planned=max(before.planned, pages)))


WRONG.add(
    "mark_settled.settled",
    "settled is not all that changed",
    mark_settled=lambda right, key: right(key) or changed(right, stored(right)[key], settlement=None),
)
WRONG.add("overdue.due", "exp == now is overdue", overdue=not_at(NOW))
WRONG.add("overdue.limit", "not the oldest", overdue=the_newest)
WRONG.add("overdue.pages", "twice", overdue=from_the_front)
WRONG.add("overdue.pages", "missing", overdue=behind_the_exp)
WRONG.add("unsettled.due", "ended_before is included", unsettled=not_at(NOW))
WRONG.add("unsettled.due", "still held", unsettled=only(lambda goal: goal.settlement is None))
WRONG.add("unsettled.limit", "not so many", unsettled=lambda right, before, limit: right(before, 99))
WRONG.add("unsettled.pages", "twice", unsettled=from_the_front)
WRONG.add("unsettled.pages", "missing", unsettled=behind_the_exp)
