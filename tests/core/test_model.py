from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from show_goal.core.model import Claim, Session, ShowGoalPair
from tests.builders import EXP, GOAL, GOAL_2, NOW, a_goal, a_hold, a_session

BEFORE = NOW - timedelta(seconds=1)


def test_price_without_duration_is_the_rate_for_sixty_seconds_D11() -> None:
    assert a_session(pricing={"sd": 7}).get_price("sd") == 7


def test_price_of_a_duration_is_rounded_up_D11() -> None:
    assert a_session(pricing={"sd": 7}).get_price("sd", 61) == 8


def test_preset_without_rate_has_no_price_D11() -> None:
    assert a_session(pricing={"preview": 7}).get_price("sd") is None


def test_rate_of_zero_is_free_and_not_forbidden_D11() -> None:
    assert a_session(pricing={"sd": 0}).get_price("sd", 90) == 0


@pytest.mark.parametrize(
    ("pair", "running"),
    [
        (ShowGoalPair(funding_goal=GOAL), True),
        (ShowGoalPair(funding_goal=GOAL, funding_ended=NOW), False),
        (ShowGoalPair(funding_goal=GOAL, funding_ended=NOW, show_goal=GOAL_2), True),
        (ShowGoalPair(funding_goal=GOAL, funding_ended=NOW, show_goal=GOAL_2, show_ended=NOW), False),
        (ShowGoalPair(funding_goal=GOAL, show_goal=GOAL_2, show_ended=NOW), True),
    ],
)
def test_show_runs_until_funding_and_show_have_ended_D12(pair: ShowGoalPair, running: bool) -> None:
    assert pair.running is running


def test_claim_is_live_before_its_exp_and_dead_at_it_D2() -> None:
    assert Claim(goal_id=GOAL, exp=NOW + timedelta(microseconds=1)).live(NOW)
    assert not Claim(goal_id=GOAL, exp=NOW).live(NOW)


def test_claim_without_exp_is_live_for_ever_D6() -> None:
    assert Claim(goal_id=GOAL, exp=None).live(NOW)


def test_live_claim_is_the_ongoing_goal_D2() -> None:
    claim = Claim(goal_id=GOAL, exp=EXP)

    assert a_session(claim=claim).ongoing_private_goal(NOW) == claim
    assert a_session(claim=claim).ongoing_private_goal(EXP) is None
    assert a_session().ongoing_private_goal(NOW) is None


def test_session_has_bound_its_last_goal_alone() -> None:
    session = a_session(trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL))

    assert session.has_bound(GOAL)
    assert not session.has_bound(GOAL_2)
    assert not a_session().has_bound(GOAL)


@pytest.mark.parametrize(
    ("element", "claim", "ended"),
    [
        (None, None, None),
        (Session.TriggerPrivateGoal(goal=GOAL, goal_ended=BEFORE), None, BEFORE),
        (Session.TriggerPrivateGoal(goal=GOAL), Claim(goal_id=GOAL, exp=EXP), None),
        (Session.TriggerPrivateGoal(goal=GOAL), Claim(goal_id=GOAL, exp=BEFORE), BEFORE),
        (Session.TriggerPrivateGoal(goal=GOAL), Claim(goal_id=GOAL_2, exp=BEFORE), None),
        (Session.TriggerPrivateGoal(goal=GOAL), None, None),
    ],
)
def test_goal_counts_as_ended_at_its_exp_even_when_the_timer_is_late_D13(
    element: Session.TriggerPrivateGoal | None, claim: Claim | None, ended: datetime | None
) -> None:
    assert a_session(trigger_private_goal=element, claim=claim).private_goal_ended(NOW) == ended


def test_goal_expires_at_its_exp_and_never_without_one_D6() -> None:
    assert a_goal(exp=NOW).expired(NOW)
    assert not a_goal(exp=EXP).expired(NOW)
    assert not a_goal(exp=None).expired(NOW)


def test_goal_knows_its_session_by_its_conditions() -> None:
    assert a_goal(conditions={"session_id": "s"}).session_id == "s"
    assert a_goal(conditions={}).session_id is None


@pytest.mark.parametrize("change", [{"amount": 91}, {"to_user_id": "x"}, {"from_user_id": "x"}, {"escrow_id": "x"}])
def test_hold_with_another_amount_or_party_is_another_transfer_D15(change: dict[str, Any]) -> None:
    assert not a_hold().same_transfer(a_hold(**change))


def test_hold_repeated_is_the_same_transfer_D15() -> None:
    assert a_hold().same_transfer(a_hold(exp=None))
