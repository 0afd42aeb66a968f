"""Goals: what ``overdue`` and ``unsettled`` promise."""

from __future__ import annotations

import pytest

from ...core.model import Settlement
from ...ports.goals import Goals
from .examples import EXP, GOAL, NOW, TICK, a_goal
from .goals_suite import NEIGHBOURS, GoalsSuite, an_ended_goal, exps_of, increment, several, stored
from .promise import Promise

OVERDUE = Promise(Goals.overdue, "due", "Goals, of every class, that are active although their exp has passed (D26).")
OVERDUE_LIMIT = Promise(Goals.overdue, "limit", "Up to ``limit`` of them are returned, the oldest first.")
UNSETTLED = Promise(
    Goals.unsettled,
    "due",
    "Goals, of every class, that ended at ``ended_before`` or earlier and are not settled (L3, N7).",
)
UNSETTLED_LIMIT = Promise(Goals.unsettled, "limit", "Up to ``limit`` of them are returned, the oldest first.")


class Sweeping(GoalsSuite):
    """The sweeper finds what was left undone."""

    @OVERDUE
    def test_a_goal_is_overdue_from_its_exp_on_d26(self, goals: Goals) -> None:
        several(goals, [NOW - TICK, NOW, NOW + TICK, None])
        assert exps_of(goals.overdue(NOW, 10)) == [NOW - TICK, NOW], "exp == now has passed; no exp never does"

    @OVERDUE
    def test_goals_are_overdue_as_they_stand(self, goals: Goals) -> None:
        goals.insert(a_goal())
        increment(goals, "a")
        assert [*goals.overdue(EXP, 1)] == [stored(goals)], "the goal is not returned as it stands"

    @pytest.mark.parametrize("_cls", NEIGHBOURS)
    @OVERDUE
    def test_goals_of_every_class_are_overdue_d26(self, goals: Goals, _cls: str) -> None:
        goals.insert(a_goal(_cls=_cls, context={"type": "show"}))
        assert len(goals.overdue(EXP, 10)) == 1, "a goal of another class is not found"

    @OVERDUE
    def test_a_goal_that_has_ended_is_not_overdue_d26(self, goals: Goals) -> None:
        an_ended_goal(goals)
        assert [*goals.overdue(EXP, 10)] == [], "it has ended"

    @pytest.mark.parametrize("limit", [0, 1, 3, 5, 9])
    @OVERDUE_LIMIT
    def test_the_oldest_are_overdue_first_and_no_more_than_asked_for_d26(self, goals: Goals, limit: int) -> None:
        exps = [NOW - TICK * age for age in (3, 1, 5, 2, 4)]
        several(goals, exps)
        assert exps_of(goals.overdue(NOW, limit)) == sorted(exps)[:limit], "these are not the oldest, or not so many"

    @UNSETTLED
    def test_a_goal_is_unsettled_from_its_end_on_l3(self, goals: Goals) -> None:
        several(goals, [NOW - TICK, NOW, NOW + TICK], end=True)
        assert exps_of(goals.unsettled(NOW, 10)) == [NOW - TICK, NOW], "ended at ended_before counts as before"

    @UNSETTLED
    def test_a_goal_is_unsettled_until_it_is_marked_l3(self, goals: Goals) -> None:
        an_ended_goal(goals)
        goals.decide(GOAL, Settlement.REFUNDED)
        assert [*goals.unsettled(EXP, 10)] == [stored(goals)], "deciding moves no money yet"
        goals.mark_settled(GOAL)
        assert [*goals.unsettled(EXP, 10)] == [], "nothing of it is held any more"

    @UNSETTLED
    def test_a_goal_that_is_active_is_not_unsettled_l3(self, goals: Goals) -> None:
        goals.insert(a_goal())
        assert [*goals.unsettled(EXP, 10)] == [], "it has not ended, although its exp has passed"

    @pytest.mark.parametrize("_cls", NEIGHBOURS)
    @UNSETTLED
    def test_goals_of_every_class_are_settled_n7(self, goals: Goals, _cls: str) -> None:
        goals.insert(a_goal(_cls=_cls, context={"type": "show"}))
        goals.end(GOAL, NOW)
        assert len(goals.unsettled(EXP, 10)) == 1, "their escrows would stay held for ever"

    @pytest.mark.parametrize("limit", [0, 1, 3, 5, 9])
    @UNSETTLED_LIMIT
    def test_the_oldest_are_unsettled_first_and_no_more_than_asked_for_l3(self, goals: Goals, limit: int) -> None:
        exps = [NOW - TICK * age for age in (3, 1, 5, 2, 4)]
        several(goals, exps, end=True)
        assert exps_of(goals.unsettled(NOW, limit)) == sorted(exps)[:limit], "these are not the oldest, or not so many"
