"""Every way in which a private goal ends, and whatever may go wrong on the way: who has the money at last (L3, L6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.errors import GoalEnded, GoalNotEnded, LivestreamTriggerQuotaExceeded
from show_goal.core.messages import DeactivateGoal, IncrementGoalProgress, Message, SettleEscrow
from show_goal.core.model import Balance, Hold, HoldState
from show_goal.core.rules.states import GoalState, state_of
from show_goal.core.settings import Settings
from show_goal.core.tasks.sweep import Swept
from show_goal.ports.errors import WalletUnavailable
from tests.builders import EXP, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_report, a_session, a_transfer, a_viewer
from tests.world import World

GOAL = "000000000000000000000001"
VIEWER_3 = "71e000000000000000000003"


def invite_and_run(world: World) -> World:
    world.invite()
    world.run_due()
    return world


@pytest.fixture
def paid(world: World) -> World:
    """GOAL, with VIEWER's 90 in its escrow."""
    return invite_and_run(world)


def available(world: World) -> dict[str, int]:
    assert all(balance.held == 0 for balance in world.wallet.accounts().values()), "something is still held"
    return {user_id: balance.available for user_id, balance in world.wallet.accounts().items()}


def assert_clean(world: World) -> None:
    """Long after every exp, nothing is held and nothing is missing (L6)."""
    assert world.wallet.audit(world.clock.now() + timedelta(days=1)).problems == []


def states(world: World) -> list[HoldState]:
    return [hold.state for hold in world.wallet.holds()]


def end_session(world: World) -> None:
    world.sessions.add(evolve(world.sessions.get(SESSION), active=False))


# The endings


def test_agreed_and_sd_is_released_to_the_streamer_L3(paid: World) -> None:
    paid.agree(GOAL)
    paid.switch_preset("sd")
    paid.wait(60)

    assert available(paid) == {VIEWER: 910, VIEWER_2: 1_000, STREAMER: 90}
    assert state_of(paid.goal(GOAL)) is GoalState.RELEASED
    assert paid.goal(GOAL).settled
    assert_clean(paid)


def test_nothing_moves_before_settle_delay_is_over_L3(paid: World) -> None:
    paid.agree(GOAL)
    paid.switch_preset("sd")
    paid.wait(59)

    assert paid.wallet.balance(VIEWER) == Balance(available=910, held=90)
    assert paid.wallet.balance(STREAMER) == Balance()


def test_settlement_that_comes_too_early_sets_its_timer_anew_L3(paid: World) -> None:
    paid.agree(GOAL)
    paid.switch_preset("sd")
    paid.task_queue.purge()
    paid.container.settle_escrow()(SettleEscrow(goal_id=GOAL))

    assert states(paid) == [HoldState.HELD]
    due = NOW + timedelta(seconds=60)
    assert [(q.message, q.due) for q in paid.task_queue.queued()] == [(SettleEscrow(goal_id=GOAL), due)]


def test_active_goal_is_never_settled_L3(paid: World) -> None:
    with pytest.raises(GoalNotEnded):
        paid.container.settle_escrow()(SettleEscrow(goal_id=GOAL))
    assert states(paid) == [HoldState.HELD]


def agree_and_never_switch(world: World) -> None:
    world.agree(GOAL)


def agree_and_switch_back(world: World) -> None:
    world.agree(GOAL)
    world.switch_preset("sd")
    world.switch_preset("preview")


def agree_and_end_the_session(world: World) -> None:
    world.agree(GOAL)
    world.switch_preset("sd")
    end_session(world)


def refuse(world: World) -> None:
    world.switch_preset("sd")
    world.refuse(GOAL)


def let_it_expire(world: World) -> None:
    world.switch_preset("sd")
    world.wait(300)


REFUNDED = [agree_and_never_switch, agree_and_switch_back, agree_and_end_the_session, refuse, let_it_expire]


@pytest.mark.parametrize("ending", REFUNDED)
def test_every_other_ending_is_refunded_L3(paid: World, ending: Callable[[World], None]) -> None:
    ending(paid)
    paid.wait(60)

    assert available(paid) == {VIEWER: 1_000, VIEWER_2: 1_000}
    assert state_of(paid.goal(GOAL)) is GoalState.REFUNDED
    assert_clean(paid)


