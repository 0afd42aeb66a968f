"""The ports that use cases get record what passes through them (D28)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_mock import MockerFixture

from show_goal.adapters.memory import MemoryWallet
from show_goal.adapters.traced import TracedNotifier, TracedTaskQueue, TracedWallet
from show_goal.core.errors import InsufficientBalance
from show_goal.core.money import HoldState
from show_goal.core.trace import Trace, Tracer
from show_goal.ports.notifier import Notification
from tests.builders import EXP, VIEWER, a_hold, a_transfer
from tests.world import World

MONEY = {"transaction_id": a_hold().transaction_id, "amount": 90}


def traced(*calls: Callable[[], object]) -> Trace:
    """The trace of one unit that makes the calls."""
    with Tracer(lambda _: None).unit("x") as unit:
        for call in calls:
            call()
    return unit


@pytest.fixture
def wallet() -> TracedWallet:
    wallet = MemoryWallet()
    wallet.credit(VIEWER, 100)
    return TracedWallet(wallet)


def test_a_hold_and_its_repeat_are_recorded(wallet: TracedWallet) -> None:
    unit = traced(lambda: wallet.hold(a_hold()), lambda: wallet.hold(a_hold()))

    assert [(step.kind, step.name, step.detail) for step in unit.steps] == [("money", "held", MONEY)] * 2


@pytest.mark.parametrize("end", ["release", "refund"])
def test_what_a_hold_becomes_is_recorded(wallet: TracedWallet, end: str) -> None:
    hold = wallet.hold(a_hold())
    unit = traced(lambda: getattr(wallet, end)(hold.transaction_id))

    assert [(step.name, step.detail) for step in unit.steps] == [(f"{end.removesuffix('e')}ed", MONEY)]


def test_a_part_is_recorded_with_the_rest(wallet: TracedWallet) -> None:
    hold = wallet.hold(a_hold())
    unit = traced(lambda: wallet.release(hold.transaction_id, 30))

    assert [(step.name, step.detail) for step in unit.steps] == [
        ("released", {**MONEY, "released": 30, "refunded": 60}),
    ]


def test_a_wallet_that_knows_no_parts_gets_no_amount(mocker: MockerFixture) -> None:
    older = MemoryWallet()
    older.hold(a_hold(amount=0))
    release = older.release
    mocker.patch.object(older, "release", lambda transaction_id: release(transaction_id))
    assert TracedWallet(older).release(a_hold().transaction_id).state is HoldState.RELEASED


def test_money_that_does_not_move_leaves_no_step(wallet: TracedWallet) -> None:
    def overdraw() -> None:
        with pytest.raises(InsufficientBalance):
            wallet.hold(a_hold(amount=101))

    assert traced(overdraw).steps == []


def test_questions_to_the_wallet_leave_no_step_and_get_its_answers(wallet: TracedWallet) -> None:
    hold = wallet.hold(a_hold())
    statement = wallet.statement(VIEWER, hold.transaction_id)

    def ask() -> None:
        assert (statement.available, statement.hold) == (10, hold)
        assert wallet.find(hold.transaction_id) == hold
        assert [*wallet.holds_of(hold.escrow_id, 1).items] == [hold]
        assert [*wallet.overdue(EXP, 10).items] == [hold]
        assert wallet.calls_back is False
        assert wallet.releases_parts is True

    assert traced(ask).steps == []


def test_a_task_is_recorded_with_its_arguments_and_its_eta(world: World) -> None:
    queue = TracedTaskQueue(world.task_queue)
    unit = traced(lambda: queue.trigger(a_transfer(), eta=EXP))

    (step,) = unit.steps
    assert (step.kind, step.name, step.outcome) == ("task", "transfer", "triggered")
    assert (step.detail["arguments"], step.detail["eta"]) == (a_transfer().arguments(), EXP)
    assert [queued.message for queued in world.task_queue.queued()] == [a_transfer()]


def test_a_notification_is_recorded_with_its_channels(world: World) -> None:
    notifier = TracedNotifier(world.notifier)
    sent = Notification(id="1", event="goal.added", channels=["a", "b"], payload={})
    unit = traced(lambda: notifier.notify(sent))

    assert [(step.kind, step.name, step.detail) for step in unit.steps] == [
        ("notification", "goal.added", {"channels": ["a", "b"]})
    ]
    assert world.notifier.notifications == [sent]


def test_a_host_gets_its_own_adapters_and_use_cases_get_them_traced(world: World) -> None:
    transfer = world.container.transfer()

    assert world.container.wallet() is world.wallet
    assert [type(port).__name__ for port in (transfer.wallet, transfer.task_queue)] == [
        "TracedWallet",
        "TracedTaskQueue",
    ]
