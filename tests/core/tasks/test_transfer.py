from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from show_goal.core import names
from show_goal.core.errors import GoalEnded, GoalUnknown, TransactionConflict
from show_goal.core.messages import SettleEscrow
from show_goal.core.model import Claim
from show_goal.core.money import Balance, Hold
from show_goal.ports.errors import StoreUnavailable, WalletUnavailable
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, VIEWER, VIEWER_2, a_goal, a_hold, a_session, a_transfer
from tests.world import World, meanwhile


@pytest.fixture
def with_goal(world: World) -> World:
    world.goals.insert(a_goal())
    return world


SIGNALS = ["transaction.created", "balance.decremented"]


def transfer(world: World, **changes: Any) -> Hold:
    hold: Hold = world.container.transfer()(a_transfer(**changes))
    return hold


def test_amount_is_held_once_in_the_goals_escrow_with_who_paid_for_how_long_D16_D19(with_goal: World) -> None:
    for _ in range(2):
        transfer(with_goal)

    assert with_goal.wallet.holds() == [a_hold()]
    account = with_goal.wallet.accounts()[VIEWER]
    assert (account.available, account.held) == (910, 90)


def test_joiners_pay_into_the_goals_one_escrow_D16(with_goal: World) -> None:
    transfer(with_goal, amount=90, duration=90)
    transfer(with_goal, viewer_id=VIEWER_2, amount=30, duration=30)

    assert [(h.from_user_id, h.amount, h.duration, h.escrow_id) for h in with_goal.wallet.holds()] == [
        (VIEWER, 90, 90, f"trigger_private:{GOAL}"),
        (VIEWER_2, 30, 30, f"trigger_private:{GOAL}"),
    ]


@pytest.mark.parametrize("amount", [91, 1_001])
def test_same_transaction_with_another_amount_moves_nothing_D15(with_goal: World, amount: int) -> None:
    transfer(with_goal)
    accounts = with_goal.wallet.accounts()

    with pytest.raises(TransactionConflict):
        transfer(with_goal, amount=amount)
    with_goal.goals.end(GOAL, NOW)
    with pytest.raises(GoalEnded):
        transfer(with_goal, amount=amount)

    assert with_goal.wallet.accounts() == accounts


@pytest.mark.parametrize("ended", [True, False], ids=["ended", "past its exp, with a late timer"])
def test_transfer_after_the_end_of_its_goal_is_refused_D18(with_goal: World, ended: bool) -> None:
    if ended:
        with_goal.goals.end(GOAL, NOW)
    else:
        with_goal.clock.move_to(EXP)

    with pytest.raises(GoalEnded):
        transfer(with_goal)

    assert with_goal.wallet.holds() == []


def test_transfer_that_arrives_before_its_create_goal_is_proven_by_the_claim_D2(world: World) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))

    transfer(world)

    assert world.wallet.holds() == [a_hold()]


def test_expired_claim_proves_nothing_D18(world: World) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=NOW)))

    with pytest.raises(GoalEnded):
        transfer(world)


@pytest.mark.parametrize(
    "claim", [None, Claim(goal_id=GOAL_2, exp=EXP), Claim(goal_id=GOAL_2, exp=NOW - timedelta(seconds=1))]
)
def test_transfer_for_an_unknown_goal_is_refused(world: World, claim: Claim | None) -> None:
    world.sessions.add(a_session(claim=claim))

    with pytest.raises(GoalUnknown):
        transfer(world)


@pytest.mark.parametrize("tags", [[], ["gift"], [f"swag::livestream.session:elsewhere.trigger_private:{GOAL}"]])
def test_transfer_whose_tag_names_no_active_session_is_refused(world: World, tags: list[str]) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))

    with pytest.raises(GoalUnknown):
        transfer(world, tags=tags)


def test_viewer_who_pays_at_the_moment_of_the_agreement_gets_a_pass_L3(with_goal: World) -> None:
    meanwhile(with_goal.wallet, "hold", lambda: with_goal.agree(GOAL))

    transfer(with_goal)
    assert with_goal.passes.of(SESSION) == {}, "the receivers of goal.ended did not see the hold"
    with_goal.run_due()

    assert list(with_goal.passes.of(SESSION)) == [VIEWER]


KARAOKE = {"_cls": "KaraokeGoal", "context": {}}


@pytest.mark.parametrize("exp", [None, EXP])
def test_hold_placed_after_the_settlement_is_refunded_even_if_its_goal_has_no_exp_L6(
    world: World, exp: datetime | None
) -> None:
    def end_and_settle() -> None:
        world.end()
        world.clock.advance(timedelta(seconds=60))
        world.container.settle_escrow()(SettleEscrow(goal_id=GOAL))

    world.goals.insert(a_goal(**KARAOKE, exp=exp))
    meanwhile(world.wallet, "hold", end_and_settle)

    transfer(world, escrow_id=f"karaoke:{GOAL}")
    world.wait(60)
    world.clock.move_to(EXP + timedelta(seconds=60))
    world.sweep()

    assert world.wallet.balance(VIEWER) == Balance(available=1_000)


