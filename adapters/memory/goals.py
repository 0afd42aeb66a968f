"""Goals in a dictionary."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock

from attrs import evolve, frozen

from ...core.decision import Settlement, Why
from ...core.errors import OngoingGoalExists
from ...core.interval import Interval
from ...core.model import ANNOUNCE_EVERY, AT_ONCE, Contribution, Goal, Progress
from ...core.names import TRIGGER_PRIVATE_GOAL
from ...core.names import renamed_transaction as renamed
from ...ports.page import Page
from .paging import page


@frozen
class Second:
    """In which progress is announced once: by the payment ``by``, and at its end because of the payment ``late``."""

    until: datetime
    by: str
    late: str | None = None


class MemoryGoals:
    def __init__(self) -> None:
        self._goals: dict[str, Goal] = {}
        self._contributions: dict[str, dict[str, Contribution]] = {}
        self._seconds: dict[str, Second] = {}
        self._lock = Lock()

    def all(self) -> list[Goal]:
        """Every goal, the first one first."""
        return list(self._goals.values())

    def get(self, goal_id: str) -> Goal | None:
        return self._goals.get(goal_id)

    def get_many(self, goal_ids: Collection[str]) -> Mapping[str, Goal]:
        return {goal_id: goal for goal_id in goal_ids if (goal := self._goals.get(goal_id)) is not None}

    def insert(self, goal: Goal) -> Goal:
        with self._lock:
            if goal.id not in self._goals:
                self._refuse_a_second_ongoing(goal)
            return self._goals.setdefault(goal.id, goal)

    def end(
        self,
        goal_id: str,
        now: datetime,
        *,
        streamer_id: str | None = None,
        metadata: Mapping[str, object] | None = None,
    ) -> Goal | None:
        with self._lock:
            goal = self._goals.get(goal_id)
            if goal is None or not goal.active or streamer_id not in (None, goal.streamer_id):
                return goal
            exp = now if goal.exp is None else min(goal.exp, now)
            return self._put(evolve(goal, active=False, exp=exp, metadata={**goal.metadata, **(metadata or {})}))

    def increment_progress(
        self,
        goal_id: str,
        *,
        amount: int,
        cost: int,
        breakdown_id: str,
        insert_id: str,
        now: datetime,
        before: Goal | None = None,
    ) -> Progress | None:
        with self._lock:
            goal = self._goals.get(goal_id)
            if goal is None:
                return None
            counted = self._contributions.setdefault(goal_id, {})
            if insert_id not in counted:
                counted[insert_id] = Contribution(insert_id=insert_id, viewer_id=breakdown_id, amount=amount, cost=cost)
                goal = self._put(evolve(goal, progress=goal.progress + amount))
            return Progress(goal=goal, announce_in=self._announce_in(goal_id, insert_id, now))

    def announce(self, goal_id: str, insert_id: str, now: datetime) -> Progress | None:
        with self._lock:
            goal, second = self._goals.get(goal_id), self._seconds.get(goal_id)
            if goal is None:
                return None
            if second is None or insert_id not in (second.by, second.late):
                return Progress(goal=goal, announce_in=None)
            if second.late == insert_id and second.until <= now:
                second = self._seconds[goal_id] = Second(now + ANNOUNCE_EVERY, insert_id)
            return Progress(goal=goal, announce_in=AT_ONCE if second.by == insert_id else second.until - now)

    def contributions(self, goal_id: str, limit: int, after: str | None = None) -> Page[Contribution]:
        counted = {} if self.get(goal_id) is None else dict(self._contributions.get(goal_id, {}))
        return page(((None, insert_id, one) for insert_id, one in counted.items()), limit, after)

    def counted(self, goal_id: str, insert_ids: Collection[str]) -> Collection[str]:
        return self._contributions.get(goal_id, {}).keys() & set(insert_ids)

    def link(self, goal_id: str, name: str, other: str) -> Goal | None:
        with self._lock:
            goal = self._goals.get(goal_id)
            if goal is None or goal.context.get(name) is not None:
                return goal
            return self._put(evolve(goal, context={**goal.context, name: other}))

    def agreed(self, streamer_id: str, limit: int) -> Sequence[Goal]:
        theirs = (goal for goal in self.all() if goal._cls == TRIGGER_PRIVATE_GOAL and goal.streamer_id == streamer_id)
        waiting = [goal for goal in theirs if not goal.active and goal.agreed and goal.settlement is None and goal.exp]
        return sorted(waiting, key=lambda goal: goal.exp or goal.id, reverse=True)[:limit]

    def begin_show(self, goal_id: str, at: datetime) -> Goal | None:
        with self._lock:
            goal = self._goals.get(goal_id)
            if goal is None or goal.show_began is not None or goal.agreed is None or goal.settlement is not None:
                return goal
            return self._put(evolve(goal, show_began=at))

    def record_on_sd(self, goal_id: str, was: Sequence[Interval], on_sd: Sequence[Interval]) -> Goal | None:
        with self._lock:
            goal = self._goals.get(goal_id)
            if goal is None or goal.agreed is None or goal.settlement is not None or [*goal.on_sd] != [*was]:
                return goal
            return self._put(evolve(goal, on_sd=tuple(on_sd)))

    def postpone(self, goal_id: str, ended: datetime, seen: datetime) -> None:
        with self._lock:
            goal = self._goals.get(goal_id)
            if goal is not None and goal.settlement is None:
                self._put(evolve(goal, postponed=ended, seen=seen))

    def decide(self, goal_id: str, settlement: Settlement, why: Why | None = None) -> Goal | None:
        with self._lock:
            goal = self._goals.get(goal_id)
            if goal is None or goal.settlement is not None:
                return goal
            return self._put(evolve(goal, settlement=settlement, why=why, postponed=None))

    def plan(self, goal_id: str, pages: int) -> None:
        with self._lock:
            goal = self._goals.get(goal_id)
            if goal is not None:
                self._put(evolve(goal, planned=max(goal.planned, pages)))

    def mark_settled(self, goal_id: str) -> None:
        with self._lock:
            goal = self._goals.get(goal_id)
            if goal is not None:
                self._put(evolve(goal, settled=True))

    def overdue(self, now: datetime, limit: int, after: str | None = None) -> Page[Goal]:
        overdue = (goal for goal in self.all() if goal.active and goal.expired(now))
        return page(((goal.exp, goal.id, goal) for goal in overdue), limit, after)

    def unsettled(self, ended_before: datetime, limit: int, after: str | None = None) -> Page[Goal]:
        ended = (goal for goal in self.all() if not goal.active and goal.expired(ended_before) and not goal.settled)
        due = (goal for goal in ended if goal.postponed is None or goal.postponed <= ended_before)
        return page(((goal.exp, goal.id, goal) for goal in due), limit, after)

    def rename(self, user_id: str, alias: str) -> tuple[int, int, int]:
        """In settled goals, and in what counts for them: how many changed. And how many others name the user."""
        with self._lock:
            named = [goal for goal in self.all() if user_id in (goal.streamer_id, goal.triggered_by)]
            for goal in named:
                if goal.settled:
                    names = {key: alias for key in ("user_id", "triggered_by") if goal.metadata.get(key) == user_id}
                    self._put(evolve(goal, metadata={**goal.metadata, **names}))
            settled = sum(goal.settled for goal in named)
            payments = sum(self._rename_payments(goal.id, user_id, alias) for goal in self.all() if goal.settled)
            return settled, payments, len(named) - settled

    def _rename_payments(self, goal_id: str, user_id: str, alias: str) -> int:
        counted = self._contributions.get(goal_id, {})
        theirs = [one for one in counted.values() if one.viewer_id == user_id]
        for one in theirs:
            insert_id = renamed(counted.pop(one.insert_id).insert_id, user_id, alias)
            counted[insert_id] = evolve(one, insert_id=insert_id, viewer_id=alias)
        return len(theirs)

    def _announce_in(self, goal_id: str, insert_id: str, now: datetime) -> timedelta | None:
        second = self._seconds.get(goal_id)
        if second is None or second.until <= now:
            self._seconds[goal_id] = Second(now + ANNOUNCE_EVERY, insert_id)
            return AT_ONCE
        if second.by == insert_id:
            return AT_ONCE
        if second.late is None:
            second = self._seconds[goal_id] = evolve(second, late=insert_id)
        return second.until - now if second.late == insert_id else None

    def _put(self, goal: Goal) -> Goal:
        self._goals[goal.id] = goal
        return goal

    def _refuse_a_second_ongoing(self, goal: Goal) -> None:
        if goal._cls != TRIGGER_PRIVATE_GOAL or not goal.active:
            return
        for other in self._goals.values():
            if other._cls == TRIGGER_PRIVATE_GOAL and other.active and other.session_id == goal.session_id:
                raise OngoingGoalExists(other.id)
