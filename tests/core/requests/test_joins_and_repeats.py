"""Who joins a goal or asks again: which tasks that triggers, and that nobody pays twice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from pytest_mock import MockerFixture

from show_goal.core.errors import (
    Forbidden,
    GoalEnding,
    InvalidInvitation,
    LivestreamTriggerQuotaExceeded,
    PriceChanged,
    Refused,
    TransactionConflict,
)
from show_goal.core.messages import CreateGoal, Transfer
from show_goal.core.model import Claim, Session, Viewer
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_goal, a_session
from tests.world import World, meanwhile

FIRST_ID = "000000000000000000000001"
VIEWER_3 = "71e000000000000000000003"
POOR = "71e0000000000000000000ff"
OLD = timedelta(seconds=2)
TICK = timedelta(milliseconds=1)


def kinds(world: World) -> list[type[object]]:
    return [type(message) for message in world.messages()]


def test_second_viewer_joins_the_ongoing_goal_at_their_own_price_D16(world: World) -> None:
    first = world.invite(VIEWER, duration=90)
    world.run_due()
    second = world.invite(VIEWER_2, duration=30, exp=int(EXP.timestamp()) + 60)

    assert (second.goal_id, second.amount) == (first.goal_id, 30)
    assert second.exp == first.exp, "exp stays the first viewer's"
    assert kinds(world).count(Transfer) == 1
    assert CreateGoal not in kinds(world)


def test_same_viewer_with_another_amount_conflicts_D15(world: World) -> None:
    world.invite(VIEWER, duration=90)
    world.run_due()
    accounts = world.wallet.accounts()

    with pytest.raises(TransactionConflict):
        world.invite(VIEWER, duration=91)

    assert Transfer not in kinds(world)
    assert world.wallet.accounts() == accounts


# --- create_goal is triggered by who set the claim, and once more ---


def test_the_claim_says_since_when_it_holds_D2(world: World) -> None:
    world.invite(VIEWER, duration=90)

    claim = Claim(goal_id=FIRST_ID, exp=EXP, triggered_by=VIEWER, prepaid_duration=90, amount=90, since=NOW)
    assert world.sessions.get(SESSION).claim == claim


@pytest.mark.parametrize("viewer_id", [VIEWER, VIEWER_2])
def test_who_did_not_set_a_young_claim_triggers_no_create_goal_D2(world: World, viewer_id: str) -> None:
    world.invite(VIEWER)
    world.clock.advance(OLD)
    world.invite(viewer_id)

    assert kinds(world) == [CreateGoal, Transfer, Transfer]


def test_loser_of_the_race_for_the_claim_triggers_no_create_goal_D2(world: World) -> None:
    meanwhile(world.sessions, "claim", lambda: world.invite(VIEWER_2))
    accepted = world.invite(VIEWER)

    assert [accepted.goal_id] == [message.goal_id for message in world.messages() if isinstance(message, CreateGoal)]
    assert kinds(world) == [CreateGoal, Transfer, Transfer]


def test_joiner_creates_a_goal_whose_claim_is_old_again_as_the_first_viewers_D2_D16(world: World) -> None:
    world.invite(VIEWER, duration=90)
    world.task_queue.purge()  # create_goal is late, or lost
    world.clock.advance(OLD + TICK)
    world.invite(VIEWER_2, duration=30)

    assert kinds(world) == [CreateGoal, Transfer]
    world.run_due()
    (goal,) = world.goals.all()
    assert (goal.id, goal.metadata["triggered_by"], goal.metadata["prepaid_duration"]) == (FIRST_ID, VIEWER, 90)


def test_goal_claimed_by_version_0_1_is_created_again_D2(world: World) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id=FIRST_ID, exp=EXP)))  # does not say since when
    for _ in range(2):
        world.invite(VIEWER)

    assert kinds(world) == [CreateGoal, Transfer, Transfer]


def test_bound_goal_with_an_old_claim_is_not_created_again_D2(world: World) -> None:
    world.invite(VIEWER)
    world.run_due()
    world.clock.advance(OLD + TICK)
    world.task_queue.purge()
    world.invite(VIEWER_2)

    assert kinds(world) == [Transfer]


@pytest.mark.parametrize("claim", [{"renewed": True}, {"since": NOW}], ids=["renewed", "bound"])
def test_store_is_not_asked_when_the_claim_itself_tells_D2(
    world: World, mocker: MockerFixture, claim: dict[str, Any]
) -> None:
    bound = None if "renewed" in claim else Session.TriggerPrivateGoal(goal=GOAL)
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP, **claim), trigger_private_goal=bound))
    world.clock.advance(OLD + TICK)
    renew_claim = mocker.spy(world.sessions, "renew_claim")
    world.invite(VIEWER)

    renew_claim.assert_not_called()


def test_a_thousand_requests_for_an_unbound_goal_trigger_create_goal_twice_Q5(world: World) -> None:
    viewers = [f"71e2{number:020x}" for number in range(10)]
    for viewer_id in viewers:
        world.wallet.credit(viewer_id, 90)
    for number in range(1_000):
        world.invite(viewers[number % 10])
        world.clock.advance(timedelta(milliseconds=250))

    assert Counter(kinds(world)) == {CreateGoal: 2, Transfer: 1_000}


def test_who_cannot_trigger_create_goal_leaves_it_to_the_next_request_D2(world: World, mocker: MockerFixture) -> None:
    """Otherwise an outage would use up the one renewal, and the goal would wait for a sweep."""
    world.invite(VIEWER)
    world.task_queue.purge()
    world.clock.advance(OLD + TICK)
    mocker.patch.object(world.task_queue, "trigger", side_effect=TaskQueueUnavailable)
    with pytest.raises(TaskQueueUnavailable):
        world.invite(VIEWER_2)
    mocker.stopall()
    world.invite(VIEWER_2)

    assert Counter(kinds(world)) == {CreateGoal: 1, Transfer: 1}


def test_two_who_see_an_old_claim_at_once_trigger_create_goal_once_D2(world: World) -> None:
    world.invite(VIEWER)
    world.task_queue.purge()
    world.clock.advance(OLD + TICK)
    meanwhile(world.sessions, "renew_claim", lambda: world.invite(VIEWER_2))
    world.invite(VIEWER)

    assert Counter(kinds(world)) == {CreateGoal: 1, Transfer: 2}


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


def test_joiners_consent_to_their_own_price_D30(world: World) -> None:
    world.invite(VIEWER, duration=90, amount=90)

    assert world.invite(VIEWER_2, duration=30, amount=30).amount == 30


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

JUST_BEFORE = EXP - timedelta(seconds=9)


@pytest.mark.parametrize("paid", [False, True])
def test_a_repeat_is_answered_until_exp_though_a_new_invitation_would_be_too_late_D31(world: World, paid: bool) -> None:
    first = world.invite(VIEWER)
    if paid:
        world.run_due()
    world.clock.move_to(JUST_BEFORE)

    assert world.invite(VIEWER, exp=int(EXP.timestamp())) == first


@pytest.mark.parametrize(
    ("viewer_id", "later", "refusal"),
    [(VIEWER_2, 0, GoalEnding), (VIEWER_2, 300, GoalEnding), (VIEWER, -1, InvalidInvitation)],
)
def test_no_new_invitation_comes_too_late_to_be_answered_D31(
    world: World, viewer_id: str, later: int, refusal: type[Refused]
) -> None:
    world.invite(VIEWER)
    world.clock.move_to(JUST_BEFORE)
    messages = world.messages()

    with pytest.raises(refusal):
        world.invite(viewer_id, exp=int(EXP.timestamp()) + later)
    assert world.messages() == messages


def test_who_comes_too_late_to_join_hears_when_to_invite_again_D31(world: World) -> None:
    world.invite(VIEWER)
    world.wallet.credit(VIEWER_3, 90)
    world.clock.move_to(JUST_BEFORE - timedelta(seconds=1))
    assert world.invite(VIEWER_2), "10 s are enough"
    world.clock.move_to(JUST_BEFORE)

    with pytest.raises(GoalEnding) as caught:
        world.invite(VIEWER_3)
    assert caught.value.retry_at == EXP


def test_a_joiner_whose_hold_stands_may_repeat_until_the_end_D31(world: World) -> None:
    world.invite(VIEWER)
    first = world.invite(VIEWER_2)
    world.run_due()
    world.clock.move_to(JUST_BEFORE)

    assert world.invite(VIEWER_2, exp=int(EXP.timestamp()) + 300) == first


@pytest.mark.parametrize("viewer", [Viewer(id=VIEWER_2, tags={f"blocked-by:{STREAMER}"}), Viewer(id=POOR)])
def test_that_the_goal_is_about_to_end_is_said_only_to_who_may_join_D10_D31(world: World, viewer: Viewer) -> None:
    world.invite(VIEWER)
    world.clock.move_to(JUST_BEFORE)

    with pytest.raises(Forbidden):
        world.invite(viewer, exp=int(EXP.timestamp()) + 300)


def test_goal_of_before_the_claims_is_not_joined_just_before_its_end_D31(world: World) -> None:
    world.sessions.add(a_session(trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL)))
    world.goals.insert(a_goal())
    world.clock.move_to(JUST_BEFORE)

    with pytest.raises(GoalEnding):
        world.invite(VIEWER_2)
    assert world.messages() == []


# --- who has paid ---


def test_viewer_whose_hold_stands_gets_the_same_answer_and_triggers_nothing_D14_D15_Q5(world: World) -> None:
    first = world.invite(VIEWER, duration=1_000)
    world.run_due()
    notifications, accounts = len(world.notifier.notifications), world.wallet.accounts()
    assert accounts[VIEWER].available == 0
    for _ in range(200):
        assert world.invite(VIEWER, duration=1_000, exp=int(EXP.timestamp()) + 60) == first

    assert Transfer not in kinds(world)
    world.run_due()
    assert len(world.notifier.notifications) == notifications
    assert world.wallet.accounts() == accounts


def test_paid_claim_without_a_goal_is_the_sweeps_to_resume_D26(world: World) -> None:
    world.invite(VIEWER)
    create_goal, transfer = world.messages()
    assert isinstance(transfer, Transfer)
    world.task_queue.purge()
    world.container.transfer()(transfer)
    world.task_queue.purge()
    world.clock.advance(OLD + TICK)
    world.invite(VIEWER)
    assert world.messages() == []

    world.sweep()
    assert world.messages() == [create_goal]


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
    assert kinds(world) == [CreateGoal, Transfer]
