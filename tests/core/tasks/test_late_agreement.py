"""An agreement that waits in the queue until after the goal's exp counts from when it is carried out (D38, D40)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.core.messages import SettleEscrow
from show_goal.core.model import Viewer
from show_goal.core.money import HoldState
from tests.builders import EXP, SESSION, STREAMER, VIEWER, a_session
from tests.world import World

LATE = timedelta(seconds=40)
CARRIED_OUT = EXP + LATE
DUE = CARRIED_OUT + timedelta(seconds=60)
TICK = timedelta(milliseconds=1)


@pytest.fixture
def late(world: World) -> World:
    """The streamer agrees in time. The message is carried out after the exp, and no timer or sweep was quicker."""
    world.sessions.add(a_session(preset="preview"))
    goal_id = world.invite().goal_id
    world.run_due()
    world.task_queue.purge()
    world.clock.move_to(EXP - TICK)
    world.container.answer_goal()(goal_id, Viewer(id=STREAMER), True)
    world.clock.move_to(CARRIED_OUT)
    world.run_due()
    return world


def states(world: World) -> list[HoldState]:
    return [hold.state for hold in world.wallet.holds()]


def goal_id(world: World) -> str:
    (goal,) = world.goals.all()
    return goal.id


def test_it_says_when_it_was_carried_out_D40(late: World) -> None:
    goal = late.goal(goal_id(late))
    assert (goal.exp, goal.ended, goal.agreed) == (EXP, CARRIED_OUT, EXP - TICK)


def test_the_streamer_has_settle_delay_from_then_on_D40(late: World) -> None:
    late.clock.move_to(DUE - TICK)
    late.switch_preset("sd")
    late.wait(1)
    assert states(late) == [HoldState.RELEASED]


def test_a_show_that_begins_after_that_is_too_late_D40(late: World) -> None:
    late.clock.move_to(DUE)
    late.switch_preset("sd")
    late.run_due()
    assert states(late) == [HoldState.REFUNDED]


@pytest.mark.parametrize("lost", [False, True])
def test_neither_a_sweep_nor_a_message_settles_before_it_is_due_D40(late: World, lost: bool) -> None:
    if lost:
        late.task_queue.purge()
    late.clock.move_to(DUE - TICK)
    late.sweep()
    late.container.settle_escrow()(SettleEscrow(goal_id=goal_id(late)))
    late.run_due()
    assert states(late) == [HoldState.HELD]
    late.clock.move_to(DUE)
    late.sweep()
    assert states(late) == [HoldState.REFUNDED]


def test_the_pass_begins_then_D38(late: World) -> None:
    viewer_pass = late.passes.find(SESSION, VIEWER)
    assert viewer_pass is not None
    assert viewer_pass.nbf == CARRIED_OUT


def test_an_agreement_that_is_carried_out_in_time_ends_the_goal_then_D40(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.agree(goal_id)
    goal = world.goal(goal_id)
    assert goal.ended == goal.exp
    assert "carried_out" not in goal.metadata
