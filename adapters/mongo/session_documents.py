"""How a session looks as a document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeGuard

from bson import ObjectId

from ...core.model import Claim, Session, ShowGoalPair
from .client import Document
from .encoding import id_text, object_id

CLAIM = "trigger_private_claim"
PRIVATE_GOALS = "trigger_private_goals"
SHOW_PAIRS = "show_goal_pairs"
KARAOKE = "karaoke_goal"
EXCLUSIVE_PAIRS = "exclusive_goal_pairs"
ON_SD = "trigger_private_sd"
"""``{since, until}``: the last time that the session was on sd (D40)."""

UNBOUND_CLAIM: Document = {"active": True, f"{CLAIM}.bound": False}
"""What the sweeper looks for, with an index for it (D26)."""
CLAIM_OF_A_SESSION_THAT_IS_OVER: Document = {"active": False, f"{CLAIM}.exp": {"$exists": True}}
CLAIMS_BY_EXP = ((f"{CLAIM}.exp", 1), ("_id", 1))

SESSION_FIELDS = {
    "user": True,
    "active": True,
    "status.preset": True,
    "pricing": True,
    SHOW_PAIRS: {"$slice": -1},
    PRIVATE_GOALS: {"$slice": -1},
    CLAIM: True,
    ON_SD: True,
}
"""The projection that ``read_session`` needs: only the last element of each list, however long the list is."""

AHEAD = 60_000
"""How far the server's clock may be behind the clock of the worker that ended a claim, in milliseconds."""

_NEVER = datetime.max.replace(tzinfo=UTC)
_BOUND_AND_LIVE: Document = {
    "$and": [
        f"${CLAIM}.bound",
        {"$gt": [{"$ifNull": [f"${CLAIM}.exp", _NEVER]}, {"$add": ["$$NOW", AHEAD]}]},
    ]
}
QUICK_SESSION_FIELDS = {
    **SESSION_FIELDS,
    PRIVATE_GOALS: {"$cond": [_BOUND_AND_LIVE, "$$REMOVE", {"$slice": [f"${PRIVATE_GOALS}", -1]}]},
}
"""The same, but without the list of goals when the claim already names the last one.

In a list of thousands, finding the last element takes the server longer than the rest of the command.
"""


def active_session(session_id: str) -> Document | None:
    """The query for an active session. None when the id is malformed."""
    _id = object_id(session_id)
    return None if _id is None else {"_id": _id, "active": True}


def read_session(document: Document) -> Session:
    """Read a document that was found with SESSION_FIELDS or QUICK_SESSION_FIELDS."""
    pairs = document.get(SHOW_PAIRS) or []
    private_goals = document.get(PRIVATE_GOALS) or []
    claim, on_sd = document.get(CLAIM), document.get(ON_SD) or {}
    if claim and claim.get("bound") and PRIVATE_GOALS not in document:
        private_goals = [{"goal": claim["goal_id"]}]  # bound, and not ended
    return Session(
        id=id_text(document["_id"]),
        streamer_id=id_text(document["user"]),
        active=document["active"],
        preset=(document.get("status") or {}).get("preset"),
        pricing=_rates(document.get("pricing") or {}),
        show_goal_pair=_read_pair(pairs[-1]) if pairs else None,
        trigger_private_goal=_read_private_goal(private_goals[-1]) if private_goals else None,
        claim=read_claim(claim) if claim else None,
        sd_since=on_sd.get("since"),
        sd_until=on_sd.get("until"),
    )


def read_claim(claim: Document) -> Claim:
    return Claim(
        goal_id=id_text(claim["goal_id"]),
        exp=claim.get("exp"),
        triggered_by=claim.get("triggered_by"),
        prepaid_duration=claim.get("prepaid_duration"),
        amount=claim.get("amount"),
        since=claim.get("since"),
        renewed=claim.get("renewed", False),
    )


def write_claim(claim: Claim) -> Document:
    """``bound`` becomes true in the update that binds the goal, ``renewed`` in that of ``renew_claim``."""
    names = "triggered_by", "prepaid_duration", "amount", "since"
    known = {name: value for name in names if (value := getattr(claim, name)) is not None}
    return {"goal_id": ObjectId(claim.goal_id), "exp": claim.exp, "bound": False, **known}


def _read_private_goal(element: Document) -> Session.TriggerPrivateGoal:
    return Session.TriggerPrivateGoal(
        goal=id_text(element["goal"]),
        goal_agreed=element.get("goal_agreed"),
        goal_ended=element.get("goal_ended"),
    )


def _read_pair(pair: Document) -> ShowGoalPair:
    show_goal = pair.get("show_goal")
    return ShowGoalPair(
        funding_goal=id_text(pair["funding_goal"]),
        funding_ended=pair.get("funding_ended"),
        show_goal=None if show_goal is None else id_text(show_goal),
        show_ended=pair.get("show_ended"),
    )


def _rates(pricing: Mapping[str, object]) -> dict[str, int]:
    """Whole numbers from 0, also as the mongo shell's doubles. Any other rate is left out and so forbids (D11)."""
    return {preset: int(rate) for preset, rate in pricing.items() if _whole(rate) and rate >= 0}


def _whole(rate: object) -> TypeGuard[int | float]:
    if isinstance(rate, float):
        return rate.is_integer()
    return isinstance(rate, int) and not isinstance(rate, bool)
