from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from show_goal.core.errors import GoalUnknown
from show_goal.core.messages import DeactivateGoal
from show_goal.core.model import Claim, Session
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, a_create_goal, a_goal, a_session
from tests.world import World


@pytest.fixture
def ongoing(world: World) -> World:
    """A session with GOAL bound."""
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))
    world.container.create_goal()(a_create_goal())
    world.task_queue.purge()
    return world


def end(world: World, exp: datetime | None = None, goal_id: str = GOAL) -> None:
    world.container.deactivate_goal()(DeactivateGoal(goal_id=goal_id, exp=exp))


@pytest.mark.parametrize(("now", "timer"), [(EXP, EXP), (NOW, None)])
def test_goal_is_ended_and_its_session_is_free_D26(ongoing: World, now: datetime, timer: datetime | None) -> None:
    ongoing.clock.move_to(now)
    end(ongoing, exp=timer)

    goal = ongoing.goal(GOAL)
    assert (goal.active, goal.exp) == (False, now)
    assert ongoing.sessions.private_goals(SESSION) == (Session.TriggerPrivateGoal(goal=GOAL, goal_ended=now),)
    assert ongoing.sessions.get(SESSION).ongoing_private_goal(now) is None


def test_goal_ended_twice_keeps_its_first_end_D26(ongoing: World) -> None:
    end(ongoing)
    ongoing.clock.advance(timedelta(seconds=30))
    end(ongoing)

    assert ongoing.sessions.private_goals(SESSION)[0].goal_ended == NOW


def test_timer_that_fires_early_is_set_again(ongoing: World) -> None:
    end(ongoing, exp=EXP)

    assert ongoing.goal(GOAL).active
    (queued,) = ongoing.task_queue.queued()
    assert (queued.message, queued.due) == (DeactivateGoal(goal_id=GOAL, exp=EXP), EXP)


def test_the_timer_of_a_goal_that_ended_before_its_exp_tells_nobody_again(ongoing: World) -> None:
    end(ongoing)
    told = len(ongoing.notified("goal.ended"))
    ongoing.clock.move_to(EXP)
    end(ongoing, exp=EXP)
    assert len(ongoing.notified("goal.ended")) == told


def test_unknown_goal_is_refused(world: World) -> None:
    with pytest.raises(GoalUnknown):
        end(world)


def test_goal_without_exp_ends_now_D6(world: World) -> None:
    world.goals.insert(a_goal(exp=None))
    end(world)

    assert world.goal(GOAL).exp == NOW


def test_session_records_that_its_goal_was_agreed(ongoing: World) -> None:
    ongoing.goals.end(GOAL, NOW, metadata={"agreed": NOW})
    end(ongoing)

    assert ongoing.sessions.private_goals(SESSION)[0].goal_agreed == NOW


def test_goal_of_a_class_outside_the_matrix_leaves_the_session_unchanged(world: World) -> None:
    world.goals.insert(a_goal(id=GOAL_2, _cls="FanClubGoal"))
    end(world, goal_id=GOAL_2)

    ran = [name for name, outcome in world.steps("deactivate_goal", "receiver") if outcome == "ran"]
    assert ran == ["notify_goal_ended", "track_goals", "invalidate_cached_pusher_channel_data"]


def test_goal_ended_is_sent_with_the_lifecycles_arguments(ongoing: World) -> None:
    end(ongoing)

    ((signal, payload),) = ongoing.sent("deactivate_goal")
    assert signal == "goal.ended"
    assert payload == {
        "goal_id": GOAL,
        "_cls": "TriggerPrivateGoal",
        "active": False,
        "progress": 0,
        "levels": [],
        "conditions": {"session_id": SESSION},
        "context": {"type": "trigger-private"},
        "exp": NOW,
        "triggerer": None,
        "metadata": {"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90},
    }
