"""What :class:`show_goal.ports.goals.Goals` promises of payments that count, and of announcing them."""

from __future__ import annotations

from functools import partial

import pytest

from ...ports.goals import Goals
from .examples import (
    GOAL,
    GOAL_2,
    NOW,
    ODD_USERS,
    SESSION_2,
    UNKNOWN_IDS,
    VIEWER,
    VIEWER_2,
    a_goal,
)
from .goals_under_test import GoalsUnderTest, contribution
from .paging import all_pages
from .promise import Promise
from .races import CALLERS, at_once

ANY_TEXT = Promise(Goals.increment_progress, "any_text", "takes_any_user_id")
MANY = 80
"""Payments: more than a store may remember in the goal itself."""


class ProgressConformance(GoalsUnderTest):
    """A part of ``GoalsConformance``."""

    @Promise(Goals.increment_progress, "counts")
    def test_a_payment_adds_to_progress_and_nothing_else_l1(self) -> None:
        self.inserted()
        self.increment("a", VIEWER, cost=90)
        self.increment("b", VIEWER_2, cost=0)
        grown = self.increment("c", VIEWER, amount=2, cost=1)
        assert grown == a_goal(progress=4), "progress grows by the amounts, and nothing else changes"
        assert self.goals.get(GOAL) == grown, "another goal is stored than was returned"

    @Promise(Goals.increment_progress, "counts")
    def test_many_increments_at_once_all_count_l1(self) -> None:
        self.inserted()
        ids = [f"insert {number:03}" for number in range(CALLERS)]
        at_once([partial(self.increment, insert_id, cost=2) for insert_id in ids])
        assert self.stored().progress == CALLERS, "an increment was lost"
        assert self.contributed() == [contribution(insert_id, cost=2) for insert_id in ids], "a contribution was lost"

    @Promise(Goals.increment_progress, "once")
    def test_an_insert_id_counts_once_l1(self) -> None:
        self.inserted()
        first = self.increment("a")
        assert self.increment("a", VIEWER_2, amount=7, cost=7) == first, "a repeat was counted"
        assert self.goals.get(GOAL) == first, "a repeat was counted"
        assert self.contributed() == [contribution("a")], "a repeat is a contribution of its own, or replaced the first"

    @Promise(Goals.increment_progress, "once")
    def test_an_insert_id_that_came_long_ago_counts_once_l1(self) -> None:
        self.inserted()
        ids = [f"insert {number:03}" for number in range(MANY)]
        for insert_id in [*ids, *ids[::7], *ids[:1]]:
            self.increment(insert_id)
        assert self.stored().progress == MANY, "an old payment was counted again"

    @Promise(Goals.increment_progress, "once")
    def test_of_many_repeats_at_once_one_counts_l1(self) -> None:
        self.inserted()
        answers = at_once([partial(self.increment, "a", cost=2)] * CALLERS)
        assert answers == [self.stored()] * CALLERS, "every caller gets the goal with one increment"
        assert self.stored().progress == 1, "one payment was counted twice"
        assert self.contributed() == [contribution("a", cost=2)], "one payment was counted twice"

    @Promise(Goals.increment_progress, "once")
    def test_a_payment_that_is_newer_than_a_goal_that_was_read_counts_once_l1(self) -> None:
        self.inserted()
        ids = [f"insert {number:03}" for number in range(MANY)]
        for insert_id in ids:
            before = self.stored()
            for _ in range(2):
                self.goals.increment_progress(
                    GOAL, amount=1, cost=1, breakdown_id=VIEWER, insert_id=insert_id, now=NOW, before=before
                )
        assert self.stored().progress == MANY, "a payment was counted twice, or not at all"
        assert self.contributed() == [contribution(insert_id) for insert_id in ids], "a contribution is missing"

    @Promise(Goals.increment_progress, "once")
    def test_two_goals_count_the_same_insert_id_l1(self) -> None:
        self.inserted(id=GOAL_2, conditions={"session_id": SESSION_2})
        self.inserted()
        self.goals.increment_progress(GOAL_2, amount=7, cost=7, breakdown_id=VIEWER, insert_id="a", now=NOW)
        assert self.increment("a").progress == 1, "the payments of another goal do not matter"
        assert self.contributed() == [contribution("a")], "the payments of another goal do not matter"

    @Promise(Goals.increment_progress, "late")
    def test_a_goal_that_has_ended_still_counts_l1(self) -> None:
        self.ended()
        grown = self.increment("a")
        assert (grown.active, grown.progress) == (False, 1), "the report of a payment may come after the end"

    @pytest.mark.parametrize("user_id", ODD_USERS)
    @ANY_TEXT
    def test_a_viewer_id_may_be_any_text_l1(self, user_id: str) -> None:
        self.inserted()
        self.increment("a", user_id)
        assert self.contributed() == [contribution("a", user_id)], "the id became another one"

    @Promise(Goals.increment_progress, "unknown")
    def test_an_unknown_goal_makes_no_progress(self) -> None:
        self.unknown(
            lambda goal_id: self.goals.increment_progress(
                goal_id, amount=1, cost=1, breakdown_id=VIEWER, insert_id="a", now=NOW
            )
        )

    @Promise(Goals.increment_progress, "announced")
    def test_progress_is_announced_at_once_and_at_the_end_of_a_busy_second(self) -> None:
        self.inserted()
        second = [self.paid(0.25 * number, f"{number}") for number in range(4)]
        assert second == [0, 0.75, None, None], "the first announces at once, the next one at the end of the second"
        assert self.paid(1, "next") == 0, "the second is over"
        assert self.paid(1.5, "late") == 0.5, "a second begins with the payment that announces at once"

    @Promise(Goals.increment_progress, "announced")
    def test_of_many_payments_at_once_one_announces_at_once_and_one_late(self) -> None:
        self.inserted()
        answers = at_once([partial(self.paid, 0, f"{number}") for number in range(CALLERS)])
        assert sorted(answers, key=str) == [0, 1, *[None] * (CALLERS - 2)], "not one at once, and one late"

    @Promise(Goals.increment_progress, "announced")
    def test_a_repeat_announces_as_the_first_call_may_have_broken_off(self) -> None:
        self.inserted()
        for insert_id in ("first", "late", "other"):
            self.paid(0, insert_id)
        repeated = [self.paid(0.5, insert_id) for insert_id in ("first", "late", "other")]
        assert repeated == [0, 0.5, None], "a repeat announces as its payment does, and no more often"
        assert self.paid(1.25, "other") == 0, "a repeat after the second announces nothing"
        assert self.paid(1.5, "first") == 0.75, "a repeat in a second does not ask for its end"
        assert self.stored().progress == 3, "a repeat was counted"

    @Promise(Goals.announce, "due")
    def test_a_late_announcement_is_due_at_the_end_of_the_second_and_begins_one(self) -> None:
        self.inserted()
        for insert_id in ("first", "late", "other"):
            self.paid(0, insert_id)
        assert self.due(0.75, "late") == 0.25, "the message came early"
        assert self.due(1, "late") == 0, "the second is over, and the progress was not announced"
        assert self.paid(1.25, "next") == 0.75, "the late announcement began a second"

    @Promise(Goals.announce, "later")
    def test_a_payment_after_the_second_announces_and_nothing_is_left_to_do(self) -> None:
        self.inserted()
        for seconds, insert_id in ((0, "first"), (0, "late"), (1, "next")):
            self.paid(seconds, insert_id)
        assert self.due(1, "late") is None, "a later payment has announced the progress"
        assert self.due(1, "another") is None, "nobody asked for it"
        self.paid(1.5, "late again")
        assert self.due(2, "late") is None, "another message announces it"
        assert self.due(2, "late again") == 0, "the progress was not announced"

    @Promise(Goals.announce, "again")
    def test_a_repeat_of_a_late_announcement_announces_again(self) -> None:
        self.inserted()
        for insert_id in ("first", "late"):
            self.paid(0, insert_id)
        assert [self.due(1, "late"), self.due(1.5, "late")] == [0, 0], "the first call may have broken off"

    @Promise(Goals.announce, "unknown")
    def test_progress_of_an_unknown_goal_is_not_announced(self) -> None:
        self.unknown(lambda goal_id: self.goals.announce(goal_id, "a", NOW))

    @Promise(Goals.contributions, "listed")
    def test_every_payment_that_counts_is_listed(self) -> None:
        self.inserted()
        self.increment("a", VIEWER, amount=2, cost=90)
        self.increment("b", VIEWER_2, cost=0)
        self.increment("c", VIEWER)
        expected = [contribution("a", amount=2, cost=90), contribution("b", VIEWER_2, cost=0), contribution("c")]
        assert self.contributed() == expected, "a contribution is missing, or not as it was counted"

    @Promise(Goals.contributions, "limit")
    def test_a_page_of_contributions_has_at_most_as_many_as_asked_for(self) -> None:
        self.inserted()
        for number in range(5):
            self.increment(f"insert {number}")
        for limit in (0, 1, 4):
            found = self.goals.contributions(GOAL, limit).items
            assert len(found) <= limit, f"{len(found)} contributions, and not more than {limit} were asked for"

    @Promise(Goals.contributions, "pages")
    def test_each_contribution_is_on_one_page_whatever_is_counted_meanwhile(self) -> None:
        self.inserted()
        ids = [f"insert {number:03}" for number in range(MANY)]
        for insert_id in ids:
            self.increment(insert_id)
        new = iter([f"{before} new {number:03}" for number in range(MANY) for before in ("a", "z")])
        found = all_pages(partial(self.goals.contributions, GOAL, 7), meanwhile=lambda items: self.increment(next(new)))
        listed = [one.insert_id for one in found if one.insert_id in ids]
        assert len(listed) == len({*listed}), "a contribution is listed twice"
        assert {*listed} == {*ids}, "a contribution is missing"

    @Promise(Goals.contributions, "unknown")
    def test_an_unknown_goal_has_no_contributions(self) -> None:
        for goal_id in UNKNOWN_IDS:
            self.goals.increment_progress(goal_id, amount=1, cost=1, breakdown_id=VIEWER, insert_id="a", now=NOW)
            assert [*self.goals.contributions(goal_id, 10).items] == [], f"there is no goal {goal_id!r}"

    @Promise(Goals.counted, "counted")
    def test_the_payments_that_count_are_told_from_others(self) -> None:
        self.inserted()
        self.inserted(id=GOAL_2, conditions={"session_id": SESSION_2})
        ids = [f"insert {number:03}" for number in range(MANY)]
        for insert_id in ids:
            self.increment(insert_id)
        self.goals.increment_progress(
            GOAL_2, amount=1, cost=1, breakdown_id=VIEWER, insert_id="another goal's", now=NOW
        )
        asked = [*ids[::5], ids[-1], "another goal's", "nobody's"]
        assert {*self.goals.counted(GOAL, asked)} == {*ids[::5], ids[-1]}, "not those that were counted for this goal"
        assert [*self.goals.counted(GOAL, [])] == [], "nothing was asked about"

    @Promise(Goals.counted, "unknown")
    def test_nothing_counts_for_an_unknown_goal(self) -> None:
        for goal_id in UNKNOWN_IDS:
            self.goals.increment_progress(goal_id, amount=1, cost=1, breakdown_id=VIEWER, insert_id="a", now=NOW)
            assert [*self.goals.counted(goal_id, ["a"])] == [], f"there is no goal {goal_id!r}"