def break_off_after_the_hold(world: World, **changes: Any) -> None:
    """The wallet places the hold, and its response is lost."""

    def lose() -> None:
        raise WalletUnavailable("the response is lost")

    meanwhile(world.wallet, "hold", lose, after=True)
    with pytest.raises(WalletUnavailable):
        transfer(world, **changes)


def test_hold_of_a_broken_off_transfer_is_reported_although_its_goal_has_ended_since_L1(with_goal: World) -> None:
    break_off_after_the_hold(with_goal)
    with_goal.goals.end(GOAL, NOW, metadata={"cooldown": NOW})

    assert transfer(with_goal) == a_hold()
    with_goal.run_due()

    lost, reported, looked_again = (trace for trace in with_goal.traces if trace.name == "transfer")
    assert [step.name for step in reported.steps if step.kind == "signal"] == SIGNALS
    assert [step.name for step in looked_again.steps] == ["deactivate_goal"]
    assert lost.outcome == "failed"
    assert with_goal.paid_by(GOAL) == {VIEWER: 90}


def units(world: World) -> list[tuple[str, str]]:
    return [(trace.name, trace.outcome) for trace in world.traces]


def fail(*_: object, **__: object) -> None:
    raise StoreUnavailable("away")


def test_progress_is_counted_by_the_transfer_itself_with_the_same_steps_and_no_message(with_goal: World) -> None:
    transfer(with_goal)

    assert with_goal.messages() == []
    assert with_goal.paid_by(GOAL) == {VIEWER: 90}
    assert units(with_goal) == [("transfer", "done"), ("increment_goal_progress", "done")]
    assert with_goal.steps("transfer", "task") == [("increment_goal_progress", "triggered")]
    assert with_goal.steps("increment_goal_progress", "signal") == [("goal.progressed", "sent")]


def test_progress_that_fails_is_queued_and_the_transfer_is_not_repeated(with_goal: World) -> None:
    meanwhile(with_goal.goals, "increment_progress", fail)

    assert transfer(with_goal) == a_hold()
    assert [message.name for message in with_goal.messages()] == ["increment_goal_progress"]
    assert with_goal.paid_by(GOAL) == {}
    with_goal.run_due()

    assert with_goal.paid_by(GOAL) == {VIEWER: 90}
    assert units(with_goal) == [
        ("transfer", "done"),
        ("increment_goal_progress", "failed"),
        ("increment_goal_progress", "done"),
    ]


def test_progress_of_a_goal_that_does_not_exist_yet_is_queued(world: World) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))

    transfer(world)

    assert [message.name for message in world.messages()] == ["increment_goal_progress"]


def test_progress_is_counted_even_if_a_receiver_of_the_host_fails(with_goal: World) -> None:
    signal = with_goal.container.namespace().signal("ext.wallet")
    signal.connect(fail, sender="transaction.created")

    with pytest.raises(ExceptionGroup):
        transfer(with_goal)

    assert with_goal.paid_by(GOAL) == {VIEWER: 90}
    assert units(with_goal) == [("transfer", "failed"), ("increment_goal_progress", "done")]


def test_a_message_for_another_goal_is_counted_there_and_its_own_goal_is_looked_at_again(with_goal: World) -> None:
    with_goal.goals.insert(a_goal(id=GOAL_2, conditions={"session_id": "another"}))
    meanwhile(with_goal.wallet, "hold", lambda: with_goal.goals.end(GOAL, NOW), after=True)

    transfer(with_goal, tags=[names.transfer_tag("swag", SESSION, GOAL_2)])

    assert with_goal.paid_by(GOAL_2) == {VIEWER: 90}
    assert [message.name for message in with_goal.messages()] == ["deactivate_goal"]


def test_hold_of_a_broken_off_transfer_is_refunded_although_its_goal_without_exp_is_settled_L6(world: World) -> None:
    world.goals.insert(a_goal(**KARAOKE, exp=None))
    break_off_after_the_hold(world, escrow_id=f"karaoke:{GOAL}")
    world.goals.end(GOAL, NOW)
    world.goals.mark_settled(GOAL)
    world.clock.advance(timedelta(seconds=60))

    transfer(world, escrow_id=f"karaoke:{GOAL}")
    world.run_due()

    assert world.wallet.balance(VIEWER) == Balance(available=1_000)
