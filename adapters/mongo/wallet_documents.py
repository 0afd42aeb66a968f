"""How an account, a hold and the record of a settled hold look as documents, and how a hold is written.

``accounts``: ``{_id: user, available, held, deposited, holds: [...], receipts: [...], settled, next_exp, folded}``.
Amounts are in the smallest unit. ``holds`` lists only what is held, and ``next_exp`` is the earliest exp in it.
:mod:`.wallet_settling` explains ``settled``, :mod:`.wallet_receipts` ``receipts``, :mod:`.wallet_pledges` ``pledges``.

``transactions``: what became of a hold, kept forever. Its ``_id`` is the transaction id. :mod:`.wallet_folding`
explains its ``unfolded`` and an account's ``folded``, :mod:`.wallet_settling` ``BY_RECORD``. ``amount`` is what the
record pays. If that is only a part of the hold, ``held`` is the whole of it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from ...core.money import Hold, HoldState
from .client import Document
from .encoding import object_id
from .wallet_pledges import without_pledge

FIRST_PLACED = (("placed_at", 1), ("order", 1))
LAST_PLACED = (("placed_at", -1), ("order", -1))
BY_RECORD = "by_record."
"""A field of a hold that is being released, and of its record. No update can name it: a path must not end in a dot."""
_OPENED: Document = {"held": 0, "holds": [], "receipts": [], "settled": 0}
_NEXT_EXP: Document = {"$set": {"next_exp": {"$ifNull": [{"$min": "$holds.exp"}, "$$REMOVE"]}}}


def account_id(user_id: str) -> ObjectId | str:
    return object_id(user_id) or user_id


def accounts_from(_id: ObjectId | str) -> Document:
    """A condition on ``_id``: this account and those behind it.

    Ids are ObjectIds or texts, which MongoDB sorts before any ObjectId. ``$gte`` finds only ids of the same type.
    """
    return {"$not": {"$lt": _id}} if isinstance(_id, str) else {"$gte": _id}


def holder_of(transaction_id: str) -> Document:
    """A query: the account in which this hold is."""
    return {"holds.transaction_id": transaction_id}


def one_hold(transaction_id: str | None) -> Document:
    """A projection: of the account's holds, only this one."""
    return {"holds": {"$elemMatch": {"transaction_id": transaction_id}}}


def credit(amount: int) -> Document:
    """An update of an account: add money from outside. As an upsert it opens a new account."""
    return {"$inc": {"available": amount, "deposited": amount}, "$setOnInsert": _OPENED}


def receive() -> list[Document]:
    """An update of an account: give it ``folded``. As an upsert it opens a new account."""
    wanted = {"available": 0, "deposited": 0, **_OPENED, "folded": []}
    return [{"$set": {name: {"$ifNull": [f"${name}", value]} for name, value in wanted.items()}}]


def place(hold: Hold) -> list[Document]:
    """An update of the payer's account: the amount moves to held, and the hold into the list.

    The server adds ``placed_at``. ``order`` orders what one process places in the same millisecond.
    """
    written = {
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
        "asked_exp": hold.asked_exp,
    }
    placed_now = {"$mergeObjects": [{"$literal": written}, {"placed_at": "$$NOW"}]}
    return [
        {
            "$set": {
                "available": {"$subtract": ["$available", hold.amount]},
                "held": {"$add": ["$held", hold.amount]},
                "holds": {"$concatArrays": ["$holds", [placed_now]]},
                **without_pledge(hold.transaction_id),
            }
        },
        _NEXT_EXP,
    ]


def mark(hold: Hold) -> list[Document]:
    """An update of the payer's account: the hold gets ``BY_RECORD``."""
    this = {"$eq": ["$$hold.transaction_id", {"$literal": hold.transaction_id}]}
    marked = {"$mergeObjects": ["$$hold", {"$literal": {BY_RECORD: True}}]}
    each = {"$cond": [this, marked, "$$hold"]}
    return [{"$set": {"holds": {"$map": {"input": "$holds", "as": "hold", "in": each}}}}]


def take_out(hold: Hold, *, back: int) -> list[Document]:
    """An update of the payer's account: the hold leaves the list. So much of it is available again as ``back`` says."""
    others = {"$ne": ["$$hold.transaction_id", {"$literal": hold.transaction_id}]}
    return [
        {
            "$set": {
                "available": {"$add": ["$available", back]},
                "held": {"$subtract": ["$held", hold.amount]},
                "holds": {"$filter": {"input": "$holds", "as": "hold", "cond": others}},
                "settled": {"$add": ["$settled", 1]},
            }
        },
        _NEXT_EXP,
    ]


def write_record(live: Document, settled: Hold) -> Document:
    """The record of a settled hold. ``live`` is its form in the account."""
    kept = {name: value for name, value in live.items() if name not in ("transaction_id", BY_RECORD)}
    record = {"_id": settled.transaction_id, **kept, "state": settled.state, "settled_at": datetime.now(UTC)}
    if settled.state is HoldState.REFUNDED:
        return record
    if settled.part is not None:
        record |= {"amount": settled.part, "held": settled.amount}
    return {**record, "unfolded": account_id(settled.to_user_id), BY_RECORD: True}


def counts_as_held(live: Document | None, record: Document | None) -> bool:
    """Of a hold that is in its account, has a record, or both."""
    return live is not None and (record is None or record["state"] == HoldState.REFUNDED)


def has_paid(record: Document, payer: ObjectId | str) -> bool:
    """Whether the receiver has the money, so that it is no longer held in the payer's account."""
    return BY_RECORD in record and account_id(record["from_user_id"]) == payer


def read_hold(document: Document) -> Hold:
    """Read a hold of an account or a record of ``transactions``."""
    part = document["amount"] if "held" in document else None
    return Hold(
        transaction_id=document["transaction_id"] if "transaction_id" in document else document["_id"],
        goal_id=document["goal_id"],
        escrow_id=document["escrow_id"],
        from_user_id=document["from_user_id"],
        to_user_id=document["to_user_id"],
        amount=document["amount"] if part is None else document["held"],
        duration=document["duration"],
        tags=document["tags"],
        exp=document["exp"],
        state=HoldState(document["state"]),
        part=part,
        asked_exp=document.get("asked_exp"),
        placed_at=document.get("placed_at"),
        settled_at=document.get("settled_at"),
    )


def placed(document: Document) -> tuple[Any, Any]:
    """A sort key: the first placed comes first."""
    return document["placed_at"], document["order"]
