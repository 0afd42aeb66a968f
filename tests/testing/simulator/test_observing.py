"""Each part that only observes raises, hangs and exits, and money moves as it must (D44)."""

from __future__ import annotations

import re

import pytest
from attrs import evolve

from show_goal.testing.simulator import Host, Plan, plan
from show_goal.testing.simulator.observing import PASSED_OVER
from show_goal.testing.simulator.plan import BEFORE_ANYTHING, How, Part, Watching
from show_goal.testing.simulator.simulation import Simulation
from tests.docs.blocks import ROOT

SEED = 1
STEPS = 60
EVERYTHING = [(part, how) for part in Part for how in How]


def watched(part: Part, how: How, every: int) -> Plan:
    planned = plan(SEED, STEPS)
    return evolve(planned, weather=evolve(planned.weather, watching=Watching(part, how, every)))


@pytest.mark.parametrize(("part", "how"), EVERYTHING)
def test_every_promise_is_kept_whatever_becomes_of_what_observes(part: Part, how: How) -> None:
    every = 3 if part in BEFORE_ANYTHING and how is not How.RAISES else 1
    simulation = Simulation(watched(part, how, every), Host())
    assert simulation.run() is None
    assert any(f"{part} {how}" in step.what for step in simulation.trace)


@pytest.mark.parametrize("part", PASSED_OVER)
def test_a_run_is_the_same_if_what_watches_a_unit_raises(part: Part) -> None:
    with_it = Simulation(watched(part, How.RAISES, 1), Host())
    without = Simulation(watched(part, How.RAISES, 1_000_000), Host())
    assert [with_it.run(), without.run()] == [None, None]
    assert with_it.world.ledger.holds == without.world.ledger.holds
    assert [str(one) for one in with_it.world.network.ever] == [str(one) for one in without.world.network.ever]


def test_the_document_names_every_part() -> None:
    section = (ROOT / "docs" / "simulator.md").read_text().partition("## What observes")[2].partition("\n## ")[0]
    assert re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)[2:] == [str(part) for part in Part]


def test_the_seeds_try_every_part_in_every_way() -> None:
    tried = [watching for seed in range(4, 424, 7) if (watching := plan(seed, 1).weather.watching)]
    assert {(one.part, one.how) for one in tried} == set(EVERYTHING)
