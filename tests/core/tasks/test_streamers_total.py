"""D34: the streamer hears how much money was moved, however many have paid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_mock import MockerFixture

from show_goal.core.decision import Settlement
from show_goal.core.messages import Message, SettleEscrow
from show_goal.core.names import user_channel
from show_goal.core.tasks.settle_escrow import STEP, TOLD_AT_A_TIME
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import GOAL, NOW, STREAMER, a_goal, a_hold
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


def test_the_streamer_of_a_crowd_hears_the_total_although_the_queue_was_away_D34(mocker: MockerFixture) -> None:
    world = refused(a_crowd())
    trigger, failed = world.task_queue.trigger, list[Message]()

    def away_once(message: Message, **rest: Any) -> None:
        if isinstance(message, SettleEscrow) and message.transactions == [] and not failed:
            failed.append(message)
            raise TaskQueueUnavailable("no answer")
        trigger(message, **rest)

    mocker.patch.object(world.task_queue, "trigger", away_once)
    world.task_queue.trigger(SettleEscrow(goal_id=GOAL))
    world.run_due(quiet=True)
    world.wait(60)
    assert failed
    assert totals(world) == [90 * MANY]


def told_of(payers: int, takes: timedelta) -> World:
    """The streamer is told of so many refunds. To read a page of them takes so long."""
    world = refused(a_crowd([f"payer {number}" for number in range(payers)]))
    for hold in world.wallet.holds():
        world.wallet.refund(hold.transaction_id)
    world.goals.decide(GOAL, Settlement.REFUNDED)
    before(world.wallet, "holds_of", lambda *_: world.clock.advance(takes))
    world.task_queue.trigger(SettleEscrow(goal_id=GOAL, transactions=[]))
    world.run_due()
    return world


@pytest.mark.parametrize(("takes", "runs"), [(STEP, 3), (STEP / 2, 2), (STEP / 10, 1)])
def test_a_total_that_takes_long_is_added_up_run_by_run_D34(takes: timedelta, runs: int) -> None:
    world = told_of(TOLD_AT_A_TIME * 2 + 1, takes)
    assert totals(world) == [90 * (TOLD_AT_A_TIME * 2 + 1)]
    assert len(world.traces) == runs


def test_nobody_is_told_of_an_escrow_without_a_payer_D34() -> None:
    assert totals(told_of(0, STEP)) == []


def test_a_goal_without_a_streamer_is_settled_and_nobody_is_told_a_total_D34(world: World) -> None:
    world.goals.insert(a_goal(metadata={}))
    world.wallet.hold(a_hold())
    refused(world).sweep()
    assert world.goal(GOAL).settled
    assert totals(world) == []
