"""A sweep finishes what lost timers and messages left undone (D26)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from pytest_mock import MockerFixture

from show_goal.core.decision import Settlement
from show_goal.core.messages import CreateGoal
from show_goal.core.model import Claim, Viewer
from show_goal.core.money import Hold
from show_goal.core.tasks.sweep import Swept
from show_goal.ports.page import Page
from tests.builders import (
    EXP,
    GOAL,
    GOAL_2,
    NOW,
    SESSION,
    STREAMER,
    VIEWER,
    VIEWER_2,
    a_goal,
    a_hold,
    a_session,
    a_transfer,
)
from tests.world import World

from .overdue import LATER, failing_sweep


def states(world: World) -> list[str]:
    return [hold.state for hold in world.wallet.holds()]


def test_one_sweep_ends_and_settles_everything_although_every_timer_is_lost_D26(world: World) -> None:
    world.invite(VIEWER)
    world.run_due()
    world.task_queue.purge()
    world.clock.move_to(LATER)

    assert world.sweep() == Swept(ended=1, settled=1)

    assert [notification.event for notification in world.notifier.notifications].count("goal.ended") == 1
    assert world.wallet.accounts()[VIEWER].available == 1_000
    assert world.wallet.audit(world.clock.now()).problems == []


def test_sweep_with_nothing_to_do_does_nothing_D26(world: World) -> None:
    world.invite(VIEWER)
    world.run_due()

    assert world.sweep() == Swept()


@pytest.mark.parametrize(
    ("claim", "hold"),
    [
        (Claim(goal_id=GOAL, exp=EXP), a_hold()),
        (Claim(goal_id=GOAL, exp=EXP, triggered_by=VIEWER, prepaid_duration=90), a_hold(GOAL, VIEWER_2, duration=30)),
    ],
    ids=["of the payer", "of the claim's first viewer, although a joiner paid first"],
)
def test_paid_goal_whose_message_was_lost_is_created_D16_D26(world: World, claim: Claim, hold: Hold) -> None:
    world.sessions.add(a_session(claim=claim))
    world.wallet.hold(hold)

    assert world.sweep().resumed == 1

    (message,) = world.messages()
    assert isinstance(message, CreateGoal)
    assert message.metadata == {"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90}
    world.run_due()
    assert world.sessions.get(SESSION).has_bound(GOAL)


def test_claim_without_a_hold_is_left_to_its_exp_D26(world: World) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))

    assert world.sweep().resumed == 0
    assert world.messages() == []


def test_hold_without_a_goal_is_refunded_and_the_refund_is_signalled_D26_L3(world: World) -> None:
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)

    assert world.sweep().refunded == 1

    assert states(world) == ["refunded"]
    ((signal, payload),) = world.sent("settle_escrow")
    assert (signal, payload["user_id"]) == ("balance.incremented", VIEWER)


def test_hold_placed_after_its_goal_was_settled_is_refunded_D18(world: World) -> None:
    world.goals.insert(a_goal())
    world.goals.end(GOAL, NOW)
    world.goals.decide(GOAL, Settlement.RELEASED)
    world.goals.mark_settled(GOAL)
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)

    assert world.sweep().refunded == 1
    assert states(world) == ["refunded"]


def test_hold_of_an_active_goal_is_left_to_the_settlement_L3(world: World) -> None:
    world.goals.insert(a_goal(exp=EXP + timedelta(hours=1)))
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)

    assert world.sweep().refunded == 0


def test_hold_of_a_goal_that_the_host_ended_itself_is_refunded_L6(world: World, mocker: MockerFixture) -> None:
    mocker.patch.object(world.goals, "unsettled", autospec=True, return_value=Page([]))
    world.goals.insert(a_goal(active=False))
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)

    assert world.sweep() == Swept(settled=1)
    assert states(world) == ["refunded"]
    refunded = a_goal(active=False, settlement=Settlement.REFUNDED, settled=True)
    assert evolve(world.goal(GOAL), why=None) == refunded


def test_item_that_fails_stops_no_other_and_is_raised_D26(world: World) -> None:
    refund = world.wallet.refund

    def failing(transaction_id: str) -> Hold:
        if GOAL in transaction_id:
            raise ConnectionError("no answer")
        return refund(transaction_id)

    world.wallet.refund = failing  # type: ignore[method-assign]
    for goal_id in (GOAL, GOAL_2):
        world.wallet.hold(a_hold(goal_id))
    world.clock.move_to(LATER)

    assert [type(error) for error in failing_sweep(world).exceptions] == [ConnectionError]
    assert states(world) == ["held", "refunded"]


def test_item_that_another_worker_has_done_is_passed_over_D26(world: World, mocker: MockerFixture) -> None:
    mocker.patch.object(world.goals, "unsettled", autospec=True, return_value=Page([a_goal(id=GOAL_2)]))

    assert world.sweep().settled == 0


def test_session_that_is_over_holds_nobodys_money_D42(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.sessions.add(evolve(world.sessions.get(SESSION), active=False))

    assert world.sweep().ended == 1
    assert world.goal(goal_id).exp == NOW
    world.wait(60)
    assert world.available()[VIEWER] == 1_000, "long before exp"
    assert world.sweep() == Swept(), "nothing is left"


def test_session_that_is_over_before_its_goal_was_created_refunds_too_D42(world: World) -> None:
    world.invite()
    world.task_queue.purge()
    world.container.transfer()(a_transfer(world.sessions.get(SESSION).claim.goal_id, session_id=SESSION))  # type: ignore[union-attr]
    world.sessions.add(evolve(world.sessions.get(SESSION), active=False))

    assert world.sweep().resumed == 1
    world.run_due(quiet=True)
    world.wait(60)
    assert world.available()[VIEWER] == 1_000


def test_agreement_that_waited_longer_than_its_show_has_begun_D40(world: World) -> None:
    world.switch_preset("sd")
    goal_id = world.invite().goal_id
    world.run_due()
    world.container.answer_goal()(goal_id, Viewer(id=STREAMER), True)
    world.clock.advance(timedelta(seconds=20))
    for preset in ("preview", "sd", "preview"):
        world.clock.advance(timedelta(minutes=5))
        world.switch_preset(preset)
    world.run_due()
    world.sweep()

    world.wait(60)

    assert world.available()[STREAMER] == 90
