"""Who asks again gets the same answer, and nobody pays twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from pytest_mock import MockerFixture

from show_goal.core.errors import LivestreamTriggerQuotaExceeded, PriceChanged, TransactionConflict
from show_goal.core.messages import CreateGoal, Transfer
from tests.builders import EXP, NOW, SESSION, VIEWER, VIEWER_2, a_session
from tests.world import World, meanwhile

JUST_BEFORE = EXP - timedelta(seconds=9)


def test_same_viewer_with_another_amount_conflicts_D15(world: World) -> None:
    world.invite(VIEWER, duration=90)
    world.run_due()
    accounts = world.wallet.accounts()

    with pytest.raises(TransactionConflict):
        world.invite(VIEWER, duration=91)

    assert Transfer not in world.kinds()
    assert world.wallet.accounts() == accounts


# --- the price is consented to ---


def test_another_price_than_the_viewer_was_shown_changes_nothing_F6_D30(world: World) -> None:
    world.sessions.add(a_session(pricing={"sd": 6_000}))
    world.wallet.credit(VIEWER, 8_000)
    before = world.sessions.get(SESSION), world.wallet.accounts()

    with pytest.raises(PriceChanged) as caught:
        world.invite(VIEWER, amount=90)

    assert caught.value.amount == 9_000
    assert (world.sessions.get(SESSION), world.wallet.accounts(), world.messages()) == (*before, [])
    assert world.invite(VIEWER, amount=9_000).amount == 9_000
    assert world.invite(VIEWER).amount == 9_000, "without an amount it is as the flow says"


@pytest.mark.parametrize("paid", [False, True])
@pytest.mark.parametrize("changes", [{"duration": 600}, {"duration": 60, "amount": 61}])
def test_a_repeat_that_asks_for_something_else_conflicts_also_before_the_hold_F7_D30(
    world: World, paid: bool, changes: dict[str, Any]
) -> None:
    world.invite(VIEWER, duration=60)
    if paid:
        world.run_due()
    before = world.sessions.get(SESSION), world.wallet.accounts(), world.messages()

    with pytest.raises(TransactionConflict):
        world.invite(VIEWER, **changes)
    assert (world.sessions.get(SESSION), world.wallet.accounts(), world.messages()) == before


def test_another_duration_at_the_same_price_conflicts_too_D30(world: World) -> None:
    world.sessions.add(a_session(pricing={"sd": 0}))
    world.invite(VIEWER, duration=60)
    with pytest.raises(TransactionConflict):
        world.invite(VIEWER, duration=600)
    world.run_due()
    with pytest.raises(TransactionConflict):
        world.invite(VIEWER, duration=600)


def test_two_requests_of_a_viewer_at_once_promise_one_thing_F7_D30(world: World) -> None:
    meanwhile(world.sessions, "claim", lambda: world.invite(VIEWER, duration=600))
    with pytest.raises(TransactionConflict):
        world.invite(VIEWER, duration=60)

    world.run_due()
    assert [(hold.amount, hold.duration) for hold in world.wallet.holds()] == [(600, 600)]


@pytest.mark.parametrize("amount", [{"amount": 90}, {}], ids=["with its amount", "without an amount"])
@pytest.mark.parametrize("paid", [False, True])
def test_a_repeat_is_answered_though_the_price_has_changed_D14_D30(
    world: World, paid: bool, amount: dict[str, int]
) -> None:
    first = world.invite(VIEWER, SESSION, **amount)
    if paid:
        world.run_due()
    world.sessions.add(evolve(world.sessions.get(SESSION), pricing={"sd": 600}))

    assert world.invite(VIEWER, SESSION, **amount) == first
    world.run_due()
    assert [hold.amount for hold in world.wallet.holds()] == [90]


# --- a retry after the agreement ---


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("who", [VIEWER, VIEWER_2])
def test_a_retry_after_the_agreement_gets_the_first_answer_and_pays_nothing_F2_D29(
    world: World, who: str, settled: bool
) -> None:
    asked: Any = {"exp": int(EXP.timestamp()), "duration": 60}, {"exp": int(EXP.timestamp()) + 7, "duration": 30}
    viewers: Any = dict(zip((VIEWER, VIEWER_2), asked, strict=True))
    first = {viewer_id: world.invite(viewer_id, **body) for viewer_id, body in viewers.items()}
    world.run_due()
    world.agree(first[who].goal_id)
    if settled:
        world.switch_preset("sd")
        world.wait(60)
    accounts, messages = world.wallet.accounts(), world.messages()
    world.sessions.add(evolve(world.sessions.get(SESSION), pricing={"sd": 600}))

    for _ in range(2):
        assert world.invite(who, **viewers[who]) == first[who]
    assert (world.wallet.accounts(), world.messages()) == (accounts, messages)


@pytest.mark.parametrize("changes", [{"exp": int(EXP.timestamp()) + 1}, {"duration": 91}])
def test_whoever_means_to_buy_again_says_so_D29(world: World, changes: dict[str, Any]) -> None:
    first = world.invite(VIEWER)
    world.run_due()
    world.agree(first.goal_id)

    assert world.invite(VIEWER, **changes).goal_id != first.goal_id


def test_who_has_not_paid_for_the_agreed_goal_has_no_answer_to_get_again_D29(world: World) -> None:
    first = world.invite(VIEWER)
    world.run_due()
    world.agree(first.goal_id)

    assert world.invite(VIEWER_2).goal_id != first.goal_id


def test_a_retry_is_told_from_what_was_asked_for_after_the_agreement_without_asking_the_wallet_D29(
    world: World, mocker: MockerFixture
) -> None:
    first = world.invite(VIEWER)
    world.run_due()
    world.agree(first.goal_id)
    world.clock.advance(timedelta(seconds=1))
    find = mocker.spy(world.wallet, "find")
    world.invite(VIEWER, exp=int(NOW.timestamp()) + 3_601)

    find.assert_not_called()


def test_after_a_refusal_the_cooldown_answers_a_retry_D29(world: World) -> None:
    first = world.invite(VIEWER)
    world.run_due()
    world.refuse(first.goal_id)

    with pytest.raises(LivestreamTriggerQuotaExceeded):
        world.invite(VIEWER)


# --- a repeat may come later than an invitation ---


@pytest.mark.parametrize("paid", [False, True])
def test_a_repeat_is_answered_until_exp_though_a_new_invitation_would_be_too_late_D31(world: World, paid: bool) -> None:
    first = world.invite(VIEWER)
    if paid:
        world.run_due()
    world.clock.move_to(JUST_BEFORE)

    assert world.invite(VIEWER, exp=int(EXP.timestamp())) == first


def test_a_joiner_whose_hold_stands_may_repeat_until_the_end_D31(world: World) -> None:
    world.invite(VIEWER)
    first = world.invite(VIEWER_2)
    world.run_due()
    world.clock.move_to(JUST_BEFORE)

    assert world.invite(VIEWER_2, exp=int(EXP.timestamp()) + 300) == first


# --- who has paid ---


def test_viewer_whose_hold_stands_gets_the_same_answer_and_triggers_nothing_D14_D15_Q5(world: World) -> None:
    first = world.invite(VIEWER, duration=1_000)
    world.run_due()
    notifications, accounts = len(world.notifier.notifications), world.wallet.accounts()
    assert accounts[VIEWER].available == 0
    for _ in range(200):
        assert world.invite(VIEWER, duration=1_000, exp=int(EXP.timestamp()) + 60) == first

    assert Transfer not in world.kinds()
    world.run_due()
    assert len(world.notifier.notifications) == notifications
    assert world.wallet.accounts() == accounts


def test_repeat_that_is_answered_from_the_hold_says_so_in_its_trace_D28(world: World) -> None:
    first = world.invite(VIEWER)
    world.run_due()
    world.invite(VIEWER)

    trace = world.trace("trigger_private_session")
    assert (trace["outcome"], trace["transaction_id"]) == ("done", first.transaction_id)
    assert world.steps("trigger_private_session", "task") == []


def test_viewer_whose_hold_was_settled_pays_for_the_next_goal_D15(world: World) -> None:
    first = world.invite(VIEWER)
    world.run_due()
    world.agree(first.goal_id)
    world.wait(60)
    world.task_queue.purge()
    second = world.invite(VIEWER)

    assert second.goal_id != first.goal_id
    assert world.kinds() == [CreateGoal, Transfer]
