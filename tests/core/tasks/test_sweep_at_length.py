"""A sweep goes on while there is work and time, and no item keeps another from its turn (D43)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from show_goal.adapters.memory import MemoryGoals
from show_goal.core.model import Claim
from show_goal.core.tasks.sweep import Swept
from show_goal.ports.errors import StoreUnavailable, Unavailable, WalletUnavailable
from tests.builders import EXP, VIEWER, a_hold, a_session
from tests.world import World, meanwhile

from .crowds import SECOND
from .overdue import LATER, add_goals, calls, failing_sweep, two_at_a_time


@pytest.fixture
def world() -> World:
    return two_at_a_time()


def fail(ids: list[str], error: type[Unavailable]) -> Callable[[str], None]:
    """A call for one of these ids fails."""

    def call(first: str) -> None:
        if first in ids:
            raise error("no answer")

    return call


def test_a_sweep_goes_on_until_nothing_is_left(world: World) -> None:
    add_goals(world, 7)
    world.clock.move_to(LATER + SECOND * 5)
    assert world.sweep() == Swept(ended=7, settled=7)
    assert world.wallet.balance(VIEWER).held == 0
    assert len(world.notified("goal.ended")) == 7
    assert world.messages() == [], "what the sweep settles needs no task"
    assert world.sweep() == Swept()


def test_a_sweep_ends_when_its_time_is_over_and_the_next_one_goes_on(world: World) -> None:
    add_goals(world, 20)
    world.clock.move_to(LATER)
    calls(world.goals, "end", lambda _: world.clock.advance(SECOND))
    sweeps = [world.sweep() for _ in range(3)]
    assert sweeps == [Swept(ended=13, settled=12, more=True), Swept(ended=7, settled=8), Swept()]


def test_items_that_take_long_do_not_keep_those_of_other_kinds_waiting(world: World) -> None:
    add_goals(world, 20)
    world.wallet.hold(a_hold())  # its goal was never created
    world.clock.move_to(LATER)
    calls(world.goals, "end", lambda _: world.clock.advance(SECOND * 3))
    assert world.sweep().refunded == 1


def test_goals_that_fail_hide_none_behind_them_and_are_met_once(world: World) -> None:
    *broken, good = add_goals(world, 51)
    world.clock.move_to(LATER)
    ended = calls(world.goals, "end", fail(broken, StoreUnavailable))
    failures = failing_sweep(world)
    assert world.goal(good).settled
    assert ended == Counter([*broken, good]), "and not again because of its hold"
    assert failures.message == "50 of the sweep's steps failed"
    assert len(failures.exceptions) == 2, "a log has room for some of them"


def test_holds_that_fail_hide_none_behind_them_and_are_met_once(world: World) -> None:
    holds = [a_hold(f"60a4{n:020x}", amount=1) for n in range(51)]
    for hold in holds:
        world.wallet.hold(hold)
    *broken, good = [hold.transaction_id for hold in holds]
    world.clock.move_to(LATER)
    refunded = calls(world.wallet, "refund", fail(broken, WalletUnavailable))
    failing_sweep(world)
    assert refunded == Counter([*broken, good])
    assert world.wallet.balance(VIEWER).held == 50


def test_goals_that_take_long_and_fail_hide_none_behind_them_from_sweep_to_sweep(world: World) -> None:
    *broken, good = add_goals(world, 31)
    world.clock.move_to(LATER)

    def fail_slowly(goal_id: str) -> None:
        if goal_id in broken:
            world.clock.advance(SECOND)
            raise StoreUnavailable("no answer")

    calls(world.goals, "end", fail_slowly)
    for _ in range(8):
        failing_sweep(world)
    assert world.goal(good).settled


def test_unpaid_claims_hide_no_paid_one(world: World) -> None:
    for number in range(20):
        claim = Claim(goal_id=f"60a5{number:020x}", exp=EXP)
        world.sessions.add(a_session(id=f"5e57{number:020x}", claim=claim))
    world.wallet.hold(a_hold(f"60a5{19:020x}"))
    assert world.sweep().resumed == 1


def test_a_list_that_cannot_be_read_stops_no_other_kind(world: World) -> None:
    (goal_id,) = add_goals(world, 1)
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)

    def unreadable() -> None:
        raise KeyError("_cls")

    meanwhile(world.goals, "overdue", unreadable)
    errors = [type(error) for error in failing_sweep(world).exceptions]
    assert errors == [KeyError, KeyError], "overdue goals, and ongoing ones"
    assert world.wallet.balance(VIEWER).held == 0
    assert world.goal(goal_id).settled, "its hold was overdue, too"


def test_a_sweep_comes_to_an_end_although_an_adapter_always_lists_the_same() -> None:
    class TheSame(MemoryGoals):
        def overdue(self, now: Any, limit: int, after: str | None = None) -> Any:
            return super().overdue(now, limit)

    goals = TheSame()
    world = two_at_a_time(goals=goals)
    world.goals = goals
    add_goals(world, 5)
    calls(goals, "end", lambda _: 1 / 0)
    world.clock.move_to(LATER)
    assert failing_sweep(world)
