"""Goals: what ``increment_progress``, ``decide`` and ``mark_settled`` promise."""

from __future__ import annotations

from functools import partial

import pytest
from attrs import evolve

from ...core.model import Settlement
from ...ports.goals import Goals
from .examples import GOAL, MALFORMED_IDS, NOW, ODD_USERS, UNKNOWN, VIEWER, VIEWER_2, a_goal
from .goals_suite import GoalsSuite, an_ended_goal, increment, stored
from .promise import Promise
from .races import CALLERS, at_once

COUNTS = Promise(
    Goals.increment_progress,
    "counts",
    "One atomic update: progress += amount, breakdown.{breakdown_id}.progress += amount, and .cost += cost.",
)
ONCE = Promise(Goals.increment_progress, "once", "An ``insert_id`` counts once, whoever races.")
LATE = Promise(Goals.increment_progress, "late", "A goal that has ended counts all the same.")
ANY_TEXT = Promise(Goals.increment_progress, "any_text", "``breakdown_id`` may be any text.", "takes_any_user_id")
UNKNOWN_INCREMENT = Promise(Goals.increment_progress, "unknown", "None when the goal is unknown.")
DECIDED = Promise(Goals.decide, "decided", "Compare-and-set: decide what becomes of the escrow unless it is decided.")
DECIDED_ONCE = Promise(Goals.decide, "once", "A decision stands, whoever races.")
UNKNOWN_DECIDE = Promise(Goals.decide, "unknown", "None when the goal is unknown.")
SETTLED = Promise(
    Goals.mark_settled,
    "settled",
    "Nothing of the goal is held any more: ``settled`` is set, and nothing else.",
)
SETTLED_AGAIN = Promise(Goals.mark_settled, "again", "Repeating it, or naming an unknown goal, changes nothing.")


