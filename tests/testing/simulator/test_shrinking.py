"""A failure is told by the shortest trace that still shows it."""

from __future__ import annotations

import pytest
from attrs import evolve

from show_goal.testing.simulator import Host, Run, run, shrink, simulate
from tests.testing.simulator import mistakes

SHRUNK = [
    (mistakes.HoldWithoutTheTransactionId, 1),
    (mistakes.DeactivateWithoutCompareAndSet, 3),
    (mistakes.NoSignalsOnceTheGoalStands, 6),
]


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


def test_faults_that_do_not_matter_are_taken_out() -> None:
    found = failed(mistakes.HoldWithoutTheTransactionId, 2)
    assert any(action.faults for action in found.plan.actions)

    shortest = shrink(found, mistakes.HoldWithoutTheTransactionId())

    assert all(not action.faults for action in shortest.plan.actions)


def test_the_shortest_trace_is_the_same_at_every_time() -> None:
    mistake = mistakes.HoldWithoutTheTransactionId
    assert shrink(failed(mistake, 1), mistake()).trace == shrink(failed(mistake, 1), mistake()).trace


def test_steps_keep_the_numbers_of_the_whole_trace() -> None:
    found = failed(mistakes.HoldWithoutTheTransactionId, 1)
    whole = {action.step: action.kind for action in found.plan.actions}

    shortest = shrink(found, mistakes.HoldWithoutTheTransactionId())

    assert [whole[action.step] for action in shortest.plan.actions] == [a.kind for a in shortest.plan.actions]


def test_a_run_that_keeps_every_promise_has_nothing_to_shrink() -> None:
    with pytest.raises(ValueError, match="nothing to shrink"):
        shrink(simulate(1, 20, Host()), Host())
