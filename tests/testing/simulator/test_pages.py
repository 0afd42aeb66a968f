"""Every escrow is a crowd: a page has two holds, so that ends and settlements go in steps through every fault (D43)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from show_goal.core.messages import AdmitViewers, SettleEscrow
from show_goal.core.money import HoldState
from show_goal.testing.simulator.plan import plan
from show_goal.testing.simulator.simulation import Simulation
from show_goal.testing.simulator.world import Host, World

PAGE = 2
SEEDS = 120
PART = 20
STEPS = 200
READERS = ("crowd", "receivers.private", "tasks.admit_viewers", "tasks.emptying", "tasks.settle_escrow")


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for reader in READERS:
        monkeypatch.setattr(f"show_goal.core.{reader}.PART", PAGE)
    monkeypatch.setattr("show_goal.core.tasks.settle_escrow.SettleEscrowTask.page.__defaults__", (PAGE,))


def messages_are_small(world: World) -> Iterator[str]:
    """no message names more than a page of payments (D43)"""
    for delivery in world.network.owed:
        if (
            isinstance(delivery.message, SettleEscrow | AdmitViewers)
            and len(delivery.message.transactions or ()) > PAGE
        ):
            yield f"{delivery.message} is too large"


def payers_have_passes(world: World) -> Iterator[str]:
    """whose money is released has a pass, if the transfer said for how long (D16, D39)"""
    for hold in world.ledger.holds.values():
        goal = world.records.goals[hold.goal_id]
        released = goal.private and hold.state is HoldState.RELEASED and hold.duration is not None
        if released and world.adapters["passes"].find(goal.session_id, hold.from_user_id) is None:
            yield f"{hold} is released, and {hold.from_user_id} has no pass"


class Crowds(Host):
    invariants = (messages_are_small, payers_have_passes)


@pytest.mark.parametrize("first", range(0, SEEDS, PART))
def test_every_promise_is_kept_page_by_page(first: int) -> None:
    for seed in range(first, first + PART):
        broken = Simulation(plan(seed, STEPS), Crowds()).run()
        assert broken is None, f"{broken}; seed {seed}"


def test_pages_are_handed_out_and_crowds_are_let_in_by_tasks() -> None:
    simulations = [Simulation(plan(seed, STEPS), Crowds()) for seed in range(40)]
    assert [simulation.run() for simulation in simulations] == [None] * len(simulations)
    sent = [delivery.message for simulation in simulations for delivery in simulation.world.network.ever]
    pages = [message for message in sent if isinstance(message, SettleEscrow) and message.transactions]
    rests = [message for message in sent if isinstance(message, AdmitViewers)]
    assert len(pages) > 20
    assert {rest.tell for rest in rests} == {None, True}