class Counting(GoalsSuite):
    """Payments are counted, and escrows are decided."""

    @COUNTS
    def test_progress_is_counted_by_viewer_l1(self, goals: Goals) -> None:
        goals.insert(a_goal())
        increment(goals, "a", VIEWER, cost=90)
        increment(goals, "b", VIEWER_2, cost=30)
        grown = increment(goals, "c", VIEWER, amount=2, cost=1)
        assert grown == a_goal(
            progress=4,
            breakdown={VIEWER: {"progress": 3, "cost": 91}, VIEWER_2: {"progress": 1, "cost": 30}},
            metadata={**a_goal().metadata, "insert_ids": ["a", "b", "c"]},
        ), "progress, breakdown and insert_ids grow together, and nothing else changes"
        assert goals.get(GOAL) == grown, "something else was stored"

    @ONCE
    def test_an_insert_id_counts_once_l1(self, goals: Goals) -> None:
        goals.insert(a_goal())
        first = increment(goals, "a")
        assert increment(goals, "a", VIEWER_2, amount=7, cost=7) == first, "a repeat gets the goal as it stands"
        assert goals.get(GOAL) == first, "a repeat was counted"

    @COUNTS
    def test_free_progress_counts_d11(self, goals: Goals) -> None:
        goals.insert(a_goal())
        grown = increment(goals, "a", cost=0)
        assert grown.breakdown == {VIEWER: {"progress": 1, "cost": 0}}, "what costs nothing counts all the same"

    @LATE
    def test_a_goal_that_has_ended_still_counts_what_was_paid_l1(self, goals: Goals) -> None:
        goals.insert(a_goal())
        goals.end(GOAL, NOW)
        grown = increment(goals, "a")
        assert (grown.active, grown.progress) == (False, 1), "the report of a payment may come after the end"

    @pytest.mark.parametrize("user_id", ODD_USERS)
    @ANY_TEXT
    def test_a_viewers_id_may_be_any_text_l1(self, goals: Goals, user_id: str) -> None:
        goals.insert(a_goal())
        increment(goals, "a", VIEWER, cost=1)
        increment(goals, "b", user_id, cost=2)
        grown = increment(goals, "c", user_id, cost=3)
        shares = {VIEWER: {"progress": 1, "cost": 1}, user_id: {"progress": 2, "cost": 5}}
        assert grown.breakdown == shares, "an id was taken for a path, or came back as another"
        assert stored(goals).breakdown == shares, "something else was stored"

    @pytest.mark.parametrize("user_id", ODD_USERS)
    @ANY_TEXT
    def test_a_goal_is_inserted_with_any_breakdown(self, goals: Goals, user_id: str) -> None:
        goal = a_goal(breakdown={user_id: {"progress": 1, "cost": 2}})
        goals.insert(goal)
        assert goals.get(GOAL) == goal, "a viewer's id came back as another"

    @pytest.mark.parametrize("goal_id", [UNKNOWN, *MALFORMED_IDS])
    @UNKNOWN_INCREMENT
    def test_an_unknown_goal_makes_no_progress(self, goals: Goals, goal_id: str) -> None:
        goals.insert(a_goal())
        grown = goals.increment_progress(goal_id, amount=1, cost=1, breakdown_id=VIEWER, insert_id="a")
        assert grown is None, "there is no such goal"
        assert goals.get(GOAL) == a_goal(), "another goal made progress"

    @COUNTS
    def test_of_many_increments_at_once_each_counts_l1(self, goals: Goals) -> None:
        goals.insert(a_goal())
        at_once([partial(increment, goals, f"insert {number}", cost=2) for number in range(CALLERS)])
        assert stored(goals).progress == CALLERS, "an increment was lost"
        assert stored(goals).breakdown == {VIEWER: {"progress": CALLERS, "cost": 2 * CALLERS}}, "an increment was lost"

    @ONCE
    def test_of_the_same_increment_at_once_one_counts_l1(self, goals: Goals) -> None:
        goals.insert(a_goal())
        answers = at_once([partial(increment, goals, "a", cost=2)] * CALLERS)
        assert answers == [stored(goals)] * CALLERS, "every caller gets the goal with the one increment"
        assert stored(goals).breakdown == {VIEWER: {"progress": 1, "cost": 2}}, "one payment was counted twice"

    @DECIDED
    @pytest.mark.parametrize("settlement", Settlement)
    def test_deciding_sets_the_settlement_alone_l3(self, goals: Goals, settlement: Settlement) -> None:
        decided = evolve(an_ended_goal(goals), settlement=settlement)
        assert goals.decide(GOAL, settlement) == decided, "something else was returned"
        assert goals.get(GOAL) == decided, "something else was stored"

    @pytest.mark.parametrize("settlement", Settlement)
    @DECIDED_ONCE
    def test_an_escrow_is_decided_once_l3(self, goals: Goals, settlement: Settlement) -> None:
        an_ended_goal(goals)
        decided = goals.decide(GOAL, settlement)
        for other in Settlement:
            assert goals.decide(GOAL, other) == decided, "the escrow was decided a second time"
        assert goals.get(GOAL) == decided, "the escrow was decided a second time"

    @DECIDED_ONCE
    def test_of_many_decisions_at_once_one_stands_l3(self, goals: Goals) -> None:
        an_ended_goal(goals)
        answers = at_once([partial(goals.decide, GOAL, settlement) for settlement in Settlement] * (CALLERS // 2))
        assert answers == [stored(goals)] * CALLERS, "every caller gets the one decision"
        assert stored(goals).settlement is not None, "nothing was decided"

    @pytest.mark.parametrize("goal_id", [UNKNOWN, *MALFORMED_IDS])
    @UNKNOWN_DECIDE
    def test_an_unknown_goal_is_not_decided(self, goals: Goals, goal_id: str) -> None:
        an_ended_goal(goals)
        assert goals.decide(goal_id, Settlement.RELEASED) is None, "there is no such goal"
        assert stored(goals).settlement is None, "another goal was decided"

    @SETTLED
    def test_a_goal_is_settled_and_stays_so_l3(self, goals: Goals) -> None:
        an_ended_goal(goals)
        goals.decide(GOAL, Settlement.REFUNDED)
        settled = evolve(stored(goals), settled=True)
        for _ in range(2):
            goals.mark_settled(GOAL)
            assert goals.get(GOAL) == settled, "settled is all that changes, and it may be repeated"

    @pytest.mark.parametrize("goal_id", [UNKNOWN, *MALFORMED_IDS])
    @SETTLED_AGAIN
    def test_marking_an_unknown_goal_changes_nothing(self, goals: Goals, goal_id: str) -> None:
        ended = an_ended_goal(goals)
        goals.mark_settled(goal_id)
        assert goals.get(GOAL) == ended, "another goal was marked"