def test_three_joiners_get_back_each_their_own_D16(paid: World) -> None:
    paid.wallet.credit(VIEWER_3, 50)
    paid.invite(VIEWER_2, duration=30)
    paid.invite(VIEWER_3, duration=7)
    paid.run_due()
    assert [hold.amount for hold in paid.wallet.holds()] == [90, 30, 7]

    paid.refuse(GOAL)
    paid.wait(60)

    assert available(paid) == {VIEWER: 1_000, VIEWER_2: 1_000, VIEWER_3: 50}
    assert_clean(paid)


def test_session_that_ended_before_the_goal_was_made_refunds_D24(world: World) -> None:
    world.invite()
    end_session(world)
    world.run_due()
    world.wait(360)
    world.sweep()

    assert available(world) == {VIEWER: 1_000, VIEWER_2: 1_000}
    assert_clean(world)


def test_refusal_begins_the_cooldown_and_an_agreement_does_not_D13(paid: World) -> None:
    paid.refuse(GOAL)
    with pytest.raises(LivestreamTriggerQuotaExceeded) as refused:
        paid.invite()
    assert refused.value.retry_at == NOW + timedelta(seconds=60)
    paid.wait(60)
    assert paid.invite().goal_id != GOAL

    other = invite_and_run(World.make())
    other.agree(GOAL)
    assert other.invite().goal_id != GOAL


# Answers that race


def test_of_a_refusal_and_an_agreement_the_first_that_is_carried_out_stands(paid: World) -> None:
    streamer = a_viewer(id=STREAMER)
    answer = paid.container.answer_goal()
    answer(GOAL, streamer, agree=False)
    answer(GOAL, streamer, agree=True)
    paid.run_due()

    assert state_of(paid.goal(GOAL)) is GoalState.REFUSED
    assert paid.trace("deactivate_goal")["reason"] == "goal_ended"
    assert paid.sessions.viewers(SESSION) == {}


def test_second_answer_is_refused_and_changes_nothing(paid: World) -> None:
    paid.agree(GOAL)
    before = paid.goal(GOAL)

    with pytest.raises(GoalEnded):
        paid.refuse(GOAL)

    assert paid.goal(GOAL) == before


def test_transfer_that_comes_after_the_end_is_refused_D18(paid: World) -> None:
    paid.refuse(GOAL)

    with pytest.raises(GoalEnded):
        paid.container.transfer()(a_transfer(GOAL, VIEWER_2))

    assert len(paid.wallet.holds()) == 1
    assert paid.wallet.balance(VIEWER_2) == Balance(available=1_000)


# Deliveries that come twice, or never


def facts(world: World) -> list[object]:
    """All that is stored, apart from what was only said."""
    return [
        world.goals.all(),
        world.sessions.get(SESSION),
        world.sessions.private_goals(SESSION),
        world.sessions.viewers(SESSION),
        world.wallet.accounts(),
        world.wallet.holds(),
        world.tracker.tracked,
        world.feed.entries,
    ]


def test_redelivery_of_every_task_changes_nothing_D19(paid: World) -> None:
    delivered = Recorder(paid)
    paid.agree(GOAL)
    paid.switch_preset("sd")
    paid.wait(60)
    before = facts(paid)

    increment = IncrementGoalProgress(
        goal_id=GOAL,
        amount=1,
        cost=90,
        breakdown_id=VIEWER,
        insert_id=f"session:trigger-private:{GOAL}:{VIEWER}",
    )
    for message in [*delivered.messages, increment, DeactivateGoal(goal_id=GOAL), SettleEscrow(goal_id=GOAL)]:
        paid.task_queue.trigger(message)
        paid.task_queue.trigger(message)
        paid.run_due()
    paid.wait(120)
    paid.sweep()

    assert facts(paid) == before


class Recorder:
    """Every message that is triggered from here on, and those that wait already."""

    def __init__(self, world: World) -> None:
        self.messages: list[Message] = [queued.message for queued in world.task_queue.queued()]
        self._trigger = world.task_queue.trigger
        world.task_queue.trigger = self  # type: ignore[method-assign]

    def __call__(self, message: Message, **options: Any) -> None:
        self.messages.append(message)
        self._trigger(message, **options)


