"""Viewers pay for what was shown, or any part of it: every coin is explained, through every fault."""

from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.core.interval import Interval
from show_goal.core.money import HoldState
from show_goal.core.rules.settlement import ForTimeShown, whole_once_begun
from show_goal.testing.simulator import Host, RuleKind, plan, simulate
from show_goal.testing.simulator.oracle import cost, watched
from show_goal.testing.simulator.plan import METERED, NEIGHBOURS, ORDER
from show_goal.testing.simulator.rules import AnyAmount
from show_goal.testing.simulator.simulation import Simulation
from tests.builders import NOW
from tests.testing.simulator import mistakes

STEPS = 200
LOOKED_INTO = 40
SEEDS = 80
PART = 20

FIRST = range(10)
MONEY = "money is neither made nor lost"
EXPLAINED = "what a hold releases is what the settlement rule says"
OVER_FIRST = "nothing is settled before the show is over"

FOUND = [
    (mistakes.PartReleasedTwice, FIRST, MONEY),
    (mistakes.PartReleasedBesideTheWhole, FIRST, MONEY),
    (mistakes.RestNotGivenBack, FIRST, MONEY),
    (mistakes.RoundedInEachInterval, FIRST, EXPLAINED),
    (mistakes.IntervalCountedTwice, FIRST, EXPLAINED),
    (mistakes.PausePaidFor, FIRST, EXPLAINED),
    (mistakes.ExtensionCountedTwice, FIRST, f"{EXPLAINED}|{OVER_FIRST}|a viewer pays for each second once"),
    (mistakes.TimeBeginsWithTheAgreement, range(10, 20), EXPLAINED),
    (mistakes.NoShowPaidFor, FIRST, f"{EXPLAINED}|an escrow is released when"),
    (mistakes.SettledBeforeTheShowIsOver, FIRST, OVER_FIRST),
    (mistakes.PassOutlastsItsShow, FIRST, "a pass does not outlast a show"),
    (mistakes.BegunTimeMoves, FIRST, "a viewer's time begins with the show|time that is bought while a pass runs"),
    (mistakes.ShowNeverEnds, FIRST, "every hold ends within|a sweep leaves nothing that is due"),
    (mistakes.ShowLookedAtTooSeldom, range(20, 30), "a sweep leaves nothing that is due"),
]
"""The mistake, ten seeds among which it is found, and the promises that it may break."""


@pytest.mark.parametrize(("mistake", "seeds", "promises"), FOUND, ids=[row[0].__name__ for row in FOUND])
def test_planted_mistake_is_found(mistake: type[Host], seeds: range, promises: str) -> None:
    for seed in seeds:
        broken = simulate(seed, STEPS, mistake(), rule=RuleKind.SHOWN).violation
        if broken is not None:
            assert broken.invariant.startswith(tuple(promises.split("|"))), (seed, broken)
            return
    pytest.fail(f"the mistake is not found among {seeds}")


@pytest.mark.parametrize("first", range(LOOKED_INTO, SEEDS, PART))
@pytest.mark.parametrize("rule", [RuleKind.SHOWN, RuleKind.RANDOM])
def test_every_promise_is_kept_through_every_fault(rule: RuleKind, first: int) -> None:
    for seed in range(first, first + PART):
        broken = simulate(seed, STEPS, rule=rule).violation
        assert broken is None, f"{broken}; show-goal simulate --rule {rule} --seed {seed} --steps {STEPS}"


@pytest.mark.parametrize("rule", [RuleKind.SHOWN, RuleKind.RANDOM])
def test_shows_pause_and_die_and_are_extended_and_paid_in_part(rule: RuleKind) -> None:
    """One test, because all of it looks into the same runs."""
    simulations = [Simulation(plan(seed, STEPS, rule), Host()) for seed in range(LOOKED_INTO)]
    assert [simulation.run() for simulation in simulations] == [None] * LOOKED_INTO

    worlds = [simulation.world for simulation in simulations]
    holds = [hold for world in worlds for hold in world.ledger.holds.values()]
    assert {hold.state for hold in holds} == {HoldState.RELEASED, HoldState.REFUNDED}
    assert sum(hold.part is not None for hold in holds) > 20
    goals = [world.adapters["goals"].get(goal_id) for world in worlds for goal_id in world.records.goals]
    assert any(goal is not None and len(goal.on_sd) > 1 for goal in goals)
    assert any(len(paid) > 1 for world in worlds for paid in world.shown.paid.values())
    sessions = [session for world in worlds for session in world.records.sessions.values()]
    assert any(session.died is not None and session.active for session in sessions)
    assert any(session.seen is not None for session in sessions)
    traces = "\n".join(step.what for simulation in simulations for step in simulation.trace)
    assert [kind for kind in METERED if f"{kind}: " not in traces] == []


def test_only_a_rule_that_looks_at_the_show_changes_what_a_seed_does() -> None:
    default = plan(3, STEPS)
    assert default == plan(3, STEPS, RuleKind.WHOLE)
    assert default.weather.rule is whole_once_begun
    assert {action.kind for action in default.actions} - {*ORDER, *NEIGHBOURS} <= {"ask_again", "price", "lose"} | {
        *default.weather.disorder
    }


def test_grace_and_minimum_come_from_the_seed() -> None:
    rules = [plan(seed, 1, RuleKind.SHOWN).weather.rule for seed in range(20)]
    assert len({(rule.grace, rule.minimum) for rule in rules if isinstance(rule, ForTimeShown)}) > 5
    assert plan(7, 1, RuleKind.RANDOM).weather.rule == AnyAmount(7)


def span(since: float, until: float | None = None) -> Interval:
    ends = None if until is None else NOW + timedelta(seconds=until)
    return Interval(since=NOW + timedelta(seconds=since), until=ends)


@pytest.mark.parametrize(
    ("on_sd", "begins", "seconds"),
    [
        ([span(0, 30)], 0, 30),
        ([span(0)], 0, 60),
        ([span(0, 10), span(20, 30)], 0, 20),
        ([span(0, 10), span(40, 50)], 0, 10),
        ([span(0, 10), span(0, 10)], 0, 10),
        ([span(0, 30)], 20, 10),
        ([span(0, 30)], 30, 0),
        ([], 0, 0),
    ],
    ids=["left", "goes on", "paused", "back too late", "known twice", "bought later", "saw nothing", "never began"],
)
def test_oracle_counts_what_a_viewer_of_60_seconds_could_see(
    on_sd: list[Interval], begins: float, seconds: float
) -> None:
    """Who leaves may come back within 20 s."""
    begin, now = NOW + timedelta(seconds=begins), NOW + timedelta(seconds=100)
    assert len(watched(on_sd, begin, 60, timedelta(seconds=20), now)) == seconds * 5


@pytest.mark.parametrize(("ticks", "price"), [(0, 0), (1, 3), (75, 3), (150, 5), (151, 6), (300, 10)])
def test_oracle_rounds_up_once_from_the_minimum_to_the_deposit(ticks: int, price: int) -> None:
    assert cost(amount=10, duration=60, ticks=ticks, minimum=3) == price
