"""Goals: what ``link`` promises."""

from __future__ import annotations

from functools import partial

import pytest
from attrs import evolve

from ...ports.goals import Goals
from .examples import GOAL, GOAL_2, MALFORMED_IDS, UNKNOWN, a_goal
from .goals_suite import GoalsSuite, an_ended_goal, stored
from .promise import Promise
from .races import CALLERS, at_once

LINK = Promise(Goals.link, "linked", "Returns the goal as it stands, ended or not.")
LINK_ONCE = Promise(Goals.link, "once", "The first one linked stays, whoever races.")
LINK_UNKNOWN = Promise(Goals.link, "unknown", "None when the goal is unknown.")


class Linking(GoalsSuite):
    """A goal names the one that follows it."""

    @LINK
    def test_a_goal_is_linked_with_the_one_that_follows_it_l5(self, goals: Goals) -> None:
        goals.insert(a_goal(context={"type": "show"}))
        linked = goals.link(GOAL, "show_goal_id", GOAL_2)
        expected = evolve(a_goal(), context={"type": "show", "show_goal_id": GOAL_2})
        assert linked == expected, "linking does not return the goal as it stands"
        assert goals.get(GOAL) == expected, "the link is not all that changed"

    @LINK
    def test_a_goal_that_has_ended_is_linked_l5(self, goals: Goals) -> None:
        an_ended_goal(goals)
        linked = goals.link(GOAL, "show_goal_id", GOAL_2)
        assert linked is not None, "a show follows when its funding is over"
        assert linked.context.get("show_goal_id") == GOAL_2, "a show follows when its funding is over"

    @LINK_ONCE
    def test_the_first_link_stays_l5(self, goals: Goals) -> None:
        goals.insert(a_goal())
        first = goals.link(GOAL, "show_goal_id", GOAL_2)
        assert goals.link(GOAL, "show_goal_id", GOAL_2) == first, "a repeat changed something"
        assert goals.link(GOAL, "show_goal_id", UNKNOWN) == first, "a second goal took the place of the first"
        assert goals.get(GOAL) == first, "a second goal took the place of the first"

    @LINK_ONCE
    def test_of_many_links_at_once_one_stands_l5(self, goals: Goals) -> None:
        goals.insert(a_goal())
        others = [f"60a2{number:020x}" for number in range(CALLERS)]
        answers = at_once([partial(goals.link, GOAL, "show_goal_id", other) for other in others])
        assert stored(goals).context["show_goal_id"] in others, "none of them stands"
        assert answers == [stored(goals)] * CALLERS, "somebody was told of another link than the one that stands"

    @pytest.mark.parametrize("goal_id", [UNKNOWN, *MALFORMED_IDS])
    @LINK_UNKNOWN
    def test_an_unknown_goal_is_not_linked(self, goals: Goals, goal_id: str) -> None:
        goals.insert(a_goal())
        assert goals.link(goal_id, "show_goal_id", GOAL_2) is None, "there is no such goal"
        assert goals.get(GOAL) == a_goal(), "another goal was linked"
