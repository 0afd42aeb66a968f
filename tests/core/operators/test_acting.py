"""What operators do: they end a goal and refund a hold, with a reason, and the money still adds up."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn

import pytest
from pytest_mock import MockerFixture

from show_goal.core.decision import Rule, Settlement
from show_goal.core.errors import GoalUnknown, TransactionUnknown
from show_goal.core.model import Goal
from show_goal.core.money import Hold, HoldState
from show_goal.ports.errors import NotifierUnavailable, StoreUnavailable
from tests.builders import GOAL, NOW, SESSION, STREAMER, VIEWER, VIEWER_2
from tests.world import World, meanwhile

REASON = "the streamer fell ill"


def end(world: World, goal_id: str, reason: str = REASON) -> Goal:
    goal: Goal = world.container.end_goal()(goal_id, reason)
    return goal


def refund(world: World, transaction_id: str, reason: str = "ticket 17") -> Hold:
    hold: Hold = world.container.refund_hold()(transaction_id, reason)
    return hold


@pytest.fixture
def paid(world: World) -> tuple[str, str]:
    """The ids of an ongoing goal and of VIEWER's transaction."""
    accepted = world.invite()
    world.run_due()
    return accepted.goal_id, accepted.transaction_id


def test_a_goal_that_an_operator_ends_is_refunded_like_any_that_was_not_agreed_to(
    world: World, paid: tuple[str, str]
) -> None:
    ended = end(world, paid[0])
    assert (ended.active, ended.exp, ended.metadata["reason"]) == (False, NOW, REASON)
    assert world.sessions.get(SESSION).ongoing_private_goal(NOW) is None
    assert [notification.event for notification in world.notified("goal.ended")] == ["goal.ended"]
    world.wait(60)
    why = world.goal(paid[0]).why
    assert (why and why.rule, world.available()[VIEWER]) == (Rule.NOT_AGREED, 1_000)


def test_the_reason_is_told_to_receivers_and_traced_and_never_to_channels_D25(
    world: World, paid: tuple[str, str]
) -> None:
    end(world, paid[0])
    trace = world.trace("end_goal")
    assert (trace["goal_id"], trace["reason"]) == (paid[0], REASON)
    payload = dict(world.sent("deactivate_goal"))["goal.ended"]
    assert payload["metadata"]["reason"] == REASON
    assert REASON not in str(world.notifier.notifications)


def test_a_goal_that_has_ended_stays_as_it_is(world: World, paid: tuple[str, str]) -> None:
    end(world, paid[0])
    assert end(world, paid[0], "another reason").metadata["reason"] == REASON


def test_an_unknown_goal_cannot_be_ended(world: World) -> None:
    with pytest.raises(GoalUnknown):
        end(world, GOAL)


def test_a_goal_has_ended_although_a_receiver_fails(world: World, paid: tuple[str, str], mocker: MockerFixture) -> None:
    mocker.patch.object(world.notifier, "notify", autospec=True, side_effect=NotifierUnavailable("away"))
    with pytest.raises(ExceptionGroup):
        end(world, paid[0])
    assert not world.goal(paid[0]).active


def test_a_refund_gives_the_money_back_and_tells_the_viewer_D34(world: World, paid: tuple[str, str]) -> None:
    assert refund(world, paid[1]).state is HoldState.REFUNDED
    assert world.available()[VIEWER] == 1_000
    told = [(one.channels, one.payload["state"]) for one in world.notified("goal.settled")]
    assert told == [([f"private-user@{VIEWER}"], "refunded")]


def test_a_refund_is_traced_and_kept_with_its_reason(world: World, paid: tuple[str, str]) -> None:
    refund(world, paid[1])
    trace = world.trace("refund_hold")
    assert (trace["transaction_id"], trace["reason"]) == (paid[1], "ticket 17")
    kept = world.tracker.tracked["operator.refunded", paid[1]]
    assert kept == {"reason": "ticket 17", "goal_id": paid[0], "amount": 90, "at": NOW}


