"""Passes and money go together, viewer by viewer (D37, D39)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from show_goal.core.model import Viewer, ViewerPass
from show_goal.core.money import HoldState
from show_goal.core.names import preview_channel
from show_goal.ports.errors import NotificationRefused, NotifierUnavailable, StoreUnavailable
from tests.builders import NOW, SESSION, STREAMER, VIEWER, VIEWER_2
from tests.world import World, meanwhile

from .crowds import before


def invite_and_agree(world: World, *viewers: str, duration: int = 90) -> str:
    """Each viewer joins, the streamer agrees. Returns the goal."""
    goal_id = ""
    for viewer_id in viewers:
        goal_id = world.invite(viewer_id, duration=duration).goal_id
        world.run_due()
    world.agree(goal_id)
    return goal_id


def states(world: World) -> Mapping[str, HoldState]:
    return {hold.from_user_id: hold.state for hold in world.wallet.holds()}


def shut_out(world: World) -> list[str]:
    return [channel for told in world.notified("stream.unauthorized") for channel in told.channels]


def test_a_minute_bought_in_an_hour_is_added_to_it_F1_D37(world: World) -> None:
    world.wallet.credit(VIEWER, 10_000)
    invite_and_agree(world, VIEWER, duration=3_600)
    world.wait(1)
    invite_and_agree(world, VIEWER, duration=60)
    assert world.passes.find(SESSION, VIEWER) == ViewerPass(nbf=NOW, duration=3_660)


def test_a_refund_takes_the_pass_back_and_says_so_D39(world: World) -> None:
    invite_and_agree(world, VIEWER, VIEWER_2)
    assert world.passes.of(SESSION).keys() == {VIEWER, VIEWER_2}
    world.wait(60)  # the streamer never switched to sd
    assert {*states(world).values()} == {HoldState.REFUNDED}
    assert world.passes.of(SESSION) == {}
    assert shut_out(world) == [preview_channel(STREAMER, viewer_id) for viewer_id in (VIEWER, VIEWER_2)]


def test_a_refund_takes_back_its_own_goals_time_only_D39(world: World) -> None:
    invite_and_agree(world, VIEWER)
    world.switch_preset("sd")
    world.wait(60)
    world.switch_preset("preview")
    invite_and_agree(world, VIEWER, duration=30)
    world.wait(60)
    assert world.passes.find(SESSION, VIEWER) == ViewerPass(nbf=NOW, duration=90)


@pytest.mark.parametrize(("first", "told"), [(150, False), (70, True)])
def test_who_has_time_of_another_goal_left_is_not_shut_out_D39(world: World, first: int, told: bool) -> None:
    """60 s until the first goal is settled, 60 more until the second one is."""
    world.wallet.credit(VIEWER, 1_000)
    invite_and_agree(world, VIEWER, duration=first)
    world.switch_preset("sd")
    world.wait(60)
    world.switch_preset("preview")
    invite_and_agree(world, VIEWER)
    world.wait(60)
    assert bool(shut_out(world)) is told


def test_nobody_is_shut_out_who_was_never_let_in_D39(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.refuse(goal_id)
    world.wait(60)
    assert states(world) == {VIEWER: HoldState.REFUNDED}
    assert shut_out(world) == []


def test_a_signal_that_comes_again_after_the_refund_lets_nobody_in_D39(world: World) -> None:
    goal_id = invite_and_agree(world, VIEWER)
    world.wait(60)
    world.end(goal_id)
    assert world.passes.of(SESSION) == {}


def test_money_of_whose_pass_cannot_be_taken_back_waits_alone_D39(world: World) -> None:
    invite_and_agree(world, VIEWER, VIEWER_2)

    def fail(session_id: str, goal_id: str, viewers: Mapping[str, object], now: object) -> None:
        if VIEWER in viewers:
            raise ValueError("a text that is no text")

    before(world.passes, "take_back", fail)
    world.wait(60)
    assert states(world) == {VIEWER: HoldState.HELD, VIEWER_2: HoldState.REFUNDED}
    del world.passes.take_back
    world.wait(60)
    world.sweep()
    assert states(world)[VIEWER] == HoldState.REFUNDED
    assert world.passes.of(SESSION) == {}


def test_nobody_keeps_a_pass_with_their_money_back_wherever_a_run_breaks_off_D39(world: World) -> None:
    invite_and_agree(world, VIEWER)

    def killed() -> None:
        raise SystemExit

    meanwhile(world.wallet, "refund", killed, after=True)
    with pytest.raises(SystemExit):
        world.wait(60)
    assert states(world) == {VIEWER: HoldState.REFUNDED}
    assert world.passes.of(SESSION) == {}


@pytest.mark.parametrize("error", [NotifierUnavailable("away"), NotificationRefused("never")])
def test_a_channel_service_that_fails_holds_up_no_refund_D44(world: World, error: Exception) -> None:
    invite_and_agree(world, VIEWER)

    def fail(notification: object) -> None:
        raise error

    before(world.notifier, "notify", fail)
    world.wait(60, quiet=True)
    assert states(world) == {VIEWER: HoldState.REFUNDED}
    assert world.passes.of(SESSION) == {}


def test_passes_that_cannot_be_read_at_all_are_tried_again_D43(world: World) -> None:
    invite_and_agree(world, VIEWER)

    def away() -> None:
        raise StoreUnavailable("away")

    meanwhile(world.passes, "take_back", away)
    world.wait(60, quiet=True)
    assert states(world) == {VIEWER: HoldState.HELD}
    world.wait(60)
    world.sweep()
    assert states(world) == {VIEWER: HoldState.REFUNDED}


def test_time_begins_anew_when_the_show_begins_D38(world: World) -> None:
    invite_and_agree(world, VIEWER, VIEWER_2)
    world.wait(20)
    world.switch_preset("sd")
    world.run_due()
    later = ViewerPass(nbf=NOW + timedelta(seconds=20), duration=90)
    assert world.passes.of(SESSION) == {VIEWER: later, VIEWER_2: later}
    world.switch_preset("preview")
    world.wait(5)
    world.switch_preset("sd")
    world.wait(60)
    assert world.passes.of(SESSION) == {VIEWER: later, VIEWER_2: later}, "once"
    assert {*states(world).values()} == {HoldState.RELEASED}


def test_time_begins_when_the_agreement_is_carried_out_and_not_at_the_click_D38(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.switch_preset("sd")
    world.container.answer_goal()(goal_id, Viewer(id=STREAMER), agree=True)
    world.wait(30)  # the message waits in the queue
    assert world.passes.find(SESSION, VIEWER) == ViewerPass(nbf=NOW + timedelta(seconds=30), duration=90)


def test_if_the_message_is_lost_the_settlement_lets_the_time_begin_anew_D38(world: World) -> None:
    invite_and_agree(world, VIEWER)
    world.wait(20)
    world.switch_preset("sd")
    world.task_queue.purge()
    world.wait(40)
    world.sweep()
    assert world.passes.find(SESSION, VIEWER) == ViewerPass(nbf=NOW + timedelta(seconds=20), duration=90)


def test_time_that_was_let_in_late_is_whole_L3_D38(world: World) -> None:
    """Nobody was let in when the goal ended; the settlement does it when the time would be over."""
    goal_id = world.invite(duration=60).goal_id
    world.run_due()
    world.switch_preset("sd")
    world.goals.end(goal_id, NOW, metadata={"agreed": NOW})
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=60))
    world.sweep()
    assert states(world) == {VIEWER: HoldState.RELEASED}
    assert world.passes.find(SESSION, VIEWER) == ViewerPass(nbf=NOW + timedelta(seconds=60), duration=60)


def test_who_has_time_of_another_goal_is_not_told_to_leave_D39(world: World) -> None:
    invite_and_agree(world, VIEWER)
    world.wait(20)
    invite_and_agree(world, VIEWER)
    world.wait(40)  # only the first one is refunded
    assert shut_out(world) == []
    world.wait(20)
    assert shut_out(world) == [preview_channel(STREAMER, VIEWER)]


def test_money_that_is_held_after_the_settlement_goes_back_and_lets_nobody_in_D39(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.switch_preset("sd")
    world.invite(VIEWER_2)

    def settled_meanwhile() -> None:
        world.agree(goal_id)
        world.wait(60)

    meanwhile(world.wallet, "hold", settled_meanwhile)
    world.run_due()
    world.run_due()
    assert states(world) == {VIEWER: HoldState.RELEASED, VIEWER_2: HoldState.REFUNDED}
    assert world.passes.of(SESSION).keys() == {VIEWER}
