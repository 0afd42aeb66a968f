"""How a payment changes a goal: it is counted, and either it announces the progress or another one does.

``announcing: {until, by, late}``: until when the second lasts that the payment ``by`` began, and the payment that asked
for an announcement at its end.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ...core.model import ANNOUNCE_EVERY, AT_ONCE, Contribution
from .client import Document


def count_one(payment: Contribution, now: datetime) -> list[Document]:
    """An update: the payment counts, begins a second, or is the one in a second that asks for a late announcement."""
    counted = {
        "insert": payment.insert_id,
        "viewer": payment.viewer_id,
        "amount": payment.amount,
        "cost": payment.cost,
    }
    return [
        {
            "$set": {
                "progress": {"$add": [{"$ifNull": ["$progress", 0]}, payment.amount]},
                "counting.size": {"$add": ["$counting.size", 1]},
                "counting.recent": {"$concatArrays": ["$counting.recent", [{"$literal": counted}]]},
                **_announcing(payment.insert_id, now),
            }
        }
    ]


def repeat_one(insert_id: str, now: datetime) -> list[Document]:
    """An update: a payment that counts already announces like any other, as its worker may have broken off."""
    return [{"$set": _announcing(insert_id, now)}]


def _announcing(insert_id: str, now: datetime) -> Document:
    over = {"$lte": [{"$ifNull": ["$announcing.until", now]}, now]}
    own = {"$eq": ["$announcing.by", {"$literal": insert_id}]}  # it announces at once, so another one asks for the end
    late = {"$ifNull": ["$announcing.late", {"$cond": [own, None, {"$literal": insert_id}]}]}
    goes_on = {"until": "$announcing.until", "by": "$announcing.by", "late": late}
    return {"announcing": {"$cond": [over, {"$literal": a_second(now, insert_id)}, goes_on]}}


def a_second(now: datetime, insert_id: str) -> Document:
    return {"until": now + ANNOUNCE_EVERY, "by": insert_id}


def announce_in(goal: Document, insert_id: str, now: datetime) -> timedelta | None:
    """When the payment announces the goal's progress, by the goal as it is after its update."""
    second = goal.get("announcing") or {}
    if second.get("by") == insert_id:
        return AT_ONCE
    until: datetime = second.get("until", now)
    return until - now if second.get("late") == insert_id else None
