"""The holds of an escrow, page by page: first those in the accounts of their payers, then the records.

A hold that leaves its account has a record by then. So a hold that the first part missed is in the second part.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bson import ObjectId
from pymongo.collection import Collection

from ...core.money import Hold
from ...ports.page import Page, read_place, write_place
from .client import Document
from .encoding import id_text
from .wallet_documents import FIRST_PLACED, account_id, accounts_from, read_hold

HELD_BY_ESCROW = (("holds.escrow_id", 1), ("_id", 1))
Placed = tuple[str, Document]
"""A hold, and its place."""


def escrow_page(
    accounts: Collection[Document], records: Collection[Document], escrow_id: str, limit: int, after: str | None
) -> Page[Hold]:
    if limit < 1:  # MongoDB reads a limit of 0 as no limit
        return Page([])
    placed_at, start = (None, None) if after is None else read_place(after)
    wanted = limit + 1  # one more says whether there is a next page
    found = [] if placed_at else [*_held(accounts, escrow_id, start, wanted)]
    if len(found) < wanted:
        found += _settled(records, escrow_id, placed_at, start, wanted - len(found))
    page = found[:limit]
    return Page([read_hold(hold) for _, hold in page], page[-1][0] if len(found) > limit else None)


def _held(accounts: Collection[Document], escrow_id: str, start: list[str] | None, wanted: int) -> Iterator[Placed]:
    """In the order of the accounts, and in an account by transaction. ``start`` is an account, and a hold in it."""
    own: Document = {"$filter": {"input": "$holds", "cond": {"$eq": ["$$this.escrow_id", {"$literal": escrow_id}]}}}
    query: Document = {"holds.escrow_id": escrow_id}
    if start is not None:
        query["_id"] = accounts_from(account_id(start[0]))
    for account in accounts.find(query, {"holds": own}).sort("_id").limit(wanted + (start is not None)):
        user_id = id_text(account["_id"])
        for hold in sorted(account["holds"], key=lambda hold: hold["transaction_id"]):
            place = [user_id, hold["transaction_id"]]
            if start is None or user_id != start[0] or place > start:
                yield write_place(None, *place), hold


def _settled(
    records: Collection[Document], escrow_id: str, placed_at: datetime | None, start: list[str] | None, wanted: int
) -> Iterator[Placed]:
    """In the order in which they were placed. Without ``placed_at``, ``start`` is a place in the first part."""
    query: Document = {"escrow_id": escrow_id}
    if placed_at and start:
        later = {"placed_at": {"$gt": placed_at}}
        query["$or"] = [{"placed_at": placed_at, "order": {"$gt": ObjectId(start[0])}}, later]
    for record in records.find(query).sort(FIRST_PLACED).limit(wanted):
        yield write_place(record["placed_at"], str(record["order"])), record
