"""What ``show-goal check`` says about sweeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from show_goal.cli.check.running import Finding, Status
from show_goal.cli.check.sweeping import BEHIND, FAILS, NO_SWEEP, SweepsCheck
from show_goal.core.decision import Rule
from show_goal.core.last_sweep import LastSweep, SetAside
from show_goal.core.rules.settlement import Deposit, Facts, ForTimeShown, SettlementRule, Verdict
from show_goal.core.settings import Settings
from tests.builders import EXP, GOAL, VIEWER, a_goal, a_hold
from tests.world import World

AFTER_EXP = EXP + timedelta(seconds=1)
LATE = EXP + timedelta(seconds=91)
NOTHING = "0 goals past exp, 0 claims without a goal, 0 settlements due, 0 holds past their time"


@pytest.fixture
def world() -> World:
    """Two goals, and a hold whose goal was never created, all overdue from EXP on."""
    world = World.make(settings=Settings(sweep_limit=2))
    for n in range(2):
        world.goals.insert(a_goal(id=f"60a3{n:020x}", conditions={"session_id": f"5e56{n:020x}"}))
    world.wallet.hold(a_hold())
    return world


def swept(world: World, ago: int = 5, **changes: Any) -> None:
    """A sweep has ended so many seconds ago."""
    ended = world.clock.now() - timedelta(seconds=ago)
    world.sweeps.record(
        LastSweep(**{"began": ended, "ended": ended, "done": {}, "failed": 0, "more": False, **changes})
    )


def check(world: World) -> Finding:
    of = world.container
    return SweepsCheck(
        goals=of.goals(),
        sessions=of.sessions(),
        wallet=of.wallet(),
        sweeps=of.sweeps(),
        overlong=of.overlong(),
        settings=of.settings(),
        now=world.clock.now(),
        interval=timedelta(seconds=15),
    )()


def test_before_the_first_sweep_it_is_a_warning(world: World) -> None:
    assert check(world) == Finding(Status.WARNING, f"{NOTHING}; no sweep has ended yet", (NO_SWEEP,))


@pytest.mark.parametrize(("ago", "status"), [(60, Status.OK), (61, Status.WARNING)])
def test_that_no_sweep_ended_within_four_intervals_is_a_warning_although_nothing_waits(
    world: World, ago: int, status: Status
) -> None:
    swept(world, ago)
    assert check(world).status is status


@pytest.mark.parametrize("ago", [None, 31])
def test_it_is_a_failure_that_work_waits_and_no_sweep_ended_within_two_intervals(world: World, ago: int | None) -> None:
    world.clock.move_to(AFTER_EXP)
    if ago is not None:
        swept(world, ago)
    found = check(world)
    assert (found.status, found.advice) == (Status.FAILURE, (NO_SWEEP,))
    assert found.summary.startswith("2 or more goals past exp, 0 claims without a goal")


def test_work_for_the_next_sweep_is_ok(world: World) -> None:
    world.clock.move_to(AFTER_EXP)
    swept(world, 29, done={"ended": 3, "settled": 0})
    found = check(world)
    assert (found.status, found.advice) == (Status.OK, ())
    assert found.summary.endswith("; the last sweep ended 29 s ago, 3 ended")


@pytest.mark.parametrize(
    ("changes", "advice"),
    [({"failed": 1}, (FAILS,)), ({"more": True}, (BEHIND,)), ({"failed": 3, "more": True}, (FAILS, BEHIND))],
)
@pytest.mark.parametrize(("late", "status"), [(False, Status.WARNING), (True, Status.FAILURE)])
def test_a_sweep_that_failed_or_left_more_is_a_warning_and_a_failure_if_work_is_late(
    world: World, changes: dict[str, Any], advice: tuple[str, ...], late: bool, status: Status
) -> None:
    world.clock.move_to(LATE if late else AFTER_EXP)
    swept(world, **changes)
    found = check(world)
    assert (found.status, found.advice) == (status, advice)
    assert ("some of it for more than 30 s" in found.summary) is late


def test_it_says_what_the_last_sweep_left(world: World) -> None:
    swept(world, failed=1, more=True)
    assert check(world).summary == f"{NOTHING}; the last sweep ended 5 s ago, 1 step failed, more was left"


def test_late_work_is_a_failure_although_the_last_sweep_left_nothing(world: World) -> None:
    world.clock.move_to(LATE)
    swept(world)
    assert check(world).status is Status.FAILURE


def test_it_names_the_goal_of_which_an_interrupted_sweep_told(world: World) -> None:
    swept(world, interrupted_at=GOAL)
    found = check(world)
    assert found.status is Status.WARNING
    assert found.advice == (f"A receiver of goal.ended hangs, or takes too long, for goal {GOAL}: look for it.",)


def test_it_names_what_is_set_aside_when_it_is_tried_again_and_why_D43(world: World) -> None:
    again = world.clock.now() + timedelta(minutes=4)
    aside = [SetAside(item=f"escrow {n}", attempts=3, next_try=again, why="ValueError: frozen") for n in range(12)]
    swept(world, aside=aside)
    found = check(world)
    assert found.status is Status.WARNING
    assert found.advice[0] == (
        f"escrow 0 is set aside after 3 attempts, and tried again at {again:%H:%M:%S} UTC: ValueError: frozen"
    )
    assert (len(found.advice), found.advice[-1]) == (11, "2 more are set aside.")


def test_hold_of_a_show_that_goes_on_past_its_exp_is_not_late() -> None:
    world = World.make(settlement_rule=ForTimeShown())
    world.invite(VIEWER, duration=900)
    world.run_due()
    world.switch_preset("sd")
    world.agree(world.goals.all()[0].id)
    for _ in range(10):
        world.wait(60)
        world.sweep()
    found = check(world)
    assert (found.status, found.advice) == (Status.OK, ())
    assert found.summary.startswith(NOTHING)


class Never:
    """A host's rule that never says that a deposit is due."""

    metered = True

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        return Verdict(due=facts.now + timedelta(days=1), released=0, rule=Rule.SHOW_BEGAN)


class Fails(Never):
    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        raise RuntimeError(f"what is {deposit.amount}?")


def a_show(rule: SettlementRule) -> tuple[World, str]:
    """One viewer has paid for 900 s."""
    world = World.make(settlement_rule=rule)
    goal_id = world.invite(VIEWER, duration=900).goal_id
    world.run_due()
    world.switch_preset("sd")
    world.agree(goal_id)
    return world, goal_id


@pytest.mark.parametrize(("seconds", "status"), [(900 + 3_599, Status.OK), (900 + 3_600, Status.WARNING)])
def test_it_names_a_show_that_should_be_over_for_an_hour_and_its_rule(seconds: int, status: Status) -> None:
    world, goal_id = a_show(Never())
    world.wait(60)
    world.clock.advance(timedelta(seconds=seconds - 60))
    world.sweep()
    found = check(world)
    assert found.status is status
    if status is Status.WARNING:
        (advice,) = found.advice
        assert goal_id in advice
        assert "the settlement rule Never does not say that its money is due" in advice


def test_it_names_a_show_whose_rule_fails_and_the_rule_D43() -> None:
    world, goal_id = a_show(Fails())
    world.clock.advance(timedelta(minutes=10))
    with pytest.raises(ExceptionGroup):
        world.sweep()
    found = check(world)
    assert found.status is Status.FAILURE
    assert f"settled {goal_id} is set aside after 1 attempt" in found.advice[0]
    assert "RuleFailed: the settlement rule Fails has failed for" in found.advice[0]
