"""A hold of which only a part was released: both get their money, and hear of it (D34, L6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from show_goal.core.decision import Settlement
from show_goal.core.messages import SettleEscrow
from show_goal.core.money import Balance
from show_goal.core.names import user_channel
from show_goal.ports.wallet import releases_parts
from tests.builders import EXP, GOAL, NOW, STREAMER, VIEWER, VIEWER_2, a_goal, a_hold
from tests.world import World

BALANCE = "balance.incremented"
THIRD = {"released": 30, "refunded": 60}


def released_in_part(world: World, *parts: tuple[str, int]) -> None:
    """GOAL has ended, and a worker has released these parts of 90 each. Another one settles the escrow."""
    world.goals.insert(a_goal(metadata={**a_goal().metadata, "agreed": NOW}))
    for viewer_id, part in parts:
        hold = world.wallet.hold(a_hold(viewer_id=viewer_id))
        world.wallet.release(hold.transaction_id, part)
    world.goals.end(GOAL, NOW)
    world.goals.decide(GOAL, Settlement.RELEASED)
    world.clock.advance(timedelta(seconds=60))
    world.container.settle_escrow()(SettleEscrow(goal_id=GOAL))


def told(world: World) -> list[tuple[dict[str, object], list[str]]]:
    """Without what all have in common."""
    common = {"goal_id": GOAL, "state": "released"}
    sent = [(one, [*one.channels]) for one in world.notified("goal.settled")]
    assert all(common.items() <= one.payload.items() for one, _ in sent)
    return [({name: one.payload[name] for name in one.payload if name not in common}, who) for one, who in sent]


def incremented(world: World) -> list[tuple[object, object]]:
    sent = [arguments for name, arguments in world.sent("settle_escrow") if name == BALANCE]
    return [(one["user_id"], one["amount"]) for one in sent]


def test_payee_and_payer_hear_of_their_money(world: World) -> None:
    released_in_part(world, (VIEWER, 30))
    assert incremented(world) == [(STREAMER, 30), (VIEWER, 60)]


def test_nobody_hears_of_nothing(world: World) -> None:
    released_in_part(world, (VIEWER, 0))
    assert incremented(world) == [(VIEWER, 90)]


def test_a_whole_release_is_told_as_ever(world: World) -> None:
    released_in_part(world, (VIEWER, 90))
    assert incremented(world) == [(STREAMER, 90)]
    assert told(world) == [({"amount": 90}, [user_channel(VIEWER)]), ({"total": 90}, [user_channel(STREAMER)])]


def test_a_wallet_that_calls_back_reports_both_itself(world: World) -> None:
    world.wallet.calls_back = True
    released_in_part(world, (VIEWER, 30))
    assert incremented(world) == []


def test_viewer_hears_both_amounts_and_the_streamer_the_sum_D34(world: World) -> None:
    released_in_part(world, (VIEWER, 30), (VIEWER_2, 45))
    assert told(world) == [
        ({"amount": 90, **THIRD}, [user_channel(VIEWER)]),
        ({"amount": 90, "released": 45, "refunded": 45}, [user_channel(VIEWER_2)]),
        ({"total": 75}, [user_channel(STREAMER)]),
    ]
    ids = [one.id for one in world.notified("goal.settled")]
    assert len({*ids}) == 3, "consumers drop an id that they know"


def test_those_with_the_same_part_hear_at_once_D34(world: World) -> None:
    released_in_part(world, (VIEWER, 30), (VIEWER_2, 30))
    assert told(world) == [
        ({"amount": 90, **THIRD}, [user_channel(VIEWER), user_channel(VIEWER_2)]),
        ({"total": 60}, [user_channel(STREAMER)]),
    ]


def test_a_part_of_nothing_is_no_refund(world: World) -> None:
    """The viewer keeps the pass, and the streamer hears of a sum of 0."""
    released_in_part(world, (VIEWER, 0))
    assert world.notified("stream.unauthorized") == []
    assert told(world)[1:] == [({"total": 0}, [user_channel(STREAMER)])]


def test_of_a_refund_the_streamer_hears_what_went_back_D34(world: World) -> None:
    """Of one hold a part had been released before that was decided."""
    world.goals.insert(a_goal())
    for viewer_id in (VIEWER, VIEWER_2):
        world.wallet.hold(a_hold(viewer_id=viewer_id))
    world.wallet.release(a_hold().transaction_id, 30)
    world.goals.end(GOAL, NOW)
    world.clock.advance(timedelta(seconds=60))
    world.container.settle_escrow()(SettleEscrow(goal_id=GOAL))
    (told,) = [one for one in world.notified("goal.settled") if one.channels == [user_channel(STREAMER)]]
    assert (told.payload["state"], told.payload["total"]) == ("refunded", 60 + 90)


def test_history_and_audit_have_both_amounts_L6(world: World) -> None:
    world.wallet.hold(a_hold())
    settled = world.wallet.release(a_hold().transaction_id, 30)
    assert [*world.wallet.history(VIEWER, 1)] == [settled]
    assert (settled.released, settled.refunded) == (30, 60)
    assert (world.wallet.balance(STREAMER), world.wallet.balance(VIEWER)) == (
        Balance(available=30),
        Balance(available=970),
    )
    assert world.wallet.audit(EXP).problems == []


class OlderWallet:
    """It lacks what is new."""


@pytest.mark.parametrize(("says", "can"), [(True, True), (False, False)])
def test_a_wallet_says_whether_it_releases_parts(world: World, says: bool, can: bool) -> None:
    world.wallet.releases_parts = says
    assert releases_parts(world.container.wallet()) is can


def test_a_wallet_that_does_not_say_releases_whole_holds() -> None:
    older: Any = OlderWallet()
    assert releases_parts(older) is False
