"""What :class:`show_goal.ports.goals.Goals` promises of goals that ended: shows, decisions, pages, what is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import pytest
from attrs import evolve

from ...core import names
from ...core.decision import Rule, Settlement, Why
from ...core.model import Goal
from ...ports.goals import Goals
from .examples import (
    EXP,
    GOAL,
    GOAL_2,
    MALFORMED_IDS,
    NOW,
    OVER,
    STREAMER,
    STREAMER_2,
    TICK,
    goal_ids,
)
from .goals_under_test import GoalsUnderTest
from .paging import all_pages
from .promise import Promise
from .races import CALLERS, at_once

NEIGHBOURS = (
    names.SHOW_FUNDING_GOAL,
    names.SHOW_GOAL,
    names.KARAOKE_GOAL,
    names.TRIGGER_EXCLUSIVE_GOAL,
    names.EXCLUSIVE_GOAL,
)


class SettlingConformance(GoalsUnderTest):
    """A part of ``GoalsConformance``."""

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
