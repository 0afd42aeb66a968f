"""300 seeds of everything that can go wrong keep every promise, and a seed is the same run everywhere."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from show_goal.core.decision import Settlement
from show_goal.core.names import GOAL_CLASSES
from show_goal.testing.simulator import Fault, Host, Strike, plan, simulate
from show_goal.testing.simulator.faults import Calls, Crash, Port
from show_goal.testing.simulator.plan import CAREFUL, DISORDER, NEIGHBOURS, ORDER, QUEUES, RACES, Action
from show_goal.testing.simulator.simulation import Simulation
from tests.builders import NOW

LOOKED_INTO = 160
SEEDS = 300
PART = 20

TRACES = """
from show_goal.testing.simulator import simulate
for seed in range(4):
    print(*simulate(seed, 150).trace, sep="\\n")
"""


@pytest.mark.parametrize("first", range(LOOKED_INTO, SEEDS, PART))
def test_every_promise_is_kept_through_every_fault(first: int) -> None:
    for seed in range(first, first + PART):
        broken = simulate(seed, 200).violation
        assert broken is None, f"{broken}; show-goal simulate --seed {seed} --steps 200"


HAPPENS = [
    *(f"{kind}: " for kind in (*ORDER, *NEIGHBOURS, *CAREFUL, *RACES, *DISORDER, *QUEUES)),
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
    "refused, overloaded",
    "refused, price_changed",
    "refused, transaction_conflict",
    "refused, idempotency_key_reused",
    "refused, request_under_way",
    "refused, unreadable",
    "upgrade: version 0.1 until ",
    "upgrade: a newer version until ",
    "upgrade: the host until ",
    "it stays in its queue",
    "again in 8 s",
    "set aside, 5 workers died",
    "deactivate_goal",
    "settle_escrow",
    "increment_goal_progress",
    "wallet_report",
    "2 settled",
    "1 resumed",
    "1 refunded",
]


def test_everything_that_can_happen_happens_in_the_first_seeds_and_they_keep_every_promise() -> None:
    """One test, because all of it looks into the same runs."""
    simulations = [Simulation(plan(seed, 200), Host()) for seed in range(LOOKED_INTO)]
    assert [simulation.run() for simulation in simulations] == [None] * LOOKED_INTO

    traces = "\n".join(step.what for simulation in simulations for step in simulation.trace)
    assert [what for what in HAPPENS if what not in traces] == []
    holds = [hold for simulation in simulations for hold in simulation.world.ledger.holds.values()]
    assert {str(hold.state) for hold in holds} == {"released", "refunded"}
    goals = [goal for simulation in simulations for goal in simulation.world.records.goals.values()]
    assert {goal._cls for goal in goals if goal.bound} == set(GOAL_CLASSES)
    assert {goal._cls for goal in goals if goal.end_in_slot} == set(GOAL_CLASSES) - {"TriggerPrivateGoal"}
    either_way = {(_cls, settlement) for _cls in GOAL_CLASSES for settlement in Settlement}
    decided = {(goal._cls, goal.decided) for goal in goals if goal.decided}
    assert decided == either_way - {("KaraokeGoal", Settlement.RELEASED)}, "karaoke earns nothing (N7)"


def test_a_seed_is_the_same_run_in_every_process() -> None:
    """Whatever the order of hashes."""
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
    here = "".join(f"{step}\n" for seed in range(4) for step in simulate(seed, 150).trace)

    assert traces == {here}
    assert len(here.splitlines()) >= 4 * 150


def test_another_seed_is_another_run() -> None:
    assert simulate(1, 50).trace != simulate(2, 50).trace


def test_the_weather_of_a_seed_does_not_depend_on_the_steps() -> None:
    assert plan(7, 20).weather == plan(7, 200).weather


class Feed:
    """Counts what reaches it."""

    def __init__(self) -> None:
        self.published = 0

    def publish(self, streamer_id: str, goal_id: str, entry: object) -> None:
        self.published += 1


@pytest.mark.parametrize(("strike", "reached"), [(Strike.CRASH_BEFORE, 0), (Strike.CRASH_AFTER, 1)])
def test_a_process_that_crashed_reaches_no_port(strike: Strike, reached: int) -> None:
    calls, adapter = Calls(), Feed()
    feed = Port("feed", adapter, calls)
    calls.begin(Action("work", (0, 0, 0), 1, (Fault(1, strike),)), NOW)

    def dies() -> None:
        try:
            feed.publish("streamer", "goal", {})
        finally:
            feed.publish("streamer", "goal", {})

    with pytest.raises(Crash):
        dies()
    assert adapter.published == reached
