from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from show_goal.core.errors import SessionNotNamed
from show_goal.core.events import GoalCreated, GoalEnded
from show_goal.core.model import Claim, Session, ShowGoalPair, price
from show_goal.core.money import HoldState
from show_goal.core.validation import InvalidValue
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, a_goal, a_hold, a_session

BEFORE = NOW - timedelta(seconds=1)
BOUND = Session.TriggerPrivateGoal(goal=GOAL)


@pytest.mark.parametrize(
    ("rate", "duration", "expected"),
    [(60, 60, 60), (60, 1, 1), (7, 61, 8), (7, 60, 7), (100, 59, 99), (0, 21_600, 0), (2**60, 61, 1172136863016961093)],
)
def test_price_is_the_rate_for_sixty_seconds_rounded_up_D11(rate: int, duration: int, expected: int) -> None:
    assert price(rate, duration) == expected
    assert a_session(pricing={"sd": rate}).get_price("sd", duration) == expected


def test_price_without_duration_is_the_rate_D11() -> None:
    assert a_session(pricing={"sd": 7}).get_price("sd") == 7


def test_preset_without_rate_has_no_price_D11() -> None:
    assert a_session(pricing={"preview": 7}).get_price("sd") is None


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


@pytest.mark.parametrize(("exp", "live"), [(NOW + timedelta(microseconds=1), True), (NOW, False), (None, True)])
def test_claim_and_goal_are_live_until_their_exp_if_they_have_one_D2_D6(exp: datetime | None, live: bool) -> None:
    claim = Claim(goal_id=GOAL, exp=exp)

    assert claim.live(NOW) is live
    assert a_session(claim=claim).ongoing_private_goal(NOW) == (claim if live else None)
    assert a_goal(exp=exp).expired(NOW) is not live


def test_session_without_a_claim_has_no_ongoing_goal() -> None:
    assert a_session().ongoing_private_goal(NOW) is None


def test_session_has_bound_only_its_last_goal() -> None:
    session = a_session(trigger_private_goal=BOUND)

    assert session.has_bound(GOAL)
    assert not session.has_bound(GOAL_2)
    assert not a_session().has_bound(GOAL)


@pytest.mark.parametrize(
    ("element", "claim", "ended"),
    [
        (None, None, None),
        (Session.TriggerPrivateGoal(goal=GOAL, goal_ended=BEFORE), None, BEFORE),
        (BOUND, Claim(goal_id=GOAL, exp=EXP), None),
        (BOUND, Claim(goal_id=GOAL, exp=BEFORE), BEFORE),
        (BOUND, Claim(goal_id=GOAL_2, exp=BEFORE), None),
        (BOUND, None, None),
    ],
)
def test_goal_counts_as_ended_at_its_exp_even_if_the_timer_is_late_D13(
    element: Session.TriggerPrivateGoal | None, claim: Claim | None, ended: datetime | None
) -> None:
    assert a_session(trigger_private_goal=element, claim=claim).private_goal_ended(NOW) == ended


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"exp": None}, True),
        ({"amount": 91}, False),
        ({"to_user_id": "x"}, False),
        ({"from_user_id": "x"}, False),
        ({"escrow_id": "x"}, False),
    ],
)
def test_hold_with_another_amount_or_party_is_another_transfer_D15(change: dict[str, Any], same: bool) -> None:
    assert a_hold().same_transfer(a_hold(**change)) is same


def test_event_has_the_fields_of_its_goal_and_names_session_streamer_viewer_and_agreement() -> None:
    metadata = {**a_goal().metadata, "agreed": NOW}
    event = GoalEnded.of(a_goal(active=False, metadata=metadata), triggerer=STREAMER)

    assert (event.goal_id, event.active, event.exp, event.metadata) == (GOAL, False, EXP, metadata)
    assert (event.session_id, event.streamer_id, event.triggered_by) == (SESSION, STREAMER, VIEWER)
    assert (event.triggerer, event.agreed) == (STREAMER, NOW)


@pytest.mark.parametrize("conditions", [{}, {"session_id": None}, {"session_id": 7}])
def test_event_of_a_goal_without_a_session_refuses_to_name_one(conditions: dict[str, object]) -> None:
    goal = a_goal(conditions=conditions)
    assert goal.session_id is None
    with pytest.raises(SessionNotNamed, match="not the id of a session"):
        _ = GoalCreated.of(goal).session_id


def test_metadata_of_the_wrong_types_names_nobody() -> None:
    event = GoalEnded.of(a_goal(metadata={"user_id": 7, "triggered_by": b"x", "agreed": "yesterday"}), triggerer=None)

    assert (event.streamer_id, event.triggered_by, event.agreed) == (None, None, None)


@pytest.mark.parametrize(
    ("state", "part", "released", "refunded"),
    [
        (HoldState.HELD, None, 0, 0),
        (HoldState.RELEASED, None, 90, 0),
        (HoldState.REFUNDED, None, 0, 90),
        (HoldState.RELEASED, 30, 30, 60),
        (HoldState.RELEASED, 0, 0, 90),
    ],
)
def test_a_hold_says_who_got_how_much_of_it_L6(
    state: HoldState, part: int | None, released: int, refunded: int
) -> None:
    hold = a_hold(state=state, part=part)
    assert (hold.amount, hold.released, hold.refunded) == (90, released, refunded)


@pytest.mark.parametrize("part", [-1, True, "1"])
def test_a_part_is_a_whole_number_from_0_on(part: Any) -> None:
    with pytest.raises(InvalidValue):
        a_hold(part=part)
