"""Where is the money of a crowd, of a user, of a streamer? What is told of several payments."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from show_goal.core.operators.story import Line, Verdict
from tests.builders import GOAL, NOW, STREAMER, VIEWER, VIEWER_2, a_goal, a_hold
from tests.world import World

from .asking import invite, why


def test_a_crowd_is_added_up(world: World) -> None:
    goal_id, _ = invite(world)
    world.invite(VIEWER_2)
    world.run_due()
    world.wallet.refund(world.invite(VIEWER_2).transaction_id)
    assert why(world, goal_id).says.startswith("90 held of 1, 90 refunded of 1. The first: 90 is held")


def test_of_a_large_crowd_the_first_hundred_are_added_up(world: World) -> None:
    world.goals.insert(a_goal())
    for number in range(101):
        world.wallet.hold(a_hold(viewer_id=f"v{number}", amount=0))
    answer = why(world, GOAL)
    assert answer.says.startswith("0 held of 100, and more.")
    assert sum(line.source == "wallet" for line in answer.lines) == 5


def test_the_sums_of_an_escrow_count_each_part(world: World) -> None:
    for viewer_id, part in ((VIEWER, 30), (VIEWER_2, 0), ("71e000000000000000000003", None)):
        world.wallet.credit(viewer_id, 90)
        world.wallet.release(world.wallet.hold(a_hold(viewer_id=viewer_id)).transaction_id, part)
    assert why(world, GOAL).says.startswith("120 released of 3, 150 refunded of 2. The first: 30 of 90")


def test_a_user_has_the_balance_and_each_payment_with_its_reason(world: World) -> None:
    _, transaction_id = invite(world)
    world.wallet.deposit("top-up 1", VIEWER, 10)
    world.wallet.withdraw("payout 1", VIEWER, 20)
    answer = why(world, VIEWER)
    assert (answer.kind, answer.verdict, answer.says) == ("user", Verdict.ACCOUNT, "900 available, 90 held")
    assert [line.says.partition(": the goal")[0] for line in answer.lines] == [
        f"{transaction_id}: 90 is held",
        "10 deposited: top-up 1",
        "20 withdrawn: payout 1",
    ]


def test_a_streamer_has_each_goal_whose_money_is_not_decided_yet(world: World) -> None:
    goal_id, _ = invite(world)
    world.agree(goal_id)
    answer = why(world, STREAMER)
    says = f"{goal_id}: the streamer agreed. It is settled at 2026-01-01 00:01:00 UTC, or by the next sweep."
    assert answer.lines == [Line(at=NOW, source="goals", says=says)]


def test_a_wallet_without_books_knows_no_users(world: World) -> None:
    invite(world)
    without: Any = object()
    assert evolve(world.container.explain_money(), books=without)(VIEWER) is None
