"""In one of 51 seeds hundreds of viewers join one show: more than a page of them, through every fault (D43)."""

from __future__ import annotations

from collections import Counter

from show_goal.core.crowd import PART
from show_goal.core.messages import AdmitViewers, SettleEscrow
from show_goal.core.money import HoldState
from show_goal.testing.simulator import Host, plan
from show_goal.testing.simulator.simulation import Simulation

CROWDS = (49, 100, 202, 304)  # 151 has a crowd, too, and something that observes fails in it


def test_crowds_are_paid_out_refunded_and_let_in_and_every_promise_is_kept() -> None:
    simulations = [Simulation(plan(seed, 200), Host()) for seed in CROWDS]
    assert [simulation.run() for simulation in simulations] == [None] * len(CROWDS)

    holds = [hold for simulation in simulations for hold in simulation.world.ledger.holds.values()]
    ends = Counter((hold.goal_id, hold.state) for hold in holds)
    assert {state for (_, state), number in ends.items() if number > 3 * PART} == {
        HoldState.RELEASED,
        HoldState.REFUNDED,
    }
    sent = [delivery.message for simulation in simulations for delivery in simulation.world.network.ever]
    assert any(isinstance(message, AdmitViewers) and message.after for message in sent)
    assert any(isinstance(message, SettleEscrow) and message.after for message in sent)


def test_other_seeds_have_no_crowd() -> None:
    assert [seed for seed in range(200) if plan(seed, 1).weather.crowd] == [49, 100, 151]
