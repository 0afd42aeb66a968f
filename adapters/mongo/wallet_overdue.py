"""The holds that are overdue, page by page (L6).

They come in the order of an index: accounts by their earliest exp, and the holds of an account by their exp. So a page
reads at most as many accounts as it has holds, and the one in which the page before it ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from attrs import frozen
from bson import ObjectId
from pymongo.collection import Collection

from ...core.money import Hold
from ...ports.page import Page, read_place, write_place
from .client import Document
from .encoding import id_text
from .wallet_documents import account_id, accounts_from, read_hold

BY_NEXT_EXP = (("next_exp", 1), ("_id", 1))


@frozen
class _Place:
    """A hold's place in the order: that of its account, then its own within the account."""

    account: tuple[Any, ObjectId | str]
    hold: tuple[Any, str]

    def text(self) -> str:
        (next_exp, user_id), (exp, transaction_id) = self.account, self.hold
        return write_place(next_exp, id_text(user_id), write_place(exp, transaction_id))


def overdue_page(accounts: Collection[Document], before: datetime, limit: int, after: str | None) -> Page[Hold]:
    if limit < 1:  # MongoDB reads a limit of 0 as no limit
        return Page([])
    start = None if after is None else _read(after)
    query: Document = {"next_exp": {"$lte": before}} if start is None else _from(start, before)
    found = accounts.find(query, ["holds", "next_exp"]).sort(BY_NEXT_EXP).limit(limit + (start is not None))
    due = [(place, hold) for account in found for place, hold in _due(account, before) if not _passed(place, start)]
    page = due[:limit]
    return Page([read_hold(hold) for _, hold in page], page[-1][0].text() if len(page) == limit else None)


def _read(after: str) -> _Place:
    next_exp, (user_id, hold) = read_place(after)
    exp, (transaction_id,) = read_place(hold)
    return _Place((next_exp, account_id(user_id)), (exp, transaction_id))


def _from(start: _Place, before: datetime) -> Document:
    """The account of ``start``, and those behind it: two branches, each of which is one range of the index."""
    next_exp, _id = start.account
    return {"$or": [{"next_exp": next_exp, "_id": accounts_from(_id)}, {"next_exp": {"$gt": next_exp, "$lte": before}}]}


def _due(account: Document, before: datetime) -> Iterator[tuple[_Place, Document]]:
    due = [hold for hold in account["holds"] if hold["exp"] is not None and hold["exp"] <= before]
    for hold in sorted(due, key=lambda hold: (hold["exp"], hold["transaction_id"])):
        yield _Place((account["next_exp"], account["_id"]), (hold["exp"], hold["transaction_id"])), hold


def _passed(place: _Place, start: _Place | None) -> bool:
    return start is not None and place.account == start.account and place.hold <= start.hold
