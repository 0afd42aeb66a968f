"""A sweep moves all money before it tells, and an interrupt loses no report (D43, D44)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from show_goal.core.crowd import PART
from show_goal.core.errors import OutOfTime
from show_goal.core.settings import Settings
from show_goal.core.trace import Trace
from tests.builders import VIEWER, VIEWER_2, a_goal, a_hold
from tests.world import World, meanwhile

from .crowds import SECOND, reported
from .overdue import ENDED, LATER, MOVED, add_goals, hear, slow, sweep_to_the_end, two_at_a_time


@pytest.fixture
def world() -> World:
    return two_at_a_time()


def test_all_money_of_a_turn_moves_before_the_first_is_told(world: World) -> None:
    """A receiver that kills its process, or hangs, delays no refund."""
    add_goals(world, 7)
    world.clock.move_to(LATER)

    def die(_: str) -> None:
        raise SystemExit

    hear(world, ENDED, die)
    with pytest.raises(SystemExit):
        world.sweep()
    assert world.wallet.balance(VIEWER).held == 0
    assert not any(goal.settled for goal in world.goals.all()), "the next sweep tells"


@pytest.mark.parametrize("interrupt", [OutOfTime, SystemExit])
@pytest.mark.parametrize("part", ["trace sink", "observer"])
def test_all_money_of_a_turn_moves_although_what_observes_ends_the_sweep_D44(
    part: str, interrupt: type[BaseException]
) -> None:
    """Each goal's money moves in a unit of its own. Whoever watches them must wait for the last one."""

    def end(unit: Trace) -> None:
        if unit.name != "sweep":
            raise interrupt

    class Ends:
        @contextmanager
        def unit(self, trace: Trace, received: object) -> Iterator[None]:
            yield
            end(trace)

        def receiver(self, trace: Trace, name: str, run: Callable[[], Any]) -> Any:
            return run()

        def headers(self) -> dict[str, str]:
            return {}

    watching: dict[str, Any] = {"trace_sink": end} if part == "trace sink" else {"observer": Ends()}
    world = two_at_a_time(**watching)
    add_goals(world, 7)
    world.wallet.hold(a_hold(viewer_id=VIEWER_2))  # its goal was never created
    world.clock.move_to(LATER)
    with pytest.raises(interrupt):
        world.sweep()
    assert [world.wallet.balance(viewer).held for viewer in (VIEWER, VIEWER_2)] == [0, 0]


def test_a_receiver_that_hangs_holds_up_no_money_of_any_kind_and_is_named(world: World) -> None:
    """A time limit interrupts each sweep there. Sweeps take goals in different orders, so all others are told."""
    goals = add_goals(world, 7)
    world.wallet.hold(a_hold(viewer_id=VIEWER_2))  # its goal was never created
    culprit = goals[3]

    def hang(goal_id: str) -> None:
        if goal_id == culprit:
            raise OutOfTime

    hear(world, ENDED, hang)
    world.clock.move_to(LATER)
    with pytest.raises(OutOfTime):
        world.sweep()
    assert [world.wallet.balance(viewer).held for viewer in (VIEWER, VIEWER_2)] == [0, 0]
    for _ in range(20):
        world.clock.advance(SECOND)
        with pytest.raises(OutOfTime):
            world.sweep()
    assert [goal_id for goal_id in goals if not world.goal(goal_id).settled] == [culprit]
    last = world.sweeps.last()
    assert last is not None
    assert last.interrupted_at == culprit


def test_slow_receivers_lengthen_no_sweep_and_delay_no_money(world: World) -> None:
    goals = add_goals(world, 50)
    told = slow(world, ENDED, seconds=2)
    world.clock.move_to(LATER)
    sweep = world.sweep()
    assert (sweep.ended, sweep.more) == (50, True)
    assert world.wallet.balance(VIEWER).held == 0
    assert world.clock.now() - LATER <= Settings().sweep_time + SECOND * 2
    sweep_to_the_end(world)
    assert all(world.goal(goal_id).settled for goal_id in goals)
    assert told == Counter(goals), "each once"


def test_no_report_is_lost_when_the_time_is_over(world: World) -> None:
    goals = add_goals(world, 20)
    world.goals.insert(a_goal(active=False, settled=True))
    world.wallet.hold(a_hold(amount=1))
    slow(world, ENDED, seconds=2)
    told = slow(world, MOVED, seconds=2)
    world.clock.move_to(LATER + SECOND * 5)
    world.sweep()
    assert world.wallet.balance(VIEWER).held == 0
    assert len(world.messages()) <= 1, "what the next sweep finds again fills no queue (D26)"
    sweep_to_the_end(world)
    assert told == Counter([a_hold().transaction_id, *(a_hold(goal_id).transaction_id for goal_id in goals)])


def test_no_report_of_crowds_is_lost_when_the_time_is_over(world: World) -> None:
    goals = add_goals(world, 6)
    payers = [f"payer {n}" for n in range(PART)]
    for payer in payers:
        world.wallet.credit(payer, 10)
    holds = [a_hold(goal_id, viewer_id=payer, amount=1) for goal_id in goals for payer in payers]
    for hold in holds:
        world.wallet.hold(hold)
    slow(world, ENDED, seconds=4)
    told = reported(world)
    world.clock.move_to(LATER + SECOND * 5)
    world.sweep()
    sweep_to_the_end(world)
    assert told.keys() == {hold.transaction_id for hold in holds} | {a_hold(each).transaction_id for each in goals}
    assert all(world.goal(goal_id).settled for goal_id in goals)


def test_no_report_is_lost_when_a_receiver_is_interrupted(world: World) -> None:
    goals = add_goals(world, 5)
    told = reported(world)

    def hang() -> None:
        raise OutOfTime

    meanwhile(world.notifier, "notify", hang)
    world.clock.move_to(LATER + SECOND * 5)
    with pytest.raises(OutOfTime):
        world.sweep()
    world.sweep()
    assert told == Counter(a_hold(goal_id).transaction_id for goal_id in goals)
    assert len(world.notified("goal.ended")) == 5


@pytest.mark.parametrize("interrupt", [OutOfTime, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize(
    ("port", "method"),
    [
        ("goals", "overdue"),
        ("goals", "end"),
        ("sessions", "unbound"),
        ("sessions", "lapsed"),
        ("goals", "unsettled"),
        ("wallet", "overdue"),
        ("wallet", "refund"),
        ("notifier", "notify"),
        ("goals", "mark_settled"),
    ],
)
def test_no_interrupt_is_swallowed_D44(world: World, port: str, method: str, interrupt: type[BaseException]) -> None:
    add_goals(world, 1)
    world.clock.move_to(LATER)

    def stop() -> None:
        raise interrupt

    meanwhile(getattr(world, port), method, stop)
    with pytest.raises(interrupt):
        world.sweep()