def test_a_refund_takes_the_pass_back_and_leaves_the_others_theirs_D39(world: World, paid: tuple[str, str]) -> None:
    world.invite(VIEWER_2)
    world.run_due()
    world.agree(paid[0])
    world.switch_preset("sd")
    refund(world, paid[1])
    assert world.passes.of(SESSION).keys() == {VIEWER_2}
    assert [one.channels for one in world.notified("stream.unauthorized")] == [
        [f"presence-stream-viewer@{STREAMER}.preview.{VIEWER}"]
    ]
    world.wait(60)
    assert world.available() == {VIEWER: 1_000, VIEWER_2: 910, STREAMER: 90}


def test_a_refund_that_comes_after_the_release_takes_no_pass(world: World, paid: tuple[str, str]) -> None:
    """Who has paid for good keeps what they paid for."""
    world.agree(paid[0])
    world.switch_preset("sd")
    meanwhile(world.wallet, "refund", lambda: world.wallet.release(paid[1]))
    assert refund(world, paid[1]).state is HoldState.RELEASED
    assert world.passes.of(SESSION).keys() == {VIEWER}
    assert refund(world, paid[1]).state is HoldState.RELEASED


def test_a_refund_during_which_the_streamer_agrees_takes_the_pass_back_D39(world: World, paid: tuple[str, str]) -> None:
    meanwhile(world.wallet, "refund", lambda: world.agree(paid[0]))
    assert refund(world, paid[1]).state is HoldState.REFUNDED
    assert world.passes.of(SESSION) == {}
    assert len(world.notified("stream.unauthorized")) == 1


def test_a_repeat_completes_a_refund_that_broke_off(world: World, paid: tuple[str, str]) -> None:
    world.agree(paid[0])
    meanwhile(world.passes, "take_back", lambda: _raise(StoreUnavailable("away")))
    with pytest.raises(StoreUnavailable):
        refund(world, paid[1])
    assert refund(world, paid[1]).state is HoldState.REFUNDED
    assert world.passes.of(SESSION) == {}


def _raise(error: Exception) -> NoReturn:
    raise error


def test_a_refund_of_what_was_decided_as_refunded_takes_the_pass_first_D39(
    world: World, paid: tuple[str, str], mocker: MockerFixture
) -> None:
    world.agree(paid[0])
    world.task_queue.purge()
    world.goals.decide(paid[0], Settlement.REFUNDED)
    order = mocker.Mock()
    for port, method in ((world.passes, "take_back"), (world.wallet, "refund")):
        spy = mocker.patch.object(port, method, autospec=True, side_effect=getattr(port, method))
        order.attach_mock(spy, method)
    refund(world, paid[1])
    assert [call[0] for call in order.mock_calls][:2] == ["take_back", "refund"]


def test_money_without_a_goal_is_refunded(world: World) -> None:
    world.invite()
    transfer = [message for message in world.messages() if message.name == "transfer"]
    world.task_queue.purge()
    world.task_queue.trigger(transfer[0])
    world.run_due(quiet=True)
    transaction_id = world.wallet.holds()[0].transaction_id
    assert refund(world, transaction_id).state is HoldState.REFUNDED
    assert world.available()[VIEWER] == 1_000


def test_an_unknown_transaction_cannot_be_refunded(world: World) -> None:
    with pytest.raises(TransactionUnknown):
        refund(world, "unknown")


def test_statistics_that_fail_keep_no_money_back_D44(
    world: World, paid: tuple[str, str], mocker: MockerFixture
) -> None:
    mocker.patch.object(world.tracker, "track", autospec=True, side_effect=StoreUnavailable("away"))
    assert refund(world, paid[1]).state is HoldState.REFUNDED
    world.clock.advance(timedelta(seconds=1))
    assert world.available()[VIEWER] == 1_000