def test_all_timers_lost_one_sweep_ends_and_settles_everything_D26(paid: World) -> None:
    paid.invite(VIEWER_2, duration=30)
    paid.run_due()
    paid.task_queue.purge()
    paid.clock.move_to(EXP + timedelta(seconds=60))

    assert paid.sweep() == Swept(ended=1, resumed=0, settled=1, refunded=0)

    assert available(paid) == {VIEWER: 1_000, VIEWER_2: 1_000}
    assert_clean(paid)


def test_agreed_goal_whose_settlement_is_lost_is_released_by_the_sweep_D26(paid: World) -> None:
    paid.agree(GOAL)
    paid.switch_preset("sd")
    paid.task_queue.purge()
    paid.clock.advance(timedelta(seconds=60))

    assert paid.sweep() == Swept(ended=0, resumed=0, settled=1, refunded=0)
    assert available(paid) == {VIEWER: 910, VIEWER_2: 1_000, STREAMER: 90}


def test_second_sweep_finds_nothing_to_do(paid: World) -> None:
    paid.task_queue.purge()
    paid.clock.move_to(EXP + timedelta(seconds=60))
    paid.sweep()
    before = facts(paid)

    assert paid.sweep() == Swept(ended=0, resumed=0, settled=0, refunded=0)
    assert facts(paid) == before


def test_goal_that_was_paid_for_and_lost_is_resumed_by_the_sweep_D26(world: World) -> None:
    world.invite()
    lose(world, "create_goal")
    world.run_due()

    assert world.sweep() == Swept(ended=0, resumed=1, settled=0, refunded=0)
    world.wait(1)

    goal = world.goal(GOAL)
    assert goal.active
    assert goal.metadata["triggered_by"] == VIEWER
    assert goal.metadata["prepaid_duration"] == 90
    assert goal.exp == EXP
    assert world.sessions.get(SESSION).has_bound(GOAL)


def lose(world: World, name: str) -> None:
    """The broker forgets every message of this task."""
    kept = [queued for queued in world.task_queue.queued() if queued.message.name != name]
    world.task_queue.purge()
    for queued in kept:
        world.task_queue.trigger(queued.message, eta=queued.due)


def test_hold_whose_goal_never_came_to_be_is_refunded_after_exp_and_settle_delay_L6(world: World) -> None:
    world.invite()
    lose(world, "create_goal")
    world.run_due()
    world.task_queue.purge()

    world.clock.move_to(EXP + timedelta(seconds=59))
    assert world.sweep().refunded == 0
    world.clock.move_to(EXP + timedelta(seconds=60))
    assert world.sweep() == Swept(ended=0, resumed=0, settled=0, refunded=1)

    assert available(world) == {VIEWER: 1_000, VIEWER_2: 1_000}
    assert_clean(world)


def test_claim_that_nobody_paid_for_is_left_to_its_exp(world: World) -> None:
    world.invite()
    world.task_queue.purge()

    assert world.sweep() == Swept(ended=0, resumed=0, settled=0, refunded=0)
    assert world.task_queue.queued() == []


def test_one_item_that_fails_stops_no_other_of_the_sweep() -> None:
    wallet = FailingWallet(failing_for={VIEWER})
    world = World.make(wallet=wallet)
    other = "5e5500000000000000000002"
    world.sessions.add(a_session(id=other, streamer_id="57e000000000000000000002"))
    for viewer in (VIEWER, VIEWER_2):
        wallet.credit(viewer, 1_000)
    world.invite(VIEWER)
    world.invite(VIEWER_2, session_id=other)
    world.run_due()
    world.task_queue.purge()
    world.clock.move_to(EXP + timedelta(seconds=60))

    with pytest.raises(ExceptionGroup):
        world.sweep()
    assert wallet.balance(VIEWER_2) == Balance(available=1_000)
    assert wallet.balance(VIEWER).held == 90

    wallet.failing_for.clear()
    world.sweep()
    assert wallet.balance(VIEWER) == Balance(available=1_000)


class FailingWallet(MemoryWallet):
    """Does not answer when it is to settle what certain users paid."""

    def __init__(self, failing_for: set[str]) -> None:
        super().__init__()
        self.failing_for = failing_for

    def _settle(self, transaction_id: str, state: HoldState) -> Hold:
        if transaction_id.rpartition(":")[2] in self.failing_for:
            raise WalletUnavailable("no answer")
        return super()._settle(transaction_id, state)


# A settlement that breaks off


