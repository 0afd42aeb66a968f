from __future__ import annotations

from datetime import datetime, timedelta

from show_goal.core.errors import LivestreamTriggerQuotaExceeded
from show_goal.core.model import Session, ShowGoalPair, Statement
from show_goal.core.rules import guards
from tests.builders import GOAL, NOW, STREAMER, a_hold, a_session, a_viewer

COOLDOWN = timedelta(seconds=60)


def session_after(ended: datetime | None, agreed: datetime | None = None) -> Session:
    element = Session.TriggerPrivateGoal(goal=GOAL, goal_ended=ended, goal_agreed=agreed)
    return a_session(trigger_private_goal=element)


def test_streamer_cannot_invite_into_their_own_session_D9() -> None:
    refusal = guards.own_session(a_viewer(id=STREAMER), a_session())

    assert refusal is not None
    assert refusal.code == "own_session"


def test_somebody_else_may_invite() -> None:
    assert guards.own_session(a_viewer(), a_session()) is None


def test_viewer_with_the_streamers_blocked_by_tag_is_refused() -> None:
    refusal = guards.blocked(a_viewer(tags={"vip", f"blocked-by:{STREAMER}"}), a_session())

    assert refusal is not None
    assert (refusal.code, refusal.reason) == ("private_show_unavailable", "blocked")


def test_viewer_blocked_by_another_streamer_is_not_refused() -> None:
    assert guards.blocked(a_viewer(tags={"blocked-by:somebody-else"}), a_session()) is None


def test_running_show_is_refused_D12() -> None:
    refusal = guards.show_running(a_session(show_goal_pair=ShowGoalPair(funding_goal=GOAL)))

    assert refusal is not None
    assert refusal.code == "show_running"


def test_session_whose_show_has_ended_or_never_was_is_not_refused_D12() -> None:
    assert guards.show_running(a_session()) is None
    assert guards.show_running(a_session(show_goal_pair=ShowGoalPair(funding_goal=GOAL, funding_ended=NOW))) is None


def test_cooldown_is_refused_until_it_is_over_and_says_when_D13() -> None:
    refusal = guards.cooldown(session_after(NOW - timedelta(seconds=59)), NOW, COOLDOWN)

    assert isinstance(refusal, LivestreamTriggerQuotaExceeded)
    assert refusal.retry_at == NOW + timedelta(seconds=1)


def test_cooldown_is_over_at_its_very_end_D13() -> None:
    assert guards.cooldown(session_after(NOW - COOLDOWN), NOW, COOLDOWN) is None


def test_agreed_goal_leaves_no_cooldown_D13() -> None:
    assert guards.cooldown(session_after(NOW, agreed=NOW), NOW, COOLDOWN) is None


def test_ongoing_or_no_previous_goal_leaves_no_cooldown_D13() -> None:
    assert guards.cooldown(session_after(None), NOW, COOLDOWN) is None
    assert guards.cooldown(a_session(), NOW, COOLDOWN) is None


def test_balance_below_the_price_is_refused() -> None:
    refusal = guards.insufficient_balance(Statement(available=89), 90)

    assert refusal is not None
    assert refusal.code == "insufficient_balance"


def test_balance_of_exactly_the_price_is_enough() -> None:
    assert guards.insufficient_balance(Statement(available=90), 90) is None


def test_free_show_needs_no_balance_D11() -> None:
    assert guards.insufficient_balance(Statement(available=0), 0) is None


def test_honest_retry_is_not_refused_for_the_money_it_already_paid_D14() -> None:
    assert guards.insufficient_balance(Statement(available=0, hold=a_hold()), 90) is None


def test_transaction_that_stands_with_another_amount_or_party_conflicts_D15() -> None:
    statement = Statement(available=1_000, hold=a_hold())

    assert guards.transaction_conflict(statement, 91, STREAMER) is not None
    assert guards.transaction_conflict(statement, 90, "somebody-else") is not None
    assert guards.transaction_conflict(statement, 90, STREAMER) is None
    assert guards.transaction_conflict(Statement(available=0), 90, STREAMER) is None
