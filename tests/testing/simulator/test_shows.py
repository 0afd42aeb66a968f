"""Shows that are paid for by the time shown, written as plans: what ends them late, and what stalls."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from show_goal.core.rules.settlement import ForTimeShown, SettlementRule
from show_goal.testing.simulator import Fault, Host, Plan, Strike, run
from show_goal.testing.simulator.rules import AnyAmount
from tests.testing.simulator.mistakes import ShowNeverEnds
from tests.testing.simulator.test_races import CLEAR, action

METERED = evolve(CLEAR, rule=ForTimeShown(grace=timedelta(seconds=5)))
SILENCE = evolve(METERED, ends_in_silence=True)

BREAKS_OFF = (25, 28, 29)
"""The port calls of ``show`` in which the agreement breaks off before it lets anybody in, and behind the goal's end."""


def let_in_late(call: int) -> Plan:
    """Nobody carries the agreement on but the last sweep."""
    lost = Fault(call, Strike.FAIL_AFTER)
    return Plan(seed=1, weather=SILENCE, actions=(action("show", 0, 0, 2, faults=(lost,)),))


@pytest.mark.parametrize("call", BREAKS_OFF)
def test_whoever_the_last_sweep_lets_in_sees_what_they_paid_for(call: int) -> None:
    """Their time begins with that sweep."""
    tried = run(let_in_late(call), Host())

    assert "takes effect, its answer is lost" in tried.trace[0].what
    assert tried.violation is None


@pytest.mark.parametrize("call", BREAKS_OFF)
def test_show_that_never_ends_is_found_although_the_last_sweep_has_let_somebody_in(call: int) -> None:
    tried = run(let_in_late(call), ShowNeverEnds())

    assert tried.violation is not None
    assert tried.violation.invariant.startswith(("every hold ends within", "a sweep leaves nothing that is due"))


@pytest.mark.parametrize("call", range(4, 7))
def test_switch_that_stalled_ends_no_time_on_sd_before_it_began(call: int) -> None:
    """A request to leave stalls. Another leaves and comes back meanwhile, and a show begins as it does."""
    begins = Fault(call, Strike.MEANWHILE, action("show", 0, 0, 2))
    overtakes = Fault(1, Strike.MEANWHILE, action("leave_and_return", 0, 0, 1, faults=(begins,)))
    actions = (
        action("switch_preset", 0, 1),
        action("leave_and_return", 0, 6, 1, faults=(overtakes,)),
    )

    tried = run(Plan(seed=1, weather=METERED, actions=actions), Host())

    assert tried.violation is None
    assert "meanwhile" in tried.trace[1].what


@pytest.mark.parametrize("call", range(1, 4))
@pytest.mark.parametrize("rule", [METERED.rule, AnyAmount(1)], ids=["shown", "random"])
def test_show_began_before_a_request_to_leave_that_stalled(rule: SettlementRule, call: int) -> None:
    """The session was on sd when the streamer agreed, whatever time the request says."""
    waits = Fault(1, Strike.MEANWHILE, action("wait", 1))
    begins = Fault(call, Strike.MEANWHILE, action("show", 0, 0, 2, faults=(waits,)))
    actions = (
        action("switch_preset", 0, 1),
        action("leave_and_return", 0, 4, 0, faults=(begins,)),
    )

    tried = run(Plan(seed=1, weather=evolve(METERED, rule=rule), actions=actions), Host())

    assert tried.violation is None
    assert "meanwhile" in tried.trace[1].what


@pytest.mark.parametrize("seed", [3, 8, 10])
def test_show_that_was_left_by_a_clock_that_went_back_may_be_settled_late(seed: int) -> None:
    """By the clock the session left sd before the streamer agreed. The rule takes its time all the same."""
    actions = (
        action("switch_preset", 0, 1),
        action("wait", 4),
        action("invite", 0, 0, 1),
        action("drain"),
        action("answer", 0, 1),
        action("drain"),
        action("jump", 0),
        action("switch_preset", 0, 0),
    )

    tried = run(Plan(seed=1, weather=evolve(METERED, rule=AnyAmount(seed)), actions=actions), Host())

    assert tried.violation is None
