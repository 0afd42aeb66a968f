"""Where the money of shows, and of the goals that fund them, goes (L6, N1, N7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from show_goal.core.messages import SettleEscrow
from show_goal.core.model import Claim, Goal, ShowGoalPair
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_session
from tests.world import World

from .shows import FUNDING_ESCROW, SHOW, SHOW_ESCROW, create_funding, create_show, pair

REFUNDED = {VIEWER: 1_000, VIEWER_2: 1_000}
RELEASED = {VIEWER: 910, VIEWER_2: 1_000, STREAMER: 90}


def settle(world: World, goal_id: str = GOAL) -> dict[str, int]:
    world.wait(60)
    assert world.goal(goal_id).settled
    return world.available()


def end_with_a_show(world: World) -> None:
    world.end()
    create_show(world)


def end_with_a_show_that_has_no_place(world: World) -> None:
    """The show names another session, which has no funding goal."""
    world.end()
    other = "5e5500000000000000000002"
    world.sessions.add(a_session(id=other))
    create_show(world, conditions={"session_id": other})
    assert world.goal(GOAL).context == {}


def end_with_a_show_and_end_the_session(world: World) -> None:
    create_show(world)
    world.end()
    world.sessions.add(a_session(active=False))


def settle_before_the_show(world: World) -> None:
    """A settlement is decided once."""
    world.end()
    world.wait(60)
    create_show(world)
    world.container.settle_escrow()(SettleEscrow(goal_id=GOAL))


@pytest.mark.parametrize(
    ("happened", "available"),
    [
        (end_with_a_show, RELEASED),
        (World.end, REFUNDED),
        (end_with_a_show_that_has_no_place, REFUNDED),
        (end_with_a_show_and_end_the_session, REFUNDED),
        (settle_before_the_show, REFUNDED),
    ],
)
def test_funding_goal_is_released_only_for_its_show_in_an_active_session_N7(
    funded: World, happened: Callable[[World], None], available: dict[str, int]
) -> None:
    happened(funded)

    assert settle(funded) == available


def test_show_that_ended_unbound_does_not_release_the_funding_goal_N7(world: World) -> None:
    with pytest.raises(ExceptionGroup):
        create_show(world)  # before its funding goal
    world.end(SHOW)
    create_funding(world)
    world.pay(GOAL, FUNDING_ESCROW)
    create_show(world)  # delivered again
    world.end()

    assert pair(world) == ShowGoalPair(funding_goal=GOAL, funding_ended=NOW)
    assert settle(world) == REFUNDED


def test_funding_goal_is_linked_to_the_show_in_its_pair_N1(funding: World) -> None:
    """GOAL_2 is bound before SHOW, and its worker stops before it links the two."""
    funding.sessions.bind_show_goal(SESSION, Claim(goal_id=GOAL_2, exp=None), NOW, funding_goal=GOAL)
    with pytest.raises(ExceptionGroup):
        create_show(funding)
    create_show(funding, GOAL_2)
    create_show(funding)
    funding.run_due()

    assert funding.goal(GOAL).context == {"show_goal_id": GOAL_2}
    assert not funding.goal(SHOW).active


@pytest.mark.parametrize(("agree", "available"), [(True, RELEASED), (False, REFUNDED)])
def test_show_is_released_if_the_streamer_agrees_N7(funding: World, agree: bool, available: dict[str, int]) -> None:
    create_show(funding)
    funding.pay(SHOW, SHOW_ESCROW)
    funding.answer(SHOW, agree)

    assert settle(funding, SHOW) == available


@pytest.mark.parametrize(
    ("_cls", "escrow"),
    [
        ("ShowFundingGoal", "show_funding"),
        ("ShowGoal", "show"),
        ("KaraokeGoal", "karaoke"),
        ("ExclusiveGoal", "exclusive"),
        ("FanClubGoal", "fan_club"),
    ],
)
def test_sweep_refunds_any_class_when_every_message_is_lost_L6(world: World, _cls: str, escrow: str) -> None:
    goal = Goal(id=GOAL, _cls=_cls, conditions={"session_id": SESSION}, exp=EXP, metadata={"user_id": STREAMER})
    world.goals.insert(goal)
    world.hold(GOAL, f"{escrow}:{GOAL}")
    world.task_queue.purge()
    world.clock.move_to(EXP + timedelta(seconds=60))

    assert world.sweep().settled == 1

    assert world.available() == REFUNDED
