from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.core.errors import GoalEnded, GoalNotFound, NotLoggedIn
from show_goal.core.messages import DeactivateGoal
from show_goal.core.model import Viewer
from show_goal.core.requests.answer_goal import Answered
from tests.builders import EXP, GOAL, NOW, STREAMER, VIEWER, a_goal
from tests.world import World

SID = Viewer(id=STREAMER)


@pytest.fixture
def asked(world: World) -> World:
    """A platform on which STREAMER is asked by GOAL."""
    world.goals.insert(a_goal())
    return world


def test_agreement_triggers_deactivate_goal_with_the_lifecycles_arguments_L2(asked: World) -> None:
    assert asked.container.answer_goal()(GOAL, SID, agree=True) == Answered(goal_id=GOAL, agree=True)

    (queued,) = asked.task_queue.queued()
    assert queued.message.arguments() == {
        "goal_id": GOAL,
        "filters": {"active": True, "metadata.user_id": STREAMER},
        "triggerer": STREAMER,
        "metadata": {"agreed": NOW.isoformat()},
    }


def test_refusal_triggers_deactivate_goal_without_agreed_L2(asked: World) -> None:
    asked.container.answer_goal()(GOAL, SID, agree=False)

    (queued,) = asked.task_queue.queued()
    assert queued.message.arguments() == {
        "goal_id": GOAL,
        "filters": {"active": True, "metadata.user_id": STREAMER},
        "triggerer": STREAMER,
    }


def test_goal_of_somebody_else_is_not_found_L2(asked: World) -> None:
    with pytest.raises(GoalNotFound):
        asked.container.answer_goal()(GOAL, Viewer(id=VIEWER), agree=True)

    assert asked.task_queue.queued() == []


def test_unknown_goal_is_not_found_L2(world: World) -> None:
    with pytest.raises(GoalNotFound):
        world.container.answer_goal()(GOAL, SID, agree=True)


def test_nobody_logged_in_answers_nothing(asked: World) -> None:
    with pytest.raises(NotLoggedIn):
        asked.container.answer_goal()(GOAL, None, agree=True)


def test_second_answer_is_refused_L2(asked: World) -> None:
    asked.container.answer_goal()(GOAL, SID, agree=True)
    asked.run_due()

    with pytest.raises(GoalEnded):
        asked.container.answer_goal()(GOAL, SID, agree=False)


def test_answer_after_expiry_is_refused_although_the_timer_is_late_L2(asked: World) -> None:
    asked.clock.move_to(EXP)

    with pytest.raises(GoalEnded):
        asked.container.answer_goal()(GOAL, SID, agree=True)


def test_answer_given_in_time_stands_although_its_task_is_late_L2(asked: World) -> None:
    asked.clock.move_to(EXP - timedelta(seconds=1))
    asked.container.answer_goal()(GOAL, SID, agree=True)
    asked.clock.move_to(EXP + timedelta(seconds=1))
    asked.run_due()

    goal = asked.goals.get(GOAL)
    assert goal is not None
    assert (goal.agreed, goal.exp) == (EXP - timedelta(seconds=1), EXP)


@pytest.mark.parametrize("first", [True, False])
def test_of_two_answers_the_first_to_be_carried_out_stands_and_the_other_is_refused_L2(
    asked: World, first: bool
) -> None:
    for agree in (first, not first):
        asked.container.answer_goal()(GOAL, SID, agree=agree)
    asked.run_due()

    goal = asked.goals.get(GOAL)
    assert goal is not None
    assert (goal.agreed is not None) is first
    assert ("cooldown" in goal.metadata) is not first
    assert asked.trace("deactivate_goal")["reason"] == "goal_ended"


def test_answer_that_expiry_was_quicker_than_is_refused_L2(asked: World) -> None:
    asked.container.answer_goal()(GOAL, SID, agree=False)
    asked.goals.end(GOAL, NOW)
    asked.run_due()

    goal = asked.goals.get(GOAL)
    assert goal is not None
    assert "cooldown" not in goal.metadata
    assert asked.trace("deactivate_goal")["outcome"] == "refused"


def test_message_that_names_another_streamer_ends_nothing_L2(asked: World) -> None:
    message = DeactivateGoal(
        goal_id=GOAL, filters={"active": True, "metadata.user_id": VIEWER}, triggerer=VIEWER, metadata=None
    )

    with pytest.raises(GoalEnded):
        asked.container.deactivate_goal()(message)

    goal = asked.goals.get(GOAL)
    assert goal is not None
    assert goal.active
