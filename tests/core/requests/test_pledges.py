"""A joiner is promised one duration and one amount, also before a worker has held the money (D30)."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from pytest_mock import MockerFixture

from show_goal.adapters.memory import MemoryWallet
from show_goal.adapters.traced import TracedWallet
from show_goal.core.errors import InsufficientBalance, InvalidInvitation, PriceChanged, TransactionConflict
from show_goal.core.keyed_request import Accepted
from show_goal.core.model import Viewer
from show_goal.ports.errors import TaskQueueUnavailable, WalletUnavailable
from tests.builders import NOW, SESSION, VIEWER, VIEWER_2, a_session
from tests.world import World, meanwhile

NOBODY = "71e0000000000000000000ff"
"""A viewer without an account."""


def join(world: World, **changes: Any) -> Accepted:
    return world.invite(VIEWER_2, **{"duration": 60, **changes})


def as_left(world: World) -> tuple[object, ...]:
    return world.sessions.get(SESSION), world.wallet.accounts(), world.messages()


@pytest.mark.parametrize("changes", [{"duration": 600}, {"amount": 61}, {"duration": 600, "amount": 600}])
def test_a_joiner_who_asks_for_something_else_before_the_hold_conflicts_F7_D30(
    world: World, changes: dict[str, Any]
) -> None:
    world.invite(VIEWER)
    join(world)
    before = as_left(world)

    for _ in range(2):
        with pytest.raises(TransactionConflict):
            join(world, **changes)
    assert as_left(world) == before


def test_a_joiner_of_a_free_goal_is_promised_one_duration_without_an_account_D11_D30(world: World) -> None:
    world.sessions.add(a_session(pricing={"sd": 0}))
    world.invite(VIEWER)
    world.invite(NOBODY, duration=60)
    with pytest.raises(TransactionConflict):
        world.invite(NOBODY, duration=600)


@pytest.mark.parametrize("amount", [{"amount": 60}, {}], ids=["with its amount", "without an amount"])
def test_a_joiners_repeat_is_answered_though_the_price_has_changed_D30(world: World, amount: dict[str, int]) -> None:
    world.invite(VIEWER)
    first = join(world)
    world.sessions.add(evolve(world.sessions.get(SESSION), pricing={"sd": 600}))

    assert join(world, **amount) == first
    world.run_due()
    assert [hold.amount for hold in world.wallet.holds()] == [90, 60]


def test_a_refused_joiner_was_promised_nothing_D30(world: World, mocker: MockerFixture) -> None:
    world.invite(VIEWER)
    with pytest.raises(PriceChanged):
        join(world, duration=61, amount=60)
    with pytest.raises(InsufficientBalance):
        join(world, duration=1_001)
    with pytest.raises(InvalidInvitation):
        join(world, duration=62, exp=int(NOW.timestamp()) + 9)
    assert world.container.preview_trigger_private()(SESSION, Viewer(id=VIEWER_2), 63).amount == 63

    assert join(world).amount == 60


def test_of_two_requests_of_a_joiner_at_once_one_wins_F7_D30(world: World) -> None:
    world.invite(VIEWER)
    meanwhile(world.wallet, "pledge", lambda: join(world, duration=600))
    with pytest.raises(TransactionConflict):
        join(world)

    world.run_due()
    assert [(hold.amount, hold.duration) for hold in world.wallet.holds()] == [(90, 90), (600, 600)]


@pytest.mark.parametrize("first", [60, 600])
def test_who_loses_the_race_for_the_claim_is_promised_one_thing_too_F7_D30(world: World, first: int) -> None:
    """Both requests of the second viewer saw a session without a goal."""
    meanwhile(world.sessions, "claim", lambda: [world.invite(VIEWER), join(world, duration=first)])
    if first == 60:
        assert join(world).amount == 60
    else:
        with pytest.raises(TransactionConflict):
            join(world)

    world.run_due()
    assert [hold.amount for hold in world.wallet.holds()] == [90, first]


def test_a_joiner_who_got_503_may_ask_for_the_same_or_for_something_else_D27_D30(
    world: World, mocker: MockerFixture
) -> None:
    world.invite(VIEWER)
    mocker.patch.object(world.task_queue, "trigger", side_effect=TaskQueueUnavailable)
    with pytest.raises(TaskQueueUnavailable):
        join(world)
    mocker.stopall()

    assert join(world, duration=600).amount == 600


@pytest.mark.parametrize("repeat", [{}, {"amount": 60}])
def test_a_repeat_that_gets_503_takes_nothing_back_D27_D30(
    world: World, mocker: MockerFixture, repeat: dict[str, int]
) -> None:
    world.invite(VIEWER)
    first = join(world)
    if repeat:
        world.sessions.add(evolve(world.sessions.get(SESSION), pricing={"sd": 600}))
    mocker.patch.object(world.task_queue, "trigger", side_effect=TaskQueueUnavailable)
    with pytest.raises(TaskQueueUnavailable):
        join(world, **repeat)
    mocker.stopall()

    with pytest.raises(TransactionConflict):
        join(world, duration=600)
    assert join(world, **repeat) == first


def test_what_the_wallet_cannot_take_back_hides_no_failure_D27_D30(world: World, mocker: MockerFixture) -> None:
    world.invite(VIEWER)
    mocker.patch.object(world.task_queue, "trigger", side_effect=TaskQueueUnavailable)
    mocker.patch.object(world.wallet, "take_back", side_effect=WalletUnavailable)
    with pytest.raises(TaskQueueUnavailable):
        join(world)
    mocker.stopall()

    assert join(world).amount == 60


def test_a_joiner_whose_invitation_lapsed_may_ask_for_less_D30_D34(world: World) -> None:
    world.invite(VIEWER)
    join(world, duration=900)
    world.wallet.withdraw("payout", VIEWER_2, 500)
    world.run_due()

    assert join(world).amount == 60


def test_a_wallet_that_keeps_no_pledges_works_as_before_D30() -> None:
    """A host's own: what a joiner was promised is known once a worker has held it."""
    wallet = MemoryWallet()
    world = World.make(wallet=TracedWallet(wallet))
    wallet.credit(VIEWER_2, 1_000)
    wallet.credit(VIEWER, 1_000)
    world.invite(VIEWER)
    join(world)
    join(world, duration=90)
    world.run_due()

    assert [hold.amount for hold in wallet.holds()] == [90, 60]
    with pytest.raises(TransactionConflict):
        join(world, duration=90)
