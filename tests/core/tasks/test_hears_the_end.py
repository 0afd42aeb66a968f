"""D34: everyone whose money was held hears what became of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.core.messages import SettleEscrow
from show_goal.core.money import HoldState
from show_goal.core.names import transaction_id, user_channel
from show_goal.ports.errors import NotificationRefused, NotifierUnavailable, TaskQueueUnavailable, WalletUnavailable
from tests.builders import GOAL_2, STREAMER, VIEWER, VIEWER_2, a_hold
from tests.world import World, meanwhile

from .crowds import before
from .hearing import fail, invite, settled

VIEWERS = (VIEWER, VIEWER_2)


def test_viewers_and_streamer_hear_of_a_refund_D34(world: World) -> None:
    goal_id = world.invite(VIEWER, duration=90).goal_id
    world.run_due()
    world.invite(VIEWER_2, duration=30)
    world.run_due()
    world.refuse(goal_id)
    world.wait(60)
    assert settled(world) == [
        ({"goal_id": goal_id, "state": "refunded", "amount": 90}, [user_channel(VIEWER)]),
        ({"goal_id": goal_id, "state": "refunded", "amount": 30}, [user_channel(VIEWER_2)]),
        ({"goal_id": goal_id, "state": "refunded", "total": 120}, [user_channel(STREAMER)]),
    ]


def test_viewers_and_streamer_hear_of_a_release_who_paid_the_same_at_once_D34(world: World) -> None:
    goal_id = invite(world, *VIEWERS)
    world.agree(goal_id)
    world.switch_preset("sd")
    world.wait(60)
    assert settled(world) == [
        ({"goal_id": goal_id, "state": "released", "amount": 90}, [user_channel(one) for one in VIEWERS]),
        ({"goal_id": goal_id, "state": "released", "total": 180}, [user_channel(STREAMER)]),
    ]


def test_sweep_tells_when_every_message_is_lost_and_a_repeat_has_the_same_id_D34(world: World) -> None:
    goal_id = invite(world, VIEWER)
    world.refuse(goal_id)
    world.run_due()
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=60))
    world.sweep()
    assert [channels for _, channels in settled(world)] == [[user_channel(VIEWER)], [user_channel(STREAMER)]]

    (hold,) = world.wallet.holds()
    world.container.settle_escrow()(SettleEscrow(goal_id=goal_id, transactions=[hold.transaction_id]))
    first, _, again = world.notified("goal.settled")
    assert first == again


def test_money_that_came_after_the_settlement_goes_back_and_its_viewer_hears_it_D34(world: World) -> None:
    goal_id = invite(world, VIEWER)
    world.agree(goal_id)
    world.switch_preset("sd")
    world.wait(60)
    world.notifier.notifications.clear()
    world.wallet.hold(
        a_hold(transaction_id="late", goal_id=goal_id, escrow_id=f"trigger_private:{goal_id}", from_user_id=VIEWER_2)
    )
    world.clock.advance(timedelta(seconds=400))
    world.sweep()
    assert settled(world) == [({"goal_id": goal_id, "state": "refunded", "amount": 90}, [user_channel(VIEWER_2)])]


def test_who_paid_for_a_goal_that_was_never_created_hears_of_the_refund_D34(world: World) -> None:
    world.wallet.hold(a_hold())
    world.clock.advance(timedelta(seconds=400))
    world.sweep()
    (hold,) = world.wallet.holds()
    assert settled(world) == [
        ({"goal_id": hold.goal_id, "state": "refunded", "amount": 90}, [user_channel(VIEWER)]),
    ]


def test_payers_of_other_classes_are_told_nothing_new_D34(world: World) -> None:
    world.wallet.hold(a_hold(escrow_id="show_funding:f0d"))
    world.clock.advance(timedelta(seconds=400))
    world.sweep()
    assert settled(world) == []


@pytest.mark.parametrize("error", [NotifierUnavailable("away"), NotificationRefused("never"), ValueError("a bug")])
def test_a_channel_service_that_fails_holds_up_no_money_and_is_asked_again_D34(world: World, error: Exception) -> None:
    goal_id = invite(world, *VIEWERS)
    world.refuse(goal_id)
    world.run_due()
    fail(world, error)
    world.wait(60, quiet=True)
    assert [hold.state for hold in world.wallet.holds()] == [HoldState.REFUNDED] * 2
    del world.notifier.notify
    world.wait(60)
    world.sweep()
    world.run_due()
    assert {channel for _, channels in settled(world) for channel in channels} >= {user_channel(one) for one in VIEWERS}
    assert world.goal(goal_id).settled


def test_a_streamer_who_cannot_be_told_at_once_is_told_by_a_task_D34(world: World) -> None:
    goal_id = invite(world, VIEWER)
    world.refuse(goal_id)
    world.run_due()
    fail(world, NotifierUnavailable("away"), channel=user_channel(STREAMER))
    world.wait(60, quiet=True)
    assert world.goal(goal_id).settled
    assert [channels for _, channels in settled(world)] == [[user_channel(VIEWER)]]
    del world.notifier.notify
    world.wait(60)
    assert [channels for _, channels in settled(world)] == [[user_channel(VIEWER)], [user_channel(STREAMER)]]


def test_a_channel_that_the_service_refuses_is_left_out_D34(world: World) -> None:
    goal_id = invite(world, *VIEWERS)
    world.refuse(goal_id)
    fail(world, NotificationRefused("no such name", [user_channel(VIEWER)]), channel=user_channel(VIEWER))
    world.wait(60)
    assert world.goal(goal_id).settled


@pytest.mark.parametrize("known", [True, False])
def test_a_late_refund_that_cannot_be_told_is_told_by_a_task_if_its_goal_exists_D34(world: World, known: bool) -> None:
    goal_id = invite(world, VIEWER)
    world.refuse(goal_id)
    world.wait(60)
    late = a_hold(goal_id if known else GOAL_2, VIEWER_2)
    world.wallet.hold(late)
    world.clock.advance(timedelta(seconds=400))
    fail(world, NotifierUnavailable("away"), channel=user_channel(VIEWER_2))
    with pytest.raises(ExceptionGroup):
        world.sweep()
    assert world.available(), "nothing is held"
    del world.notifier.notify
    world.run_due()
    assert [channels for _, channels in settled(world)].count([user_channel(VIEWER_2)]) == known


def no_answer() -> None:
    raise WalletUnavailable("no answer")


def away(*_: object, **__: object) -> None:
    raise TaskQueueUnavailable("away")


def refund_without_an_answer(world: World, *viewers: str) -> str:
    """The first refund of a refused goal, which is due now, will take effect, and its answer will be lost."""
    goal_id = invite(world, *viewers)
    world.refuse(goal_id)
    world.run_due()
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=60))
    meanwhile(world.wallet, "refund", no_answer, after=True)
    return goal_id


def test_a_refund_whose_answer_is_lost_is_told_although_sweeps_go_on_without_it_D34(world: World) -> None:
    refund_without_an_answer(world, VIEWER)
    with pytest.raises(ExceptionGroup):
        world.sweep()
    world.run_due()
    assert [channels for _, channels in settled(world)] == [[user_channel(VIEWER)], [user_channel(STREAMER)]]


def test_a_refund_whose_answer_is_lost_is_told_by_the_next_sweep_if_the_queue_is_away_too_D34(world: World) -> None:
    goal_id = invite(world, VIEWER)
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=400))
    meanwhile(world.wallet, "refund", no_answer, after=True)
    before(world.task_queue, "trigger", away)
    with pytest.raises(ExceptionGroup):
        world.sweep()
    assert settled(world) == []
    world.clock.advance(timedelta(seconds=15))
    world.sweep()
    assert [channels for _, channels in settled(world)] == [[user_channel(VIEWER)], [user_channel(STREAMER)]]
    assert world.goal(goal_id).settled


def test_a_refund_whose_answer_is_lost_is_told_although_it_was_set_aside_before_D34(world: World) -> None:
    """The sweep that set it aside has reported the others."""
    goal_id = invite(world, *VIEWERS)
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=400))

    def frozen() -> None:
        raise ValueError("this account is frozen")

    for after, happens in ((False, frozen), (True, no_answer)):
        meanwhile(world.wallet, "refund", happens, after=after)
        with pytest.raises(ExceptionGroup):
            world.sweep()
        world.clock.advance(timedelta(minutes=2))
    assert [channels for _, channels in settled(world)] == [[user_channel(VIEWER_2)]]
    world.sweep()
    assert {channel for _, channels in settled(world) for channel in channels} > {user_channel(one) for one in VIEWERS}
    assert world.goal(goal_id).settled


def test_a_refund_of_a_crowd_whose_answer_is_lost_is_told_D34(world: World) -> None:
    goal_id = refund_without_an_answer(world, VIEWER, VIEWER_2)
    page = [transaction_id(goal_id, viewer_id) for viewer_id in (VIEWER, VIEWER_2)]
    world.container.settle_escrow()(SettleEscrow(goal_id=goal_id, transactions=page))
    world.wait(5)
    heard = {channel for _, channels in settled(world) for channel in channels}
    assert {user_channel(VIEWER), user_channel(VIEWER_2)} <= heard


@pytest.mark.parametrize("error", [NotifierUnavailable("no answer"), ZeroDivisionError()])
def test_a_share_of_a_crowd_that_cannot_be_told_at_once_is_told_later_D34(world: World, error: Exception) -> None:
    """The others of its page are told. All of the money has moved, so no sweep would look for what is not told."""
    goal_id = world.invite(VIEWER, duration=90).goal_id
    world.run_due()
    world.invite(VIEWER_2, duration=30)
    world.run_due()
    world.refuse(goal_id)
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=60))
    fail(world, error, channel=user_channel(VIEWER))
    page = [transaction_id(goal_id, viewer_id) for viewer_id in VIEWERS]
    world.container.settle_escrow()(SettleEscrow(goal_id=goal_id, transactions=page))
    del world.notifier.notify
    world.wait(5)
    heard = {channel for _, channels in settled(world) for channel in channels}
    assert {user_channel(VIEWER), user_channel(VIEWER_2)} <= heard


def test_a_queue_that_is_away_hides_not_why_the_money_waits_D34_D43(world: World) -> None:
    goal_id = invite(world, VIEWER)
    world.refuse(goal_id)
    world.run_due()
    world.clock.advance(timedelta(seconds=60))
    meanwhile(world.wallet, "refund", no_answer)
    before(world.task_queue, "trigger", away)
    with pytest.raises(ExceptionGroup):
        world.sweep()
    last = world.sweeps.last()
    assert last is not None
    assert [(one.item, "WalletUnavailable" in one.why) for one in last.aside] == [(f"settled {goal_id}", True)]


def test_a_queue_that_is_away_as_a_sweep_tells_of_the_end_keeps_no_report_back_D34(world: World) -> None:
    goal_id = invite(world, VIEWER)
    world.refuse(goal_id)
    world.run_due()
    world.clock.advance(timedelta(seconds=60))
    fail(world, ValueError("a bug"), event="goal.ended")
    before(world.task_queue, "trigger", away)
    with pytest.raises(ExceptionGroup):
        world.sweep()
    assert [channels for _, channels in settled(world)] == [[user_channel(VIEWER)]]
