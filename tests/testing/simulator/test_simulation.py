"""300 seeds of everything that can go wrong, and whether the same seed is the same run."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from show_goal.core.model import Settlement
from show_goal.core.names import GOAL_CLASSES
from show_goal.testing.simulator import Fault, Host, Strike, World, plan, simulate
from show_goal.testing.simulator.calls import Calls, Crash
from show_goal.testing.simulator.plan import DISORDER, NEIGHBOURS, ORDER, RACES, Action
from show_goal.testing.simulator.simulation import Simulation
from tests.builders import NOW

SEEDS = 300
PART = 25

TRACES = """
from show_goal.testing.simulator import simulate
for seed in range(8):
    print(*simulate(seed, 150).trace, sep="\\n")
"""


@pytest.mark.parametrize("first", range(0, SEEDS, PART))
def test_every_promise_is_kept_through_every_fault(first: int) -> None:
    for seed in range(first, first + PART):
        broken = simulate(seed, 200).violation
        assert broken is None, f"{broken}; show-goal simulate --seed {seed} --steps 200"


def test_a_seed_is_the_same_run_in_every_process_whatever_the_order_of_its_hashes() -> None:
    traces = {
        subprocess.run(
            [sys.executable, "-c", TRACES],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
        ).stdout
        for hash_seed in ("1", "20261125")
    }
    here = "".join(f"{step}\n" for seed in range(8) for step in simulate(seed, 150).trace)

    assert traces == {here}
    assert len(here.splitlines()) >= 8 * 150


def test_another_seed_is_another_run() -> None:
    assert simulate(1, 50).trace != simulate(2, 50).trace


def test_more_steps_go_on_from_fewer() -> None:
    assert plan(7, 20).weather == plan(7, 200).weather


@pytest.fixture(scope="module")
def everything() -> str:
    """What happened in some runs."""
    return "\n".join(step.what for seed in range(60) for step in simulate(seed, 200).trace)


HAPPENS = [
    *(f"{kind}: " for kind in (*ORDER, *NEIGHBOURS, *RACES, *DISORDER)),
    "; crash before ",
    "; crash after ",
    " fails, no effect",
    " takes effect, its answer is lost",
    "; meanwhile, before sessions.claim: ",
    "202, goal",
    "refused, cooldown",
    "refused, show_running",
    "refused, insufficient_balance",
    "refused, goal_ended",
    "deactivate_goal",
    "settle_escrow",
    "increment_goal_progress",
    "wallet_report",
    "2 settled",
    "1 resumed",
    "1 refunded",
]


@pytest.mark.parametrize("what", HAPPENS)
def test_everything_that_can_happen_happens(everything: str, what: str) -> None:
    assert what in everything


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    """What some runs with neighbours have left."""
    simulations = [Simulation(plan(seed, 200), Host()) for seed in range(1, 121, 2)]
    for simulation in simulations:
        assert simulation.run() is None
    return [simulation.world for simulation in simulations]


def test_money_ends_on_either_side(worlds: list[World]) -> None:
    assert {str(hold.state) for world in worlds for hold in world.ledger.holds.values()} == {"released", "refunded"}


def test_goals_of_every_class_are_bound_and_decided_either_way(worlds: list[World]) -> None:
    goals = [goal for world in worlds for goal in world.records.goals.values()]
    assert {goal._cls for goal in goals if goal.bound} == set(GOAL_CLASSES)
    assert {goal._cls for goal in goals if goal.marked} == set(GOAL_CLASSES) - {"TriggerPrivateGoal"}
    either = {(_cls, settlement) for _cls in GOAL_CLASSES for settlement in Settlement}
    decided = {(goal._cls, goal.decided) for goal in goals if goal.decided}
    assert decided == either - {("KaraokeGoal", Settlement.RELEASED)}, "karaoke has no rule, so nothing is earned (N7)"


class Adapter:
    """A feed that counts what reached it."""

    def __init__(self) -> None:
        self.published = 0

    def publish(self, streamer_id: str, goal_id: str, entry: object) -> None:
        self.published += 1


@pytest.mark.parametrize(("strike", "reached"), [(Strike.CRASH_BEFORE, 0), (Strike.CRASH_AFTER, 1)])
def test_a_process_that_crashed_reaches_no_port_any_more(strike: Strike, reached: int) -> None:
    calls, adapter = Calls(), Adapter()
    feed = calls.wrap("feed", adapter, [])
    calls.begin(Action("work", (0, 0, 0), 1, (Fault(1, strike),)), NOW)

    def dies() -> None:
        try:
            feed.publish("streamer", "goal", {})
        finally:
            feed.publish("streamer", "goal", {})

    with pytest.raises(Crash):
        dies()
    assert adapter.published == reached
