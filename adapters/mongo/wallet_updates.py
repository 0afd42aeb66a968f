"""Updates of an account: what is counted and what is listed change in one step of the server's."""

from __future__ import annotations

from ...core.model import Hold
from .collection import Document
from .wallet_documents import write_hold

Pipeline = list[Document]

_NEXT_EXP: Document = {"$set": {"next_exp": {"$ifNull": [{"$min": "$holds.exp"}, "$$REMOVE"]}}}


def place(hold: Hold) -> Pipeline:
    """The amount is held, and so the hold stands in the list."""
    placed = {"$mergeObjects": [{"$literal": write_hold(hold)}, {"placed_at": "$$NOW"}]}
    return [
        {
            "$set": {
                "available": {"$subtract": ["$available", hold.amount]},
                "held": {"$add": ["$held", hold.amount]},
                "holds": {"$concatArrays": ["$holds", [placed]]},
            }
        },
        _NEXT_EXP,
    ]


def take_out(hold: Hold, *, back: bool) -> Pipeline:
    """The hold leaves the list and the amount is not held any more; ``back``: the payer has it again."""
    others = {"$ne": ["$$hold.transaction_id", {"$literal": hold.transaction_id}]}
    return [
        {
            "$set": {
                "available": {"$add": ["$available", hold.amount if back else 0]},
                "held": {"$subtract": ["$held", hold.amount]},
                "holds": {"$filter": {"input": "$holds", "as": "hold", "cond": others}},
                "settled": {"$add": ["$settled", 1]},
            }
        },
        _NEXT_EXP,
    ]
