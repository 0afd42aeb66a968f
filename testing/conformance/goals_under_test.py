"""What the tests of :class:`show_goal.ports.goals.Goals` have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from ...core.model import Contribution, Goal, Progress
from ...ports.goals import Goals
from .examples import (
    GOAL,
    NOW,
    UNKNOWN_IDS,
    VIEWER,
    a_goal,
    goal_ids,
)
from .paging import all_pages
from .promise import Conformance


def contribution(insert_id: str, viewer_id: str = VIEWER, *, amount: int = 1, cost: int = 1) -> Contribution:
    return Contribution(insert_id=insert_id, viewer_id=viewer_id, amount=amount, cost=cost)


def _seconds(progress: Progress | None) -> float | None:
    assert progress is not None, "the inserted goal is not found"
    return None if progress.announce_in is None else progress.announce_in.total_seconds()


class GoalsUnderTest(Conformance[Goals]):
    """``under_test`` returns the adapter, without goals."""

    takes_any_user_id = True
    """False for a store that accepts only one form of user id, for example ObjectIds."""

    def take(self, under_test: Goals) -> None:
        self.goals = under_test

    def inserted(self, **changes: object) -> Goal:
        return self.goals.insert(a_goal(**changes))

    def ended(self, **changes: object) -> Goal:
        self.inserted(**changes)
        self.goals.end(GOAL, NOW)
        return self.stored()

    def stored(self) -> Goal:
        goal = self.goals.get(GOAL)
        assert goal is not None, "the inserted goal is not found"
        return goal

    def increment(self, insert_id: str, breakdown_id: str = VIEWER, *, amount: int = 1, cost: int = 1) -> Goal:
        progress = self.goals.increment_progress(
            GOAL, amount=amount, cost=cost, breakdown_id=breakdown_id, insert_id=insert_id, now=NOW
        )
        assert progress is not None, "the inserted goal is not found"
        return progress.goal

    def paid(self, seconds: float, insert_id: str) -> float | None:
        """A payment counts so many seconds after ``NOW``. Returns in how many more its progress is announced."""
        now = NOW + timedelta(seconds=seconds)
        progress = self.goals.increment_progress(
            GOAL, amount=1, cost=1, breakdown_id=VIEWER, insert_id=insert_id, now=now
        )
        return _seconds(progress)

    def due(self, seconds: float, insert_id: str) -> float | None:
        """The late announcement is due so many seconds after ``NOW``. Returns in how many more it really is."""
        return _seconds(self.goals.announce(GOAL, insert_id, NOW + timedelta(seconds=seconds)))

    def contributed(self, limit: int = 100) -> list[Contribution]:
        """Every contribution, in the order of their ids."""
        ask = partial(self.goals.contributions, GOAL, limit)
        return sorted(all_pages(ask), key=lambda one: one.insert_id)

    def several(self, exps: Sequence[datetime | None], *, end: bool = False) -> None:
        """Insert private goals of different sessions."""
        for number, (goal_id, exp) in enumerate(zip(goal_ids(len(exps)), exps, strict=True)):
            self.inserted(id=goal_id, conditions={"session_id": f"5e55{number:020x}"}, exp=exp)
            if end:
                self.goals.end(goal_id, NOW + timedelta(days=1))

    def unknown(self, call: Callable[[str], object]) -> None:
        """Each unknown id gives None, and the goal that is stored does not change."""
        before = self.inserted()
        for goal_id in UNKNOWN_IDS:
            assert call(goal_id) is None, f"there is no goal {goal_id!r}"
        assert self.stored() == before, "another goal was changed"
