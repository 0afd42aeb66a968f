"""What :class:`show_goal.ports.goals.Goals` promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest
from attrs import evolve

from ...core import names
from ...core.errors import OngoingGoalExists
from ...core.model import Contribution, Goal, Progress, Rule, Settlement, Why
from ...ports.goals import Goals
from .examples import (
    EXP,
    GOAL,
    GOAL_2,
    MALFORMED_IDS,
    NOW,
    ODD_USERS,
    OVER,
    SESSION_2,
    STREAMER,
    STREAMER_2,
    TICK,
    UNKNOWN,
    UNKNOWN_IDS,
    VIEWER,
    VIEWER_2,
    a_goal,
    goal_ids,
)
from .paging import all_pages
from .promise import Conformance, Promise
from .races import CALLERS, at_once

NEIGHBOURS = (
    names.SHOW_FUNDING_GOAL,
    names.SHOW_GOAL,
    names.KARAOKE_GOAL,
    names.TRIGGER_EXCLUSIVE_GOAL,
    names.EXCLUSIVE_GOAL,
)
ANY_TEXT = Promise(Goals.increment_progress, "any_text", "takes_any_user_id")


MANY = 80
"""Payments: more than a store may remember in the goal itself."""


def contribution(insert_id: str, viewer_id: str = VIEWER, *, amount: int = 1, cost: int = 1) -> Contribution:
    return Contribution(insert_id=insert_id, viewer_id=viewer_id, amount=amount, cost=cost)


def _seconds(progress: Progress | None) -> float | None:
    assert progress is not None, "the inserted goal is not found"
    return None if progress.announce_in is None else progress.announce_in.total_seconds()


class GoalsConformance(Conformance[Goals]):
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

    @Promise(Goals.get, "whole")
    def test_a_goal_is_read_as_it_was_inserted(self) -> None:
        goal = self.inserted(
            nbf=NOW,
            levels=[{"amount": 100}],
            metadata={**a_goal().metadata, "cooldown": NOW},
            progress=3,
            settlement=Settlement.REFUNDED,
            planned=2,
            settled=True,
        )
        assert self.goals.get(GOAL) == goal, "a field changed"
        self.inserted(id=GOAL_2, conditions={"session_id": SESSION_2}, exp=None)
        endless = self.goals.get(GOAL_2)
        assert endless is not None, "the inserted goal is not found"
        assert endless.exp is None, "a goal without exp got one"

    @pytest.mark.parametrize("_cls", [names.TRIGGER_PRIVATE_GOAL, *NEIGHBOURS])
    @Promise(Goals.get, "class")
    def test_a_goal_has_its_bare_class_name_d5(self, _cls: str) -> None:
        self.inserted(_cls=_cls, context={})
        assert self.stored()._cls == _cls, "_cls is not the bare class name"

    @Promise(Goals.get, "unknown")
    def test_an_unknown_goal_is_none(self) -> None:
        self.unknown(self.goals.get)

    @Promise(Goals.insert, "again")
    def test_inserting_again_changes_nothing_d19(self) -> None:
        assert self.inserted() == a_goal(), "insert() returns the stored goal"
        again = self.inserted(exp=EXP + TICK, metadata={})
        assert again == self.stored() == a_goal(), "a redelivery changed the goal"
        ended = self.goals.end(GOAL, NOW)
        assert self.inserted() == ended == self.stored(), "a redelivery made an ended goal active again"

    @Promise(Goals.insert, "again")
    def test_of_many_inserts_of_a_goal_at_once_one_is_stored_d19(self) -> None:
        answers = at_once([partial(self.inserted, progress=number) for number in range(CALLERS)])
        assert answers == [self.stored()] * CALLERS, "every caller gets the stored goal"

    @pytest.mark.parametrize("exp", [EXP, NOW - timedelta(days=1)], ids=["live", "past its exp, and not ended"])
    @Promise(Goals.insert, "ongoing")
    def test_a_second_active_private_goal_is_refused_d2(self, exp: datetime) -> None:
        self.inserted(exp=exp)
        with pytest.raises(OngoingGoalExists) as refusal:
            self.inserted(id=GOAL_2)
        assert refusal.value.goal_id == GOAL, "the refusal names another goal"
        assert self.goals.get(GOAL_2) is None, "the session has two active private goals"

    @Promise(Goals.insert, "ongoing")
    def test_of_many_private_goals_at_once_one_is_stored_d2(self) -> None:
        ids = goal_ids(CALLERS)
        answers = at_once([partial(self.inserted, id=goal_id) for goal_id in ids])
        stored = [answer.id for answer in answers if isinstance(answer, Goal)]
        assert len(stored) == 1, f"{len(stored)} active private goals in one session"
        others = [answer.goal_id for answer in answers if isinstance(answer, OngoingGoalExists)]
        assert others == stored * (CALLERS - 1), "the refusals name the goal that is stored"
        assert [goal_id for goal_id in ids if self.goals.get(goal_id) is not None] == stored, "another is stored too"

    @Promise(Goals.insert, "others")
    def test_a_goal_that_has_ended_does_not_prevent_the_next(self) -> None:
        self.ended()
        assert self.inserted(id=GOAL_2) == a_goal(id=GOAL_2), "the last goal has ended"

    @pytest.mark.parametrize(
        "changes", [{"conditions": {"session_id": SESSION_2}}, {"active": False}], ids=["other session", "inactive"]
    )
    @Promise(Goals.insert, "others")
    def test_another_session_or_an_inactive_goal_is_not_refused(self, changes: dict[str, object]) -> None:
        self.inserted()
        other = a_goal(id=GOAL_2, **changes)
        assert self.goals.insert(other) == other, "only a second active goal of the session is refused"

    @pytest.mark.parametrize("_cls", NEIGHBOURS)
    @Promise(Goals.insert, "others")
    def test_a_session_may_have_many_goals_of_other_classes(self, _cls: str) -> None:
        self.inserted()
        for goal_id in (GOAL_2, UNKNOWN):
            neighbour = a_goal(id=goal_id, _cls=_cls, context={"type": "show"})
            assert self.goals.insert(neighbour) == neighbour, "only private goals are limited to one"

    @pytest.mark.parametrize(
        ("exp", "now", "ended"),
        [(EXP, EXP - TICK, EXP - TICK), (EXP, EXP, EXP), (EXP, EXP + TICK, EXP), (None, NOW, NOW)],
        ids=["before exp", "at exp", "after exp", "no exp"],
    )
    @Promise(Goals.end, "ends")
    def test_ending_sets_active_and_exp_only(self, exp: datetime | None, now: datetime, ended: datetime) -> None:
        self.inserted(exp=exp, nbf=NOW, progress=3)
        expected = a_goal(active=False, exp=ended, nbf=NOW, progress=3)
        assert self.goals.end(GOAL, now) == expected, "exp becomes min(exp, now)"
        assert self.goals.get(GOAL) == expected, "another goal is stored than was returned"

    @pytest.mark.parametrize("answer", [{"agreed": NOW}, {"cooldown": OVER}, {"note": "$exp"}, {}], ids=str)
    @Promise(Goals.end, "ends")
    def test_an_answer_is_added_to_the_metadata_l2(self, answer: dict[str, object]) -> None:
        self.inserted()
        expected = a_goal(active=False, exp=NOW, metadata={**a_goal().metadata, **answer})
        ended = self.goals.end(GOAL, NOW, streamer_id=STREAMER, metadata=answer)
        assert ended == expected, "metadata was not added as it is"
        assert self.goals.get(GOAL) == expected, "another goal is stored than was returned"

    @Promise(Goals.end, "once")
    def test_a_goal_ends_once_d26(self) -> None:
        self.inserted()
        first = self.goals.end(GOAL, NOW, streamer_id=STREAMER, metadata={"agreed": NOW})
        for now in (NOW - TICK, NOW + TICK):
            second = self.goals.end(GOAL, now, streamer_id=STREAMER, metadata={"cooldown": NOW})
            assert second == first == self.stored(), "a second end changed the goal"

    @Promise(Goals.end, "once")
    def test_a_goal_inserted_as_inactive_has_ended(self) -> None:
        goal = self.inserted(active=False)
        assert self.goals.end(GOAL, NOW) == goal, "an inactive goal was ended again"

    @Promise(Goals.end, "once")
    def test_of_many_ends_at_once_one_is_stored_d26(self) -> None:
        self.inserted()
        ends = [partial(self.goals.end, GOAL, NOW + TICK * number) for number in range(CALLERS)]
        assert at_once(ends) == [self.stored()] * CALLERS, "every caller gets the goal as it ended"

    @Promise(Goals.end, "once")
    def test_of_agreeing_and_refusing_at_once_one_is_stored_l2(self) -> None:
        self.inserted()
        answers = [{"agreed": NOW}, {"cooldown": NOW}] * (CALLERS // 2)
        ends = [partial(self.goals.end, GOAL, NOW, streamer_id=STREAMER, metadata=answer) for answer in answers]
        assert at_once(ends) == [self.stored()] * CALLERS, "every caller gets the goal as it ended"
        assert len(self.stored().metadata.keys() & {"agreed", "cooldown"}) == 1, "the goal was agreed and refused"

    @Promise(Goals.end, "streamer")
    def test_another_streamers_goal_is_returned_unchanged_l2(self) -> None:
        self.inserted()
        for streamer_id in (STREAMER_2, VIEWER, *MALFORMED_IDS):
            unchanged = self.goals.end(GOAL, NOW, streamer_id=streamer_id, metadata={"agreed": NOW})
            assert unchanged == a_goal() == self.stored(), "somebody else ended the goal"

    @pytest.mark.parametrize("metadata", [{}, {"user_id": None}])
    @Promise(Goals.end, "streamer")
    def test_no_streamer_can_end_a_goal_without_streamer_l2(self, metadata: dict[str, object]) -> None:
        goal = self.inserted(metadata=metadata)
        assert self.goals.end(GOAL, NOW, streamer_id=STREAMER) == goal, "the goal is nobody's, and was ended"

    @Promise(Goals.end, "unknown")
    def test_an_unknown_goal_is_not_ended(self) -> None:
        self.unknown(lambda goal_id: self.goals.end(goal_id, NOW))

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

    @pytest.mark.parametrize("active", [True, False])
    @Promise(Goals.link, "linked")
    def test_a_goal_is_linked_to_the_next_l5(self, active: bool) -> None:
        before = self.inserted() if active else self.ended()
        expected = evolve(before, context={**before.context, "show_goal_id": GOAL_2})
        assert self.goals.link(GOAL, "show_goal_id", GOAL_2) == expected, "the link is missing, or something changed"
        assert self.goals.get(GOAL) == expected, "another goal is stored than was returned"

    @Promise(Goals.link, "once")
    def test_the_first_link_stays_l5(self) -> None:
        self.inserted()
        first = self.goals.link(GOAL, "show_goal_id", GOAL_2)
        for other in (GOAL_2, UNKNOWN):
            assert self.goals.link(GOAL, "show_goal_id", other) == first == self.stored(), "the first link was replaced"

    @Promise(Goals.link, "once")
    def test_of_many_links_at_once_one_is_stored_l5(self) -> None:
        self.inserted()
        others = goal_ids(CALLERS)
        answers = at_once([partial(self.goals.link, GOAL, "show_goal_id", other) for other in others])
        assert self.stored().context["show_goal_id"] in others, "no link is stored"
        assert answers == [self.stored()] * CALLERS, "every caller gets the stored link"

    @Promise(Goals.link, "unknown")
    def test_an_unknown_goal_is_not_linked(self) -> None:
        self.unknown(lambda goal_id: self.goals.link(goal_id, "show_goal_id", GOAL_2))

    def agreed(self, **changes: object) -> Goal:
        """A goal that has ended now, by an agreement."""
        goal = self.inserted(**changes)
        ended = self.goals.end(goal.id, NOW, metadata={"agreed": NOW})
        assert ended is not None, "the inserted goal is not found"
        return ended

    @Promise(Goals.agreed, "agreed")
    def test_agreed_goals_are_listed_until_they_are_decided_d40(self) -> None:
        goal = self.agreed()
        assert [*self.goals.agreed(STREAMER, 10)] == [goal], "the agreed goal is missing or changed"
        assert [*self.goals.agreed(STREAMER_2, 10)] == [], "another streamer's goal is listed"
        self.goals.decide(GOAL, Settlement.REFUNDED)
        assert [*self.goals.agreed(STREAMER, 10)] == [], "the goal is decided"

    @Promise(Goals.agreed, "agreed")
    def test_no_other_goal_is_listed_as_agreed_d40(self) -> None:
        self.inserted()
        assert [*self.goals.agreed(STREAMER, 10)] == [], "the goal is active"
        self.goals.end(GOAL, NOW)
        assert [*self.goals.agreed(STREAMER, 10)] == [], "the goal was not agreed to"
        self.agreed(id=GOAL_2, _cls=names.SHOW_GOAL, context={})
        assert [*self.goals.agreed(STREAMER, 10)] == [], "the goal is no private one"
        for streamer_id in MALFORMED_IDS:
            assert [*self.goals.agreed(streamer_id, 10)] == [], f"{streamer_id!r} has no goal"

    @Promise(Goals.agreed, "limit")
    def test_the_goals_agreed_to_last_are_listed_first_d40(self) -> None:
        ids = goal_ids(4)
        for number, goal_id in enumerate(ids):
            self.inserted(id=goal_id, exp=EXP)
            self.goals.end(goal_id, NOW + number % 3 * TICK, metadata={"agreed": NOW})
        for limit in (0, 1, 2):
            listed = [goal.exp for goal in self.goals.agreed(STREAMER, limit)]
            assert listed == [NOW + 2 * TICK, NOW + TICK][:limit], "not the last ones, or not so many"

    @Promise(Goals.begin_show, "begun")
    def test_beginning_a_show_sets_its_time_only_d40(self) -> None:
        begun = evolve(self.agreed(), show_began=OVER)
        assert self.goals.begin_show(GOAL, OVER) == begun, "something else changed"
        assert self.goals.get(GOAL) == begun, "another goal is stored than was returned"

    @Promise(Goals.begin_show, "once")
    def test_the_first_moment_of_a_show_stays_d40(self) -> None:
        self.agreed()
        begun = self.goals.begin_show(GOAL, OVER)
        for other in (NOW, EXP):
            assert self.goals.begin_show(GOAL, other) == begun == self.stored(), "the first moment was replaced"

    @Promise(Goals.begin_show, "once")
    def test_of_many_moments_at_once_one_is_stored_d40(self) -> None:
        self.agreed()
        answers = at_once([partial(self.goals.begin_show, GOAL, OVER + n * TICK) for n in range(CALLERS)])
        assert self.stored().show_began is not None, "no moment is stored"
        assert answers == [self.stored()] * CALLERS, "every caller gets the stored moment"

    @pytest.mark.parametrize("what", ["active", "not agreed to", "decided"])
    @Promise(Goals.begin_show, "agreed")
    def test_only_the_show_of_an_agreed_goal_begins_d40(self, what: str) -> None:
        goal = {"active": self.inserted, "not agreed to": self.ended, "decided": self.agreed}[what]()
        goal = (self.goals.decide(GOAL, Settlement.REFUNDED) or goal) if what == "decided" else goal
        assert self.goals.begin_show(GOAL, OVER) == goal == self.stored(), f"the goal is {what}, and its show began"

    @Promise(Goals.begin_show, "unknown")
    def test_the_show_of_an_unknown_goal_does_not_begin(self) -> None:
        self.unknown(lambda goal_id: self.goals.begin_show(goal_id, NOW))

    @pytest.mark.parametrize("settlement", Settlement)
    @Promise(Goals.decide, "decided")
    def test_deciding_sets_the_settlement_only_l3(self, settlement: Settlement) -> None:
        seen = Why(rule=Rule.NO_SHOW, agreed=NOW, show_began=None, session_active=True)
        decided = evolve(self.ended(), settlement=settlement, why=seen)
        assert self.goals.decide(GOAL, settlement, seen) == decided, "something else changed"
        assert self.goals.get(GOAL) == decided, "another goal is stored than was returned"

    @Promise(Goals.decide, "decided")
    def test_a_decision_may_say_no_reason_d35(self) -> None:
        decided = evolve(self.ended(), settlement=Settlement.REFUNDED)
        assert self.goals.decide(GOAL, Settlement.REFUNDED) == decided, "something else changed"

    @pytest.mark.parametrize("settlement", Settlement)
    @Promise(Goals.decide, "once")
    def test_the_first_decision_stays_l3(self, settlement: Settlement) -> None:
        self.ended()
        decided = self.goals.decide(GOAL, settlement)
        for other in Settlement:
            assert self.goals.decide(GOAL, other) == decided == self.stored(), "the first decision was replaced"

    @Promise(Goals.decide, "once")
    def test_of_many_decisions_at_once_one_is_stored_l3(self) -> None:
        self.ended()
        answers = at_once([partial(self.goals.decide, GOAL, way) for way in Settlement] * (CALLERS // 2))
        assert answers == [self.stored()] * CALLERS, "every caller gets the stored decision"
        assert self.stored().settlement is not None, "nothing was decided"

    @Promise(Goals.decide, "unknown")
    def test_an_unknown_goal_is_not_decided(self) -> None:
        self.unknown(lambda goal_id: self.goals.decide(goal_id, Settlement.RELEASED))

    @Promise(Goals.plan, "planned")
    def test_the_pages_that_were_handed_out_are_recorded_d43(self) -> None:
        ended = self.ended()
        for pages in (1, 1, 2):
            self.goals.plan(GOAL, pages)
            assert self.stored() == evolve(ended, planned=pages), "planned is not all that changed"

    @Promise(Goals.plan, "most")
    def test_no_page_is_forgotten_d43(self) -> None:
        self.ended()
        self.goals.plan(GOAL, 3)
        self.goals.plan(GOAL, 2)
        assert self.stored().planned == 3, "a page was forgotten"

    @Promise(Goals.plan, "most")
    def test_the_most_pages_of_many_calls_at_once_stay_d43(self) -> None:
        self.ended()
        at_once([partial(self.goals.plan, GOAL, pages) for pages in range(CALLERS, 0, -1)])
        assert self.stored().planned == CALLERS, "a page was forgotten in a race"

    @Promise(Goals.plan, "unknown")
    def test_an_unknown_goal_has_no_plan(self) -> None:
        self.unknown(lambda goal_id: self.goals.plan(goal_id, 1))

    @Promise(Goals.mark_settled, "settled")
    def test_a_goal_is_marked_as_settled_l3(self) -> None:
        self.ended()
        self.goals.decide(GOAL, Settlement.REFUNDED)
        settled = evolve(self.stored(), settled=True)
        for _ in range(2):
            self.goals.mark_settled(GOAL)
            assert self.goals.get(GOAL) == settled, "settled is not all that changed"

    @Promise(Goals.mark_settled, "unknown")
    def test_an_unknown_goal_is_not_marked(self) -> None:
        self.unknown(self.goals.mark_settled)

    @Promise(Goals.overdue, "due")
    def test_a_goal_is_overdue_from_its_exp_on_d26(self) -> None:
        self.several([NOW - TICK, NOW, NOW + TICK, None])
        assert _exps(self.goals.overdue(NOW, 10).items) == [NOW - TICK, NOW], "exp == now is overdue, no exp never is"

    @pytest.mark.parametrize("_cls", [names.TRIGGER_PRIVATE_GOAL, *NEIGHBOURS])
    @Promise(Goals.overdue, "due")
    def test_goals_of_every_class_are_overdue_until_they_end_d26(self, _cls: str) -> None:
        self.inserted(_cls=_cls, context={"type": "show"})
        self.increment("a")
        assert [*self.goals.overdue(EXP, 10).items] == [self.stored()], "the goal is missing or changed"
        self.goals.end(GOAL, NOW)
        assert [*self.goals.overdue(EXP, 10).items] == [], "a goal that has ended is not overdue"

    @pytest.mark.parametrize("_cls", [names.TRIGGER_PRIVATE_GOAL, *NEIGHBOURS])
    @Promise(Goals.unsettled, "due")
    def test_goals_of_every_class_are_unsettled_until_they_are_marked_l3_n7(self, _cls: str) -> None:
        self.inserted(_cls=_cls, context={"type": "show"})
        assert [*self.goals.unsettled(EXP, 10).items] == [], "an active goal is not unsettled, also after its exp"
        self.goals.end(GOAL, NOW)
        self.goals.decide(GOAL, Settlement.REFUNDED)
        assert [*self.goals.unsettled(EXP, 10).items] == [self.stored()], "its money is still held"
        self.goals.mark_settled(GOAL)
        assert [*self.goals.unsettled(EXP, 10).items] == [], "a goal that is marked is not unsettled"

    @Promise(Goals.unsettled, "due")
    def test_a_goal_is_unsettled_from_its_end_on_l3(self) -> None:
        self.several([NOW - TICK, NOW, NOW + TICK], end=True)
        assert _exps(self.goals.unsettled(NOW, 10).items) == [NOW - TICK, NOW], "an end at ended_before is included"

    @pytest.mark.parametrize("limit", [0, 1, 3, 9])
    @Promise(Goals.overdue, "limit")
    def test_the_oldest_goals_are_overdue_first_up_to_limit_d26(self, limit: int) -> None:
        exps = [NOW - TICK * age for age in (3, 1, 5, 2, 4)]
        self.several(exps)
        assert _exps(self.goals.overdue(NOW, limit).items) == sorted(exps)[:limit], "not the oldest, or not so many"

    @pytest.mark.parametrize("limit", [0, 1, 3, 9])
    @Promise(Goals.unsettled, "limit")
    def test_the_oldest_goals_are_unsettled_first_up_to_limit_l3(self, limit: int) -> None:
        exps = [NOW - TICK * age for age in (3, 1, 5, 2, 4)]
        self.several(exps, end=True)
        assert _exps(self.goals.unsettled(NOW, limit).items) == sorted(exps)[:limit], "not the oldest, or not so many"

    @pytest.mark.parametrize("limit", [1, 2, 5, 9])
    @Promise(Goals.overdue, "pages")
    def test_each_overdue_goal_is_on_one_page_d43(self, limit: int) -> None:
        exps = [NOW - TICK * age for age in (2, 1, 2, 0, 2)]
        self.several(exps)
        found = all_pages(lambda after: self.goals.overdue(NOW, limit, after), self._end_the_first)
        assert _exps(found) == sorted(exps), "a goal is missing, twice or in the wrong place"
        assert len({goal.id for goal in found}) == len(exps), "a goal is there twice, in place of another"

    @pytest.mark.parametrize("limit", [1, 2, 5, 9])
    @Promise(Goals.unsettled, "pages")
    def test_each_unsettled_goal_is_on_one_page_d43(self, limit: int) -> None:
        exps = [NOW - TICK * age for age in (2, 1, 2, 0, 2)]
        self.several(exps, end=True)
        found = all_pages(lambda after: self.goals.unsettled(NOW, limit, after), self._settle_the_first)
        assert _exps(found) == sorted(exps), "a goal is missing, twice or in the wrong place"
        assert len({goal.id for goal in found}) == len(exps), "a goal is there twice, in place of another"

    def _end_the_first(self, page: Sequence[Goal]) -> None:
        self.goals.end(page[0].id, NOW)

    def _settle_the_first(self, page: Sequence[Goal]) -> None:
        self.goals.mark_settled(page[0].id)


def _exps(found: Sequence[Goal]) -> list[datetime | None]:
    return [goal.exp for goal in found]