def half_settled(preset: str) -> tuple[World, FailingWallet]:
    """Two paid and the goal was agreed; the settlement broke off at VIEWER_2, after VIEWER."""
    wallet = FailingWallet(failing_for={VIEWER_2})
    world = World.make(wallet=wallet)
    for viewer in (VIEWER, VIEWER_2):
        wallet.credit(viewer, 1_000)
        world.invite(viewer)
    world.run_due()
    world.agree(GOAL)
    world.switch_preset(preset)
    world.wait(60)
    return world, wallet


def test_settlement_that_broke_off_is_not_settled_and_is_retried() -> None:
    world, wallet = half_settled("sd")

    assert [hold.state for hold in wallet.holds()] == [HoldState.RELEASED, HoldState.HELD]
    assert not world.goal(GOAL).settled
    assert "settle_escrow" in [queued.message.name for queued in world.task_queue.queued()]

    wallet.failing_for.clear()
    world.wait(1)
    assert wallet.balance(STREAMER) == Balance(available=180)
    assert world.goal(GOAL).settled


def test_settlement_is_carried_on_as_decided_whatever_the_session_has_become_L3() -> None:
    world, wallet = half_settled("sd")
    end_session(world)
    world.task_queue.purge()
    wallet.failing_for.clear()
    world.sweep()
    assert {hold.state for hold in wallet.holds()} == {HoldState.RELEASED}

    world, wallet = half_settled("preview")
    world.switch_preset("sd")
    world.task_queue.purge()
    wallet.failing_for.clear()
    world.sweep()
    assert {hold.state for hold in wallet.holds()} == {HoldState.REFUNDED}


def test_hosts_receiver_that_fails_keeps_nobody_elses_money_D21(paid: World) -> None:
    paid.invite(VIEWER_2)
    paid.run_due()

    def fail(*_: object, **__: object) -> None:
        raise ConnectionError("the host's own service is down")

    paid.container.namespace().signal("user").connect(fail, sender="balance.incremented")
    paid.refuse(GOAL)
    paid.wait(60)

    assert states(paid) == [HoldState.REFUNDED, HoldState.REFUNDED]


# Timers beyond the horizon


def test_nothing_is_published_beyond_eta_horizon_and_the_sweep_does_it_all_D26() -> None:
    settings = Settings(eta_horizon=timedelta(seconds=30))
    world = invite_and_run(World.make(settings=settings))
    assert world.task_queue.queued() == []
    assert dict(world.steps("create_goal", "receiver"))["schedule_lifecycle_tasks"] == "skipped"

    world.agree(GOAL)
    world.switch_preset("sd")
    assert world.task_queue.queued() == []
    assert dict(world.steps("deactivate_goal", "receiver"))["handle_trigger_private_goal_escrow"] == "skipped"

    world.clock.advance(timedelta(seconds=60))
    world.sweep()
    assert available(world) == {VIEWER: 910, VIEWER_2: 1_000, STREAMER: 90}


# A wallet that reports by itself


class ReportingWallet(MemoryWallet):
    calls_back = True


def test_wallet_that_calls_back_reports_itself_and_we_stay_silent_L1() -> None:
    wallet = ReportingWallet()
    wallet.credit(VIEWER, 1_000)
    world = invite_and_run(World.make(wallet=wallet))
    assert world.steps("transfer", "signal") == []
    assert world.goal(GOAL).progress == 0

    (hold,) = wallet.holds()
    report = a_report(id=hold.transaction_id, tags=hold.tags)
    for _ in range(2):  # a wallet repeats itself until it is answered
        world.container.wallet_transaction()(report)
    world.run_due()
    assert world.goal(GOAL).progress == 1
    assert world.goal(GOAL).breakdown == {VIEWER: {"progress": 1, "cost": 90}}

    world.agree(GOAL)
    world.switch_preset("sd")
    world.wait(60)
    assert world.steps("settle_escrow", "signal") == []
    assert wallet.balance(STREAMER) == Balance(available=90)


# Previews


def test_previews_change_nothing(paid: World) -> None:
    before, queued = facts(paid), paid.task_queue.queued()

    preview = paid.container.preview_trigger_private()(SESSION, a_viewer(), 30)
    paid.container.view_goal()(GOAL, a_viewer())

    assert preview.ongoing is not None
    assert (facts(paid), paid.task_queue.queued()) == (before, queued)
