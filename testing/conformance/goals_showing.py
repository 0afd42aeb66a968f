"""What :class:`show_goal.ports.goals.Goals` promises of a show that goes on: its time on sd, and when to look again."""

from __future__ import annotations

from functools import partial

import pytest
from attrs import evolve

from ...core.decision import Settlement
from ...core.interval import Interval
from ...core.model import Goal
from ...ports.goals import Goals
from .examples import EXP, GOAL, NOW, OVER, TICK
from .goals_under_test import GoalsUnderTest
from .paging import all_pages
from .promise import Promise
from .races import CALLERS, at_once

BEGUN = (Interval(since=NOW),)
LEFT = (Interval(since=NOW, until=OVER), Interval(since=EXP))


class ShowingConformance(GoalsUnderTest):
    """A part of ``GoalsConformance``."""

    def an_agreed_goal(self) -> Goal:
        self.inserted()
        ended = self.goals.end(GOAL, NOW, metadata={"agreed": NOW})
        assert ended is not None, "the inserted goal is not found"
        return ended

    @Promise(Goals.record_on_sd, "recorded")
    def test_recording_the_time_on_sd_changes_nothing_else(self) -> None:
        goal = self.an_agreed_goal()
        assert self.goals.record_on_sd(GOAL, (), BEGUN) == evolve(goal, on_sd=BEGUN), "something else changed"
        assert self.goals.record_on_sd(GOAL, BEGUN, LEFT) == evolve(goal, on_sd=LEFT), "something else changed"
        assert self.stored() == evolve(goal, on_sd=LEFT), "another goal is stored than was returned"

    @Promise(Goals.record_on_sd, "compared")
    def test_time_on_sd_that_somebody_else_has_recorded_stays(self) -> None:
        self.an_agreed_goal()
        begun = self.goals.record_on_sd(GOAL, (), BEGUN)
        for was in ((), LEFT):
            assert self.goals.record_on_sd(GOAL, was, LEFT) == begun == self.stored(), "the intervals were replaced"

    @Promise(Goals.record_on_sd, "compared")
    def test_of_many_who_record_at_once_one_does(self) -> None:
        self.an_agreed_goal()
        given = [(Interval(since=NOW + n * TICK),) for n in range(CALLERS)]
        answers = at_once([partial(self.goals.record_on_sd, GOAL, (), one) for one in given])
        assert answers == [self.stored()] * CALLERS, "every caller gets what is stored"

    @pytest.mark.parametrize("what", ["active", "not agreed to", "decided"])
    @Promise(Goals.record_on_sd, "agreed")
    def test_only_an_agreed_goal_has_time_on_sd(self, what: str) -> None:
        goal = {"active": self.inserted, "not agreed to": self.ended, "decided": self.an_agreed_goal}[what]()
        goal = (self.goals.decide(GOAL, Settlement.REFUNDED) or goal) if what == "decided" else goal
        assert self.goals.record_on_sd(GOAL, (), BEGUN) == goal == self.stored(), f"the goal is {what}"

    @Promise(Goals.record_on_sd, "unknown")
    def test_an_unknown_goal_has_no_time_on_sd(self) -> None:
        self.unknown(lambda goal_id: self.goals.record_on_sd(goal_id, (), BEGUN))

    @Promise(Goals.postpone, "postponed")
    def test_postponing_sets_the_two_times_only(self) -> None:
        goal = self.an_agreed_goal()
        for ended in (EXP, OVER):
            self.goals.postpone(GOAL, ended, NOW)
            assert self.stored() == evolve(goal, postponed=ended, seen=NOW), "something else changed, or a time did not"

    @Promise(Goals.postpone, "undecided")
    def test_a_goal_whose_settlement_is_decided_is_not_postponed(self) -> None:
        self.an_agreed_goal()
        decided = self.goals.decide(GOAL, Settlement.RELEASED)
        self.goals.postpone(GOAL, OVER, NOW)
        assert self.stored() == decided, "its money would wait"

    @Promise(Goals.decide, "decided")
    def test_deciding_ends_that_the_goal_is_postponed(self) -> None:
        goal = self.an_agreed_goal()
        self.goals.postpone(GOAL, OVER, NOW)
        decided = evolve(goal, settlement=Settlement.RELEASED, seen=NOW)
        assert self.goals.decide(GOAL, Settlement.RELEASED) == decided == self.stored(), "it stays postponed"
        listed = all_pages(partial(self.goals.unsettled, NOW, 10))
        assert [one.id for one in listed] == [GOAL], "sweeps do not find it"

    @Promise(Goals.postpone, "unknown")
    def test_postponing_an_unknown_goal_is_no_error(self) -> None:
        self.unknown(lambda goal_id: self.goals.postpone(goal_id, EXP, NOW))

    @Promise(Goals.unsettled, "postponed")
    def test_a_goal_that_is_postponed_is_not_listed_before(self) -> None:
        self.an_agreed_goal()
        self.goals.postpone(GOAL, OVER, NOW)
        for before, listed in ((OVER - TICK, []), (OVER, [GOAL]), (OVER + TICK, [GOAL])):
            found = all_pages(partial(self.goals.unsettled, before, 10))
            assert [goal.id for goal in found] == listed, f"wrong {before - OVER} after its time"
