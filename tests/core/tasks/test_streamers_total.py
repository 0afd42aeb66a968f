"""D34: the streamer hears how much money was moved, however many have paid."""

from __future__ import annotations

from show_goal.core.messages import SettleEscrow
from show_goal.core.model import Settlement
from show_goal.core.names import user_channel
from show_goal.core.tasks.settle_escrow import STEP, TOLD_AT_A_TIME
from tests.builders import GOAL, NOW, STREAMER
from tests.world import World

from .crowds import DELAY, MANY, a_crowd, before


def refused(world: World) -> World:
    world.goals.end(GOAL, NOW)
    world.clock.advance(DELAY)
    return world


def totals(world: World) -> list[object]:
    told = [one for one in world.notified("goal.settled") if one.channels == [user_channel(STREAMER)]]
    return [one.payload["total"] for one in told]


def test_the_total_of_a_crowd_is_whole_D34() -> None:
    world = refused(a_crowd())
    world.task_queue.trigger(SettleEscrow(goal_id=GOAL))
    world.run_due()
    assert totals(world) == [90 * MANY]


def test_the_total_of_a_crowd_that_a_sweep_settles_is_whole_D34() -> None:
    world = refused(a_crowd())
    world.sweep()
    assert totals(world) == [], "a sweep adds up no crowd: a task does"
    world.run_due()
    assert totals(world) == [90 * MANY]


def test_a_total_that_takes_long_is_added_up_run_by_run_D34() -> None:
    payers = [f"payer {number}" for number in range(TOLD_AT_A_TIME * 2 + 1)]
    world = refused(a_crowd(payers))
    for hold in world.wallet.holds():
        world.wallet.refund(hold.transaction_id)
    world.goals.decide(GOAL, Settlement.REFUNDED)
    before(world.wallet, "holds_of", lambda *_: world.clock.advance(STEP))
    world.task_queue.trigger(SettleEscrow(goal_id=GOAL, transactions=[]))
    world.run_due()
    assert totals(world) == [90 * len(payers)]
    assert [trace.name for trace in world.traces] == ["settle_escrow"] * 3
