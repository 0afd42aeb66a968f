"""Every way in which a private goal ends, and what may go wrong on the way: who has the money at last (L3, L6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from show_goal.core.errors import GoalEnded, LivestreamTriggerQuotaExceeded, OutOfTime
from show_goal.core.messages import (
    AdmitViewers,
    AnnounceProgress,
    CreateGoal,
    DeactivateGoal,
    Message,
    SettleEscrow,
    Transfer,
)
from show_goal.core.money import Balance, HoldState
from show_goal.core.rules.states import GoalState, state_of
from show_goal.core.tasks.sweep import Swept
from tests.builders import EXP, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_report, a_viewer
from tests.world import World, meanwhile

GOAL = "000000000000000000000001"
REFUNDED = {VIEWER: 1_000, VIEWER_2: 1_000}
RELEASED = {VIEWER: 910, VIEWER_2: 970, STREAMER: 120}


def pay(world: World) -> World:
    """Invite twice into GOAL: VIEWER for 90, VIEWER_2 for 30."""
    world.invite(VIEWER)
    world.invite(VIEWER_2, duration=30)
    world.run_due()
    return world


@pytest.fixture
def paid(world: World) -> World:
    """GOAL, with VIEWER's 90 and VIEWER_2's 30 in its escrow."""
    return pay(world)


def states(world: World) -> list[HoldState]:
    return [hold.state for hold in world.wallet.holds()]


def end_session(world: World) -> None:
    world.sessions.add(evolve(world.sessions.get(SESSION), active=False))


def agree_and_switch(world: World, preset: str = "sd") -> None:
    world.agree(GOAL)
    world.switch_preset(preset)


ACTIONS: dict[str, Callable[[World], object]] = {
    "agree": lambda world: world.agree(GOAL),
    "refuse": lambda world: world.refuse(GOAL),
    "sd": lambda world: world.switch_preset("sd"),
    "preview": lambda world: world.switch_preset("preview"),
    "end the session": end_session,
    "expire": lambda world: world.wait(300),
}


@pytest.mark.parametrize(
    ("actions", "state"),
    [
        ("agree, sd", GoalState.RELEASED),
        ("agree", GoalState.REFUNDED),
        ("agree, sd, preview", GoalState.RELEASED),
        ("agree, sd, end the session", GoalState.RELEASED),
        ("sd, agree, preview", GoalState.RELEASED),
        ("agree, end the session", GoalState.REFUNDED),
        ("sd, refuse", GoalState.REFUNDED),
        ("sd, expire", GoalState.REFUNDED),
    ],
)
def test_escrow_is_released_after_an_agreement_and_sd_else_each_payer_is_refunded_L3_D16(
    paid: World, actions: str, state: GoalState
) -> None:
    for action in actions.split(", "):
        ACTIONS[action](paid)
    paid.wait(59)
    assert paid.wallet.balance(VIEWER) == Balance(available=910, held=90)
    assert paid.wallet.balance(VIEWER_2) == Balance(available=970, held=30)

    paid.wait(1)

    assert paid.available() == (RELEASED if state is GoalState.RELEASED else REFUNDED)
    assert state_of(paid.goal(GOAL)) is state
    assert paid.goal(GOAL).settled


def test_session_that_ends_before_the_goal_is_created_refunds_D24(world: World) -> None:
    world.invite()
    end_session(world)
    world.run_due()
    world.wait(360)
    world.sweep()

    assert world.available() == REFUNDED


def test_refusal_begins_the_cooldown_D13(paid: World) -> None:
    paid.refuse(GOAL)
    with pytest.raises(LivestreamTriggerQuotaExceeded) as refused:
        paid.invite()
    assert refused.value.retry_at == NOW + timedelta(seconds=60)

    paid.wait(60)

    assert paid.invite().goal_id != GOAL


# Deliveries that come twice, or never


def stored(world: World) -> list[object]:
    """All that is stored, without what was sent."""
    return [
        world.goals.all(),
        world.sessions.get(SESSION),
        world.sessions.private_goals(SESSION),
        world.passes.of(SESSION),
        world.wallet.accounts(),
        world.wallet.holds(),
        world.tracker.tracked,
        world.feed.entries,
    ]


def test_redelivery_of_every_task_a_second_answer_and_a_view_change_nothing_D19(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages: list[Message] = []
    trigger = world.task_queue.trigger

    def record(message: Message, **options: Any) -> None:
        messages.append(message)
        trigger(message, **options)

    monkeypatch.setattr(world.task_queue, "trigger", record)
    pay(world)
    agree_and_switch(world)
    world.wait(60)
    before = stored(world)
    assert {type(message) for message in messages} == {
        CreateGoal,
        Transfer,
        AnnounceProgress,
        AdmitViewers,
        DeactivateGoal,
        SettleEscrow,
    }

    for message in [*messages, DeactivateGoal(goal_id=GOAL)]:
        trigger(message)
        trigger(message)
        world.run_due()
    with pytest.raises(GoalEnded):
        world.refuse(GOAL)
    world.container.view_goal()(GOAL, a_viewer())
    world.wait(120)
    world.sweep()

    assert stored(world) == before


@pytest.mark.parametrize(
    ("ending", "done", "available"),
    [
        (agree_and_switch, Swept(settled=1), RELEASED),
        (lambda _: None, Swept(ended=1, settled=1), REFUNDED),
    ],
    ids=["agreed", "expired"],
)
def test_one_sweep_makes_up_for_lost_timers_and_a_second_finds_nothing_D26(
    paid: World, ending: Callable[[World], None], done: Swept, available: dict[str, int]
) -> None:
    ending(paid)
    paid.task_queue.purge()
    paid.clock.move_to(EXP + timedelta(seconds=60))

    assert paid.sweep() == done
    assert paid.available() == available

    before = stored(paid)
    assert paid.sweep() == Swept()
    assert stored(paid) == before


@pytest.fixture
def without_create_goal(world: World) -> World:
    """VIEWER has paid, and the broker has lost ``create_goal``."""
    world.invite()
    kept = [queued for queued in world.task_queue.queued() if queued.message.name != "create_goal"]
    world.task_queue.purge()
    for queued in kept:
        world.task_queue.trigger(queued.message, eta=queued.due)
    world.run_due(quiet=True)
    return world


def test_sweep_creates_a_paid_goal_again_D26(without_create_goal: World) -> None:
    assert without_create_goal.sweep() == Swept(resumed=1)
    without_create_goal.wait(1)

    goal = without_create_goal.goal(GOAL)
    assert (goal.active, goal.exp) == (True, EXP)
    assert without_create_goal.sessions.get(SESSION).has_bound(GOAL)


def test_sweep_refunds_a_hold_without_a_goal_settle_delay_after_exp_L6(without_create_goal: World) -> None:
    world = without_create_goal
    world.task_queue.purge()
    world.clock.move_to(EXP + timedelta(seconds=59))
    assert world.sweep().refunded == 0

    world.clock.move_to(EXP + timedelta(seconds=60))
    assert world.sweep() == Swept(refunded=1)

    assert world.available() == REFUNDED


# A settlement that breaks off


@pytest.mark.parametrize(
    ("preset", "later", "call", "state"),
    [("sd", "preview", "release", HoldState.RELEASED), ("preview", "sd", "refund", HoldState.REFUNDED)],
)
def test_settlement_that_breaks_off_is_retried_as_it_was_decided_L3(
    paid: World, preset: str, later: str, call: str, state: HoldState
) -> None:
    def stop() -> None:
        raise OutOfTime

    meanwhile(paid.wallet, call, stop, after=True)
    agree_and_switch(paid, preset)
    with pytest.raises(OutOfTime):
        paid.wait(60)
    assert states(paid) == [state, HoldState.HELD]
    assert not paid.goal(GOAL).settled

    paid.switch_preset(later)
    paid.container.settle_escrow()(SettleEscrow(goal_id=GOAL))

    assert states(paid) == [state, state]
    assert paid.goal(GOAL).settled


def test_failing_receiver_of_the_host_stops_no_refund_D21(paid: World) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionError("the host's own service is down")

    paid.container.namespace().signal("user").connect(fail, sender="balance.incremented")
    paid.refuse(GOAL)
    paid.wait(60, quiet=True)

    assert states(paid) == [HoldState.REFUNDED, HoldState.REFUNDED]


# Settings and wallets


def test_wallet_that_calls_back_sends_the_only_reports_L1(world: World) -> None:
    world.wallet.calls_back = True
    world.invite()
    world.run_due()
    assert world.sent("transfer") == []
    assert world.goal(GOAL).progress == 0

    (hold,) = world.wallet.holds()
    world.container.wallet_transaction()(a_report(id=hold.transaction_id, tags=hold.tags))
    world.run_due()
    assert world.paid_by(GOAL) == {VIEWER: 90}

    agree_and_switch(world)
    world.wait(60)
    assert world.sent("settle_escrow") == []
    assert world.wallet.balance(STREAMER) == Balance(available=90)
