"""A failure is shown by the shortest trace that still breaks the promise."""

from __future__ import annotations

import pytest
from attrs import evolve

from show_goal.testing.simulator import Host, Run, run, shrink, simulate
from tests.testing.simulator.mistakes import (
    DeactivateWithoutCompareAndSet,
    HoldWithoutTheTransactionId,
    NoSignalsOnceTheGoalExists,
)

SHRUNK = [(HoldWithoutTheTransactionId, 1), (DeactivateWithoutCompareAndSet, 3), (NoSignalsOnceTheGoalExists, 34)]


def failed(mistake: type[Host], seed: int) -> Run:
    found = simulate(seed, 200, mistake())
    assert found.violation is not None
    return found


@pytest.mark.parametrize(("mistake", "seed"), SHRUNK)
def test_no_step_of_the_shortest_trace_can_be_left_out(mistake: type[Host], seed: int) -> None:
    found = failed(mistake, seed)
    assert found.violation is not None

    shortest = shrink(found, mistake())

    assert shortest.violation is not None
    assert shortest.violation.invariant == found.violation.invariant
    actions = shortest.plan.actions
    assert 0 < len(actions) < 20 < len(found.plan.actions)
    for number in range(len(actions)):
        without = run(evolve(shortest.plan, actions=actions[:number] + actions[number + 1 :]), mistake())
        assert without.violation is None or without.violation.invariant != found.violation.invariant


def test_the_shortest_trace_is_always_the_same_with_its_old_numbers_and_only_the_faults_that_matter() -> None:
    found = failed(HoldWithoutTheTransactionId, 0)
    assert any(action.faults for action in found.plan.actions)

    shortest = shrink(found, HoldWithoutTheTransactionId())

    kinds = {action.step: action.kind for action in found.plan.actions}
    assert all(kinds[action.step] == action.kind and not action.faults for action in shortest.plan.actions)
    assert shrink(found, HoldWithoutTheTransactionId()).trace == shortest.trace


def test_a_run_that_keeps_every_promise_has_nothing_to_shrink() -> None:
    with pytest.raises(ValueError, match="nothing to shrink"):
        shrink(simulate(1, 20, Host()), Host())
