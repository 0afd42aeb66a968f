"""Small builders: each makes a valid thing, the test says what matters about it.

Ids are valid ObjectIds, so that the same test data fits every adapter.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from show_goal.core.messages import CreateGoal, Transfer
from show_goal.core.model import Goal, Invitation, Session, Viewer
from show_goal.core.money import Hold
from show_goal.core.requests.wallet_transaction import TransactionReport

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EXP = NOW + timedelta(minutes=5)

SESSION = "5e5500000000000000000001"
STREAMER = "57e000000000000000000001"
VIEWER = "71e000000000000000000001"
VIEWER_2 = "71e000000000000000000002"
GOAL = "60a100000000000000000001"
GOAL_2 = "60a100000000000000000002"


def a_viewer(**changes: Any) -> Viewer:
    return Viewer(**{"id": VIEWER, **changes})


def a_session(**changes: Any) -> Session:
    return Session(**{"id": SESSION, "streamer_id": STREAMER, "pricing": {"sd": 60}, **changes})


def a_goal(**changes: Any) -> Goal:
    """The goal that VIEWER's invitation into SESSION makes."""
    values = {
        "id": GOAL,
        "_cls": "TriggerPrivateGoal",
        "conditions": {"session_id": SESSION},
        "levels": [],
        "exp": EXP,
        "context": {"type": "trigger-private"},
        "metadata": {"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90},
    }
    return Goal(**{**values, **changes})


def a_create_goal(**changes: Any) -> CreateGoal:
    values = {
        "goal_id": GOAL,
        "active": True,
        "_cls": "TriggerPrivateGoal",
        "conditions": {"session_id": SESSION},
        "levels": [],
        "context": {"type": "trigger-private"},
        "metadata": {"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90},
        "exp": EXP,
    }
    return CreateGoal(**{**values, **changes})


def a_transfer(goal_id: str = GOAL, viewer_id: str = VIEWER, **changes: Any) -> Transfer:
    values = {
        "goal_id": goal_id,
        "transaction_id": f"session:trigger-private:{goal_id}:{viewer_id}",
        "from_user_id": viewer_id,
        "to_user_id": STREAMER,
        "amount": 90,
        "tags": [f"swag::livestream.session:{SESSION}.trigger_private:{goal_id}"],
        "escrow_id": f"trigger_private:{goal_id}",
        "duration": 90,
    }
    return Transfer(**{**values, **changes})


def a_hold(goal_id: str = GOAL, viewer_id: str = VIEWER, **changes: Any) -> Hold:
    values = {
        "transaction_id": f"session:trigger-private:{goal_id}:{viewer_id}",
        "goal_id": goal_id,
        "escrow_id": f"trigger_private:{goal_id}",
        "from_user_id": viewer_id,
        "to_user_id": STREAMER,
        "amount": 90,
        "duration": 90,
        "tags": [f"swag::livestream.session:{SESSION}.trigger_private:{goal_id}"],
        "exp": EXP,
    }
    return Hold(**{**values, **changes})


def an_invitation(now: datetime = NOW, **changes: Any) -> Invitation:
    """5 minutes to answer, 90 seconds of show."""
    return Invitation(**a_body(now, **changes))


def a_report(**changes: Any) -> TransactionReport:
    """The wallet reports that VIEWER's 90 are in the escrow of GOAL."""
    values = {
        "id": f"session:trigger-private:{GOAL}:{VIEWER}",
        "ts": int(NOW.timestamp()),
        "from_account": VIEWER,
        "from_amount": 90,
        "tags": [f"swag::livestream.session:{SESSION}.trigger_private:{GOAL}"],
    }
    return TransactionReport(**{**values, **changes})


def a_body(now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    """An invitation's JSON body: 5 minutes to answer, 90 seconds of show."""
    return {"exp": int(now.timestamp()) + 300, "duration": 90, **changes}
