from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.errors import GoalEnded, GoalUnknown, InsufficientBalance, Refused, TransactionConflict
from show_goal.core.messages import DeactivateGoal, SettleEscrow
from show_goal.core.model import Balance, Claim, Goal, Hold
from show_goal.ports.errors import WalletUnavailable
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, VIEWER, VIEWER_2, a_goal, a_hold, a_session, a_transfer
from tests.world import World


@pytest.fixture
def with_goal(world: World) -> World:
    world.goals.insert(a_goal())
    return world


def test_amount_is_held_in_the_goals_escrow_with_who_paid_for_how_long_D16(with_goal: World) -> None:
    with_goal.container.transfer()(a_transfer())

    assert with_goal.wallet.holds() == [a_hold()]
    account = with_goal.wallet.accounts()[VIEWER]
    assert (account.available, account.held) == (910, 90)


def test_transfer_delivered_twice_is_charged_once_D19(with_goal: World) -> None:
    for _ in range(2):
        with_goal.container.transfer()(a_transfer())

    assert with_goal.wallet.accounts()[VIEWER].held == 90


def test_joiners_pay_into_the_goals_one_escrow_D16(with_goal: World) -> None:
    with_goal.container.transfer()(a_transfer(amount=90, duration=90))
    with_goal.container.transfer()(a_transfer(viewer_id=VIEWER_2, amount=30, duration=30))

    assert [(h.from_user_id, h.amount, h.duration, h.escrow_id) for h in with_goal.wallet.holds()] == [
        (VIEWER, 90, 90, f"trigger_private:{GOAL}"),
        (VIEWER_2, 30, 30, f"trigger_private:{GOAL}"),
    ]


@pytest.mark.parametrize(
    ("change", "refusal"), [({"amount": 91}, TransactionConflict), ({"amount": 1_001}, TransactionConflict)]
)
def test_same_transaction_with_another_amount_moves_nothing_D15(
    with_goal: World, change: dict[str, Any], refusal: type[Refused]
) -> None:
    with_goal.container.transfer()(a_transfer())
    before = with_goal.wallet.accounts()

    with pytest.raises(refusal):
        with_goal.container.transfer()(a_transfer(**change))

    assert with_goal.wallet.accounts() == before


def test_hold_never_overdraws_D18(with_goal: World) -> None:
    with pytest.raises(InsufficientBalance):
        with_goal.container.transfer()(a_transfer(amount=1_001))

    assert with_goal.wallet.holds() == []


def test_transfer_after_its_goal_has_ended_is_refused_D18(with_goal: World) -> None:
    with_goal.goals.end(GOAL, NOW)

    with pytest.raises(GoalEnded):
        with_goal.container.transfer()(a_transfer())

    assert with_goal.wallet.holds() == []


def test_transfer_after_exp_is_refused_although_the_timer_is_late_D18(with_goal: World) -> None:
    with_goal.clock.move_to(EXP)

    with pytest.raises(GoalEnded):
        with_goal.container.transfer()(a_transfer())


def test_transfer_that_overtakes_its_create_goal_is_vouched_for_by_the_claim_D2(world: World) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))

    world.container.transfer()(a_transfer())

    assert world.wallet.holds() == [a_hold()]


def test_claim_that_is_over_vouches_for_nothing_D18(world: World) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=NOW)))

    with pytest.raises(GoalEnded):
        world.container.transfer()(a_transfer())


@pytest.mark.parametrize(
    "claim", [None, Claim(goal_id=GOAL_2, exp=EXP), Claim(goal_id=GOAL_2, exp=NOW - timedelta(seconds=1))]
)
def test_transfer_for_a_goal_that_nothing_knows_is_refused(world: World, claim: Claim | None) -> None:
    world.sessions.add(a_session(claim=claim))

    with pytest.raises(GoalUnknown):
        world.container.transfer()(a_transfer())


@pytest.mark.parametrize("tags", [[], ["gift"], [f"swag::livestream.session:elsewhere.trigger_private:{GOAL}"]])
def test_transfer_whose_tag_names_no_active_session_is_refused(world: World, tags: list[str]) -> None:
    world.sessions.add(a_session(id=SESSION, claim=Claim(goal_id=GOAL, exp=EXP)))

    with pytest.raises(GoalUnknown):
        world.container.transfer()(a_transfer(tags=tags))


