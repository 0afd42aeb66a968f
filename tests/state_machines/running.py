from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def run(machine: Callable[[], RuleBasedStateMachine], *, examples: int, steps: int) -> None:
    """Try ``examples`` lives of the machine of up to ``steps`` steps each.

    A machine that breaks prints the shortest life that breaks it. Where ``CI`` is set hypothesis loads its own profile
    ``ci``, and the lives are the same in every run; elsewhere they are new ones.
    """
    run_state_machine_as_test(
        machine,  # type: ignore[arg-type]  # any factory will do, as its documentation says
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
