"""Goals: what ``get`` and ``insert`` promise."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from ...core import names
from ...core.errors import OngoingGoalExists
from ...core.model import Goal, Settlement
from ...ports.goals import Goals
from .examples import EXP, GOAL, GOAL_2, MALFORMED_IDS, NOW, SESSION_2, TICK, UNKNOWN, VIEWER, a_goal
from .goals_suite import NEIGHBOURS, GoalsSuite, stored
from .promise import Promise
from .races import CALLERS, at_once

WHOLE = Promise(Goals.get, "whole", "The goal, every field of it as it stands.")
CLS = Promise(Goals.get, "class", "It is of any class, with the bare ``_cls`` (D5).")
UNKNOWN_GET = Promise(Goals.get, "unknown", "None when the goal is unknown or the id is malformed.")
INSERTED_AGAIN = Promise(Goals.insert, "again", "A goal that stands already is success, and stays as it stands (D19).")
ONE_ONGOING = Promise(
    Goals.insert,
    "ongoing",
    "Raises OngoingGoalExists with the other's id when the session has another active private goal: the backstop of D2,"
    " atomic whoever races.",
)
NOT_IN_THE_WAY = Promise(
    Goals.insert,
    "others",
    "Goals that have ended, of another session or of another class are in nobody's way.",
)


class Keeping(GoalsSuite):
    """Goals are put in and read."""

    @WHOLE
    def test_a_goal_is_read_as_it_was_inserted(self, goals: Goals) -> None:
        goal = a_goal(
            nbf=NOW,
            levels=[{"amount": 100}],
            metadata={**a_goal().metadata, "insert_ids": ["a", "b"], "cooldown": NOW},
            progress=3,
            breakdown={VIEWER: {"progress": 3, "cost": 90}},
            settlement=Settlement.REFUNDED,
            settled=True,
        )
        goals.insert(goal)
        assert goals.get(GOAL) == goal, "a goal changed on its way through the store"

    @WHOLE
    def test_a_goal_without_times_is_read_without_times(self, goals: Goals) -> None:
        goals.insert(a_goal(exp=None))
        assert goals.get(GOAL) == a_goal(exp=None), "exp = None is legal"

    @pytest.mark.parametrize("_cls", [names.TRIGGER_PRIVATE_GOAL, *NEIGHBOURS])
    @CLS
    def test_a_goal_of_any_class_has_its_bare_name_d5(self, goals: Goals, _cls: str) -> None:
        goals.insert(a_goal(_cls=_cls, context={}))
        assert stored(goals)._cls == _cls, "_cls is the bare class name at every boundary"

    @pytest.mark.parametrize("goal_id", [UNKNOWN, *MALFORMED_IDS])
    @UNKNOWN_GET
    def test_an_unknown_goal_is_none(self, goals: Goals, goal_id: str) -> None:
        goals.insert(a_goal())
        assert goals.get(goal_id) is None, "there is no such goal"

    @INSERTED_AGAIN
    def test_inserting_returns_the_goal(self, goals: Goals) -> None:
        assert goals.insert(a_goal()) == a_goal(), "something else was returned"

    @INSERTED_AGAIN
    def test_inserting_again_is_success_and_changes_nothing_d19(self, goals: Goals) -> None:
        goals.insert(a_goal())
        again = goals.insert(a_goal(exp=EXP + TICK, metadata={}))
        assert again == a_goal(), "a goal that stands already is returned as it stands"
        assert goals.get(GOAL) == a_goal(), "a redelivery changed the goal"

    @INSERTED_AGAIN
    def test_a_goal_that_ended_is_not_brought_back_d19(self, goals: Goals) -> None:
        goals.insert(a_goal())
        ended = goals.end(GOAL, NOW)
        assert goals.insert(a_goal()) == ended, "a redelivery gets the goal as it ended"
        assert goals.get(GOAL) == ended, "a redelivery made an ended goal active again"

    @INSERTED_AGAIN
    def test_of_the_same_goal_at_once_one_is_inserted_d19(self, goals: Goals) -> None:
        answers = at_once([partial(goals.insert, a_goal(progress=number)) for number in range(CALLERS)])
        assert answers == [stored(goals)] * CALLERS, "every caller gets the one goal that stands"

    @ONE_ONGOING
    def test_a_second_ongoing_private_goal_is_refused_d2(self, goals: Goals) -> None:
        goals.insert(a_goal())
        with pytest.raises(OngoingGoalExists) as refusal:
            goals.insert(a_goal(id=GOAL_2))
        assert refusal.value.goal_id == GOAL, "the refusal names the goal that is ongoing"
        assert goals.get(GOAL_2) is None, "a session has two ongoing private goals"

    @ONE_ONGOING
    def test_of_many_private_goals_at_once_one_is_inserted_d2(self, goals: Goals) -> None:
        ids = [f"60a1{number:020x}" for number in range(CALLERS)]
        answers = at_once([partial(goals.insert, a_goal(id=goal_id)) for goal_id in ids])
        inserted = [answer.id for answer in answers if isinstance(answer, Goal)]
        assert len(inserted) == 1, f"{len(inserted)} ongoing private goals in one session"
        others = [answer.goal_id for answer in answers if isinstance(answer, OngoingGoalExists)]
        assert others == inserted * (CALLERS - 1), "everybody else is told the id of the one"
        assert [goal_id for goal_id in ids if goals.get(goal_id) is not None] == inserted, "another stands as well"

    @ONE_ONGOING
    def test_a_goal_past_its_exp_is_ongoing_until_it_is_ended_d2(self, goals: Goals) -> None:
        goals.insert(a_goal(exp=NOW - timedelta(days=1)))
        with pytest.raises(OngoingGoalExists):
            goals.insert(a_goal(id=GOAL_2))

    @NOT_IN_THE_WAY
    def test_the_next_private_goal_follows_the_end_of_the_last(self, goals: Goals) -> None:
        goals.insert(a_goal())
        goals.end(GOAL, NOW)
        assert goals.insert(a_goal(id=GOAL_2)) == a_goal(id=GOAL_2), "a goal that has ended is in nobody's way"

    @NOT_IN_THE_WAY
    def test_each_session_has_its_own_private_goal(self, goals: Goals) -> None:
        goals.insert(a_goal())
        other = a_goal(id=GOAL_2, conditions={"session_id": SESSION_2})
        assert goals.insert(other) == other, "another session's goal is in nobody's way"

    @NOT_IN_THE_WAY
    def test_a_goal_inserted_as_inactive_is_in_nobodys_way(self, goals: Goals) -> None:
        goals.insert(a_goal())
        inactive = a_goal(id=GOAL_2, active=False)
        assert goals.insert(inactive) == inactive, "a goal that never was active is in nobody's way"

    @pytest.mark.parametrize("_cls", NEIGHBOURS)
    @NOT_IN_THE_WAY
    def test_goals_of_other_classes_may_be_many(self, goals: Goals, _cls: str) -> None:
        goals.insert(a_goal())
        for goal_id in (GOAL_2, UNKNOWN):
            neighbour = a_goal(id=goal_id, _cls=_cls, context={"type": "show"})
            assert goals.insert(neighbour) == neighbour, "only private goals are one a session"
