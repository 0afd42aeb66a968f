"""What a user who joins goals was promised, in the user's account (D30).

``pledges``: ``[{transaction_id, amount, duration, exp, asked}]``, the oldest first. ``asked`` counts the requests for
it. An account that never had one lacks the list, and older workers leave it as it is. No money moves.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...core.money import Pledge
from ...ports.pledges import MOST_PLEDGES
from .client import Document


def one_pledge(transaction_id: str) -> Document:
    """A projection: of the account's pledges, only this one."""
    return {"pledges": {"$elemMatch": {"transaction_id": transaction_id}}}


def keep(transaction_id: str, pledge: Pledge, now: datetime) -> list[Document]:
    """An update of an account: the pledge comes into the list, unless it is there, is held, or cannot be paid.

    If nothing changes, MongoDB writes nothing.
    """
    this_id = {"$literal": transaction_id}
    live = _those({"$gt": ["$$this.exp", now]})
    known = {"$in": [this_id, _ids("$$live")]}
    again = {"$and": [{"$eq": ["$$this.transaction_id", this_id]}, {"$eq": ["$$this.duration", pledge.duration]}]}
    counted = {"$mergeObjects": ["$$this", {"asked": {"$add": ["$$this.asked", 1]}}]}
    asked_again = {"$map": {"input": "$$live", "as": "this", "in": {"$cond": [again, counted, "$$this"]}}}
    new = {
        "transaction_id": transaction_id,
        "amount": pledge.amount,
        "duration": pledge.duration,
        "exp": pledge.exp,
        "asked": 1,
    }
    refused: list[Any] = [
        {"$in": [this_id, _ids("$holds")]},
        {"$lt": ["$available", pledge.amount]},
        pledge.exp <= now,
    ]
    added = {"$slice": [{"$concatArrays": ["$$live", [{"$literal": new}]]}, -MOST_PLEDGES]}
    branches = [{"case": known, "then": asked_again}, {"case": {"$or": refused}, "then": "$$live"}]
    kept = {"$let": {"vars": {"live": live}, "in": {"$switch": {"branches": branches, "default": added}}}}
    return [{"$set": {"pledges": kept}}]


def without_pledge(transaction_id: str) -> Document:
    """For an update with stages: the list ``pledges`` without this one, where there is a list."""
    others = _those({"$ne": ["$$this.transaction_id", {"$literal": transaction_id}]})
    return {"pledges": {"$cond": [{"$isArray": "$pledges"}, others, "$$REMOVE"]}}


def read_pledge(account: Document, now: datetime) -> Pledge | None:
    for found in account.get("pledges", ()):
        if found["exp"] > now:
            return Pledge(amount=found["amount"], duration=found["duration"], exp=found["exp"])
    return None


def _those(condition: Document) -> Document:
    return {"$filter": {"input": {"$ifNull": ["$pledges", []]}, "cond": condition}}


def _ids(items: str) -> Document:
    return {"$map": {"input": items, "in": "$$this.transaction_id"}}
