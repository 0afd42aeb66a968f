from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from show_goal.core.errors import GoalEnded, GoalNotFound, NotLoggedIn, Refused, SessionOver
from show_goal.core.messages import DeactivateGoal
from show_goal.core.model import Viewer
from show_goal.core.requests.answer_goal import Answered
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, a_goal
from tests.world import World


@pytest.fixture
def asked(world: World) -> World:
    """A platform on which STREAMER is asked by GOAL."""
    world.goals.insert(a_goal())
    return world


def answer(world: World, agree: bool, streamer_id: str | None = STREAMER, goal_id: str = GOAL) -> object:
    viewer = Viewer(id=streamer_id) if streamer_id else None
    return world.container.answer_goal()(goal_id, viewer, agree=agree)


@pytest.mark.parametrize(("agree", "added"), [(True, {"metadata": {"agreed": NOW.isoformat()}}), (False, {})])
def test_answer_triggers_deactivate_goal_with_the_lifecycles_arguments_L2(
    asked: World, agree: bool, added: dict[str, object]
) -> None:
    assert answer(asked, agree) == Answered(goal_id=GOAL, agree=agree)

    (message,) = asked.messages()
    assert message.arguments() == {
        "goal_id": GOAL,
        "filters": {"active": True, "metadata.user_id": STREAMER},
        "triggerer": STREAMER,
        **added,
    }


@pytest.mark.parametrize(
    ("goal_id", "streamer_id", "refusal"),
    [(GOAL, VIEWER, GoalNotFound), (GOAL_2, STREAMER, GoalNotFound), (GOAL, None, NotLoggedIn)],
)
def test_only_the_goals_streamer_answers_L2(
    asked: World, goal_id: str, streamer_id: str | None, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        answer(asked, True, streamer_id, goal_id)

    assert asked.messages() == []


def test_second_answer_is_refused_L2(asked: World) -> None:
    asked.agree(GOAL)

    with pytest.raises(GoalEnded):
        answer(asked, agree=False)


def test_answer_after_exp_is_refused_although_the_timer_is_late_L2(asked: World) -> None:
    asked.clock.move_to(EXP)

    with pytest.raises(GoalEnded):
        answer(asked, agree=True)


def test_answer_given_in_time_counts_although_its_task_is_late_L2(asked: World) -> None:
    asked.clock.move_to(EXP - timedelta(seconds=1))
    answer(asked, agree=True)
    asked.wait(2)

    goal = asked.goal(GOAL)
    assert (goal.agreed, goal.exp) == (EXP - timedelta(seconds=1), EXP)


@pytest.mark.parametrize("first", [True, False])
def test_of_two_answers_the_first_that_is_carried_out_counts_L2(asked: World, first: bool) -> None:
    answer(asked, first)
    answer(asked, not first)
    asked.run_due()

    goal = asked.goal(GOAL)
    assert (goal.agreed is not None, "cooldown" in goal.metadata) == (first, not first)
    assert asked.trace("deactivate_goal")["reason"] == "goal_ended"


def test_answer_that_is_carried_out_after_expiry_is_refused_L2(asked: World) -> None:
    answer(asked, agree=False)
    asked.goals.end(GOAL, NOW)
    asked.run_due()

    assert "cooldown" not in asked.goal(GOAL).metadata
    assert asked.trace("deactivate_goal")["outcome"] == "refused"


def test_message_with_another_streamers_id_ends_nothing_L2(asked: World) -> None:
    filters = {"active": True, "metadata.user_id": VIEWER}

    with pytest.raises(GoalEnded):
        asked.container.deactivate_goal()(DeactivateGoal(goal_id=GOAL, filters=filters, triggerer=VIEWER))

    assert asked.goal(GOAL).active


def test_nobody_agrees_to_a_show_in_a_session_that_is_over_F9(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.sessions.add(evolve(world.sessions.get(SESSION), active=False))

    with pytest.raises(SessionOver):
        world.agree(goal_id)
    world.refuse(goal_id)
    assert not world.goal(goal_id).active, "a refusal is taken"
