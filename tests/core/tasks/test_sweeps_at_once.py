"""Several sweeps at once share the work (D43)."""

from __future__ import annotations

import pytest

from show_goal.core.tasks.sweep import Swept
from tests.builders import NOW, VIEWER, a_hold
from tests.world import World, meanwhile

from .crowds import SECOND
from .overdue import LATER, add_goals, calls, two_at_a_time


@pytest.fixture
def world() -> World:
    return two_at_a_time()


def test_sweeps_at_once_share_the_work(world: World) -> None:
    """The second one runs as a whole after the first one has ended three goals."""
    add_goals(world, 10)
    world.clock.move_to(LATER)
    second: list[Swept] = []

    def sweep_too(_: str) -> None:
        if ended.total() == 4:
            second.append(world.sweep())

    ended = calls(world.goals, "end", sweep_too)
    first = world.sweep()
    (other,) = second
    assert (first.ended, other.ended) == (3, 7)
    assert all(goal.settled for goal in world.goals.all())
    assert world.wallet.balance(VIEWER).available == 1_000


def order_of(seconds: int) -> list[str]:
    """In which order a sweep that begins so late takes ten goals."""
    world = World.make()
    add_goals(world, 10)
    world.clock.move_to(LATER + SECOND * seconds)
    ended = calls(world.goals, "end")
    world.sweep()
    return [*ended]


def test_sweeps_that_began_at_different_times_take_the_items_of_a_page_in_different_orders() -> None:
    orders = [order_of(seconds) for seconds in range(3)]
    assert len({tuple(order) for order in orders}) == 3
    assert order_of(2) == orders[2], "the same time, the same order"


def test_a_goal_that_another_sweep_settles_meanwhile_is_passed_over(world: World) -> None:
    (goal_id,) = add_goals(world, 1)
    world.goals.end(goal_id, NOW)
    world.clock.move_to(LATER)
    meanwhile(world.goals, "get", lambda: world.goals.mark_settled(goal_id))
    assert world.sweep() == Swept()
    assert world.notified("goal.ended") == []


def test_a_hold_that_another_sweep_refunds_meanwhile_is_passed_over(world: World) -> None:
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)
    meanwhile(world.wallet, "find", lambda: world.wallet.refund(a_hold().transaction_id))
    assert world.sweep() == Swept()
