"""Examples for the suites: valid ObjectIds, times in whole milliseconds, and a builder for each kind of thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ...core.model import Claim, Goal, Session
from ...core.money import Hold

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EXP = NOW + timedelta(minutes=5)
OVER = NOW + timedelta(minutes=1)
"""When a goal ends before its exp."""
TICK = timedelta(milliseconds=1)

SESSION = "5e5500000000000000000001"
SESSION_2 = "5e5500000000000000000002"
SESSION_3 = "5e5500000000000000000003"
STREAMER = "57e000000000000000000001"
STREAMER_2 = "57e000000000000000000002"
VIEWER = "71e000000000000000000001"
VIEWER_2 = "71e000000000000000000002"
GOAL = "60a100000000000000000001"
GOAL_2 = "60a100000000000000000002"
GOAL_3 = "60a100000000000000000003"
UNKNOWN = "ffffffffffffffffffffffff"

MALFORMED_IDS = (
    "",
    "x",
    "5e55",
    "5e550000000000000000000",  # 23 digits
    "5e55000000000000000000010",  # 25
    "zzzzzzzzzzzzzzzzzzzzzzzz",
    "5e 55 00 00 00 00 00 01 ",  # 24 characters, and Python's fromhex accepts them
    "5e5500000000000000000001\n",
    "\0" * 24,
    "\u0665" * 24,  # Arabic digits
)
UNKNOWN_IDS = (UNKNOWN, *MALFORMED_IDS)

ODD_USERS = ("", "a.b", "$inc", ".", "%2E", "%", "71e0.$x", "0", "\0", "\u0665")
"""User ids that a store could mistake for a path or an operator."""


def goal_ids(count: int) -> list[str]:
    return [f"60a2{number:020x}" for number in range(count)]


def a_session(**changes: Any) -> Session:
    return Session(**{"id": SESSION, "streamer_id": STREAMER, "pricing": {"sd": 60}, **changes})


def a_claim(goal_id: str = GOAL, exp: datetime | None = EXP) -> Claim:
    return Claim(goal_id=goal_id, exp=exp)


def a_goal(**changes: Any) -> Goal:
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


def a_hold(number: int = 1, **changes: Any) -> Hold:
    """VIEWER's 10 for 90 seconds of private show. Each number is another goal."""
    goal_id = f"60a1{number:020x}"
    payer = changes.get("from_user_id", VIEWER)
    values = {
        "transaction_id": f"session:trigger-private:{goal_id}:{payer}",
        "goal_id": goal_id,
        "escrow_id": f"trigger_private:{goal_id}",
        "from_user_id": payer,
        "to_user_id": STREAMER,
        "amount": 10,
        "duration": 90,
        "tags": [f"swag::livestream.session:{SESSION}.trigger_private:{goal_id}"],
        "exp": EXP,
    }
    return Hold(**{**values, **changes})
