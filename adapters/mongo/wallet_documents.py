"""A document of ``accounts``, the holds in it, and a document of ``transactions``.

``accounts``: ``{_id: user, available, held, deposited, holds: [...], receipts: [...], settled, next_exp}``, amounts in
the smallest unit. ``holds`` are those that are held; ``next_exp`` is the earliest exp among them. ``receipts`` and
``settled`` are explained in :mod:`.wallet_settling`.

``transactions``: what became of a hold, ``_id`` its transaction_id, for good.
"""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from ...core.model import Hold, HoldState
from .collection import Document
from .ids import object_id

OPENED: Document = {"held": 0, "holds": [], "receipts": [], "settled": 0}
"""An account to which something is added: it has no more than this."""
FIRST_PLACED = (("placed_at", 1), ("order", 1))
LAST_PLACED = (("placed_at", -1), ("order", -1))


def account_id(user_id: str) -> ObjectId | str:
    return object_id(user_id) or user_id


def one_hold(transaction_id: str | None) -> Document:
    """A projection: of the account's holds this one alone."""
    return {"holds": {"$elemMatch": {"transaction_id": transaction_id}}}


def write_hold(hold: Hold) -> Document:
    """``placed_at`` is added by the server; ``order`` tells apart what one process placed in the same millisecond."""
    return {
        "transaction_id": hold.transaction_id,
        "goal_id": hold.goal_id,
        "escrow_id": hold.escrow_id,
        "from_user_id": hold.from_user_id,
        "to_user_id": hold.to_user_id,
        "amount": hold.amount,
        "duration": hold.duration,
        "tags": list(hold.tags),
        "exp": hold.exp,
        "state": HoldState.HELD,
        "order": ObjectId(),
    }


def write_transaction(live: Document, state: HoldState) -> Document:
    """The record of a hold as it stands in an account; without ``_id``, which its upsert gives."""
    return {name: value for name, value in live.items() if name != "transaction_id"} | {"state": state}


def read_hold(document: Document) -> Hold:
    """From an account or from ``transactions``."""
    return Hold(
        transaction_id=document["transaction_id"] if "transaction_id" in document else document["_id"],
        goal_id=document["goal_id"],
        escrow_id=document["escrow_id"],
        from_user_id=document["from_user_id"],
        to_user_id=document["to_user_id"],
        amount=document["amount"],
        duration=document["duration"],
        tags=document["tags"],
        exp=document["exp"],
        state=HoldState(document["state"]),
    )


def placed(document: Document) -> tuple[Any, Any]:
    """A key to sort by: the first that was placed first."""
    return document["placed_at"], document["order"]