class AgreedMeanwhile(MemoryWallet):
    """The streamer's agreement is carried out just before the hold."""

    agree: Callable[[], None]

    def hold(self, hold: Hold) -> Hold:
        self.agree()
        return super().hold(hold)


def test_viewer_who_pays_at_the_moment_of_the_agreement_is_let_in_L3() -> None:
    wallet = AgreedMeanwhile()
    wallet.credit(VIEWER, 1_000)
    world = World.make(wallet=wallet)
    world.goals.insert(a_goal())
    wallet.agree = partial(world.agree, GOAL)

    world.container.transfer()(a_transfer())
    assert world.sessions.viewers(SESSION) == {}, "whoever told of the end had not seen the hold"
    world.run_due()

    assert list(world.sessions.viewers(SESSION)) == [VIEWER]


class SettledMeanwhile(MemoryWallet):
    """A transfer has been let in, and sleeps until its goal has ended and is settled."""

    world: World

    def hold(self, hold: Hold) -> Hold:
        end, settle = self.world.container.deactivate_goal(), self.world.container.settle_escrow()
        end(DeactivateGoal(goal_id=hold.goal_id))
        self.world.clock.advance(timedelta(seconds=60))
        settle(SettleEscrow(goal_id=hold.goal_id))
        return super().hold(hold)


@pytest.mark.parametrize("exp", [None, EXP])
def test_what_is_held_too_late_for_the_settlement_is_given_back_although_its_goal_has_no_exp_L6(
    exp: datetime | None,
) -> None:
    wallet = SettledMeanwhile()
    wallet.world = world = World.make(wallet=wallet)
    wallet.credit(VIEWER, 1_000)
    world.goals.insert(a_goal(_cls="KaraokeGoal", context={}, exp=exp))

    world.container.transfer()(a_transfer(escrow_id=f"karaoke:{GOAL}"))
    world.wait(60)
    world.clock.move_to(EXP + timedelta(seconds=60))
    world.sweep()

    assert wallet.balance(VIEWER) == Balance(available=1_000)


class LosesItsReply(MemoryWallet):
    """The hold stands, and its task breaks off before it hears so; meanwhile the goal has come to its end."""

    meanwhile: Callable[[], None]

    def hold(self, hold: Hold) -> Hold:
        super().hold(hold)
        self.meanwhile()
        raise WalletUnavailable("the reply is lost")


def with_a_lost_reply(goal: Goal, meanwhile: Callable[[World], None]) -> World:
    wallet = LosesItsReply()
    wallet.credit(VIEWER, 1_000)
    world = World.make(wallet=wallet)
    world.goals.insert(goal)
    wallet.meanwhile = partial(meanwhile, world)
    return world


def refused(world: World) -> None:
    world.goals.end(GOAL, NOW, metadata={"cooldown": NOW})


def settled(world: World) -> None:
    world.goals.end(GOAL, NOW)
    world.goals.mark_settled(GOAL)
    world.clock.advance(timedelta(seconds=60))


def test_what_was_held_before_the_task_broke_off_is_reported_although_the_goal_has_ended_since_L1() -> None:
    world = with_a_lost_reply(a_goal(), refused)
    with pytest.raises(WalletUnavailable):
        world.container.transfer()(a_transfer())

    assert world.container.transfer()(a_transfer()) == a_hold()
    world.run_due()

    assert world.steps("transfer", "signal") == [("transaction.created", "sent"), ("balance.decremented", "sent")]
    assert world.goal(GOAL).breakdown == {VIEWER: {"progress": 1, "cost": 90}}


def test_what_was_held_too_late_before_the_task_broke_off_is_given_back_although_its_goal_has_no_exp_L6() -> None:
    world = with_a_lost_reply(a_goal(_cls="KaraokeGoal", context={}, exp=None), settled)
    transfer = a_transfer(escrow_id=f"karaoke:{GOAL}")
    with pytest.raises(WalletUnavailable):
        world.container.transfer()(transfer)

    world.container.transfer()(transfer)
    world.run_due()

    assert world.wallet.balance(VIEWER) == Balance(available=1_000)


def test_other_money_under_the_id_of_a_hold_is_refused_once_the_goal_has_ended_D15(with_goal: World) -> None:
    with_goal.container.transfer()(a_transfer())
    with_goal.goals.end(GOAL, NOW)

    with pytest.raises(GoalEnded):
        with_goal.container.transfer()(a_transfer(amount=91))
