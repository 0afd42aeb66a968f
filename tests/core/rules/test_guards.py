from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from show_goal.core.errors import LivestreamTriggerQuotaExceeded, Refused
from show_goal.core.model import Session, ShowGoalPair
from show_goal.core.money import Hold, Statement
from show_goal.core.rules import guards
from tests.builders import GOAL, NOW, STREAMER, VIEWER, a_hold, a_session, a_viewer

COOLDOWN = timedelta(seconds=60)
FUNDING = ShowGoalPair(funding_goal=GOAL)
FUNDED = ShowGoalPair(funding_goal=GOAL, funding_ended=NOW)


def code(refusal: Refused | None) -> str | None:
    return None if refusal is None else refusal.code


@pytest.mark.parametrize(("viewer_id", "refused"), [(STREAMER, "own_session"), (VIEWER, None)])
def test_streamer_cannot_invite_into_their_own_session_D9(viewer_id: str, refused: str | None) -> None:
    assert code(guards.own_session(a_viewer(id=viewer_id), a_session())) == refused


def test_viewer_with_the_streamers_blocked_by_tag_is_refused() -> None:
    refusal = guards.blocked(a_viewer(tags={"vip", f"blocked-by:{STREAMER}"}), a_session())

    assert refusal is not None
    assert (refusal.code, refusal.reason) == ("private_show_unavailable", "blocked")
    assert guards.blocked(a_viewer(tags={"blocked-by:somebody-else"}), a_session()) is None


@pytest.mark.parametrize(("pair", "refused"), [(FUNDING, "show_running"), (FUNDED, None), (None, None)])
def test_running_show_is_refused_D12(pair: ShowGoalPair | None, refused: str | None) -> None:
    assert code(guards.show_running(a_session(show_goal_pair=pair))) == refused


def cooldown(ended: datetime | None, agreed: datetime | None = None) -> LivestreamTriggerQuotaExceeded | None:
    last = Session.TriggerPrivateGoal(goal=GOAL, goal_ended=ended, goal_agreed=agreed)
    return guards.cooldown(a_session(trigger_private_goal=last), NOW, COOLDOWN)


def test_cooldown_is_refused_until_it_is_over_and_says_when_D13() -> None:
    refusal = cooldown(ended=NOW - timedelta(seconds=59))

    assert refusal is not None
    assert refusal.retry_at == NOW + timedelta(seconds=1)
    assert cooldown(ended=NOW - COOLDOWN) is None


def test_agreed_goal_leaves_no_cooldown_D13() -> None:
    assert cooldown(ended=NOW, agreed=NOW) is None


def test_ongoing_or_no_previous_goal_leaves_no_cooldown_D13() -> None:
    assert cooldown(ended=None) is None
    assert guards.cooldown(a_session(), NOW, COOLDOWN) is None


def test_balance_below_the_price_is_refused() -> None:
    assert code(guards.insufficient_balance(Statement(available=89), 90)) == "insufficient_balance"


@pytest.mark.parametrize(
    ("statement", "price"),
    [(Statement(available=90), 90), (Statement(available=0), 0), (Statement(available=0, hold=a_hold()), 90)],
    ids=["exactly the price", "a free show D11", "a retry after paying D14"],
)
def test_balance_is_enough(statement: Statement, price: int) -> None:
    assert guards.insufficient_balance(statement, price) is None


@pytest.mark.parametrize(
    ("hold", "amount", "duration", "streamer_id", "refused"),
    [
        (a_hold(), 91, 90, STREAMER, "transaction_conflict"),
        (a_hold(), 90, 91, STREAMER, "transaction_conflict"),
        (a_hold(), 90, 90, "somebody-else", "transaction_conflict"),
        (a_hold(), 90, 90, STREAMER, None),
        (a_hold(duration=None), 90, 91, STREAMER, None),
        (None, 90, 90, STREAMER, None),
    ],
)
def test_existing_transaction_with_another_amount_duration_or_streamer_conflicts_D15(
    hold: Hold | None, amount: int, duration: int, streamer_id: str, refused: str | None
) -> None:
    assert code(guards.transaction_conflict(hold, amount, duration, streamer_id)) == refused
