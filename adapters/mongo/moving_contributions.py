"""Moves what version 0.1 counted in the goals' documents into ``contributions``: for ``show-goal migrate``.

A share of the breakdown becomes a contribution of its viewer, and an id in ``insert_ids`` a document without a viewer,
which says that it counts. Version 0.1 did not keep which payment was whose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bson import ObjectId
from pymongo import ReplaceOne
from pymongo.collection import Collection
from pymongo.database import Database

from ...ports.page import Page
from .client import Document, open_collection
from .counting import Counting, earlier_ids, earlier_shares, is_breakdown, write
from .encoding import object_id
from .errors import within
from .settings import MongoSettings

_OLD: Document = {
    "$or": [
        {"earlier": {"$exists": True}},
        # Not a goal that only the host writes: those have no ``settlement``.
        {"settlement": {"$exists": True}, "counting": {"$exists": False}},
    ]
}
_AT_ONCE = 500


def move_old_contributions(
    database: Database[Document], settings: MongoSettings, limit: int, after: str | None = None
) -> Page[str]:
    """Move what up to ``limit`` goals of version 0.1 have counted.

    Returns the goals, and where to go on. Repeating it is safe, also while workers of both versions count: what moves
    leaves the goal's document once it is stored. Raises StoreUnavailable.
    """
    goals, contributions = open_collection(database, settings.goals), open_collection(database, settings.contributions)
    query = _OLD if after is None else {**_OLD, "_id": {"$gt": object_id(after)}}
    with within(settings):
        ids = [found["_id"] for found in goals.find(query, ["_id"]).sort("_id", 1).limit(limit)]
    for _id in ids:
        with within(settings):
            _move(goals, contributions, _id)
    return Page([str(_id) for _id in ids], str(ids[-1]) if len(ids) == limit else None)


def _move(goals: Collection[Document], contributions: Collection[Document], goal_id: Any) -> None:
    """With two new tokens in ``folds``, no worker counts by what it knew before: see :mod:`.counting`."""
    old = goals.find_one({"_id": goal_id}, ["counting", "breakdown"])
    if old is None or not is_breakdown(old.get("breakdown")):
        return  # gone, or not ours
    Counting(goals, contributions).take_over(old)
    goal = goals.find_one({"_id": goal_id}, ["earlier"]) or {}
    for some in _chunks([*_writes(goal)]):
        contributions.bulk_write(some, ordered=False)
    folds = [ObjectId(), ObjectId()]
    goals.update_one({"_id": goal_id}, {"$set": {"counting.folds": folds}, "$unset": {"earlier": True}})


def _writes(goal: Document) -> Iterator[ReplaceOne[Document]]:
    for insert_id in earlier_ids(goal):
        _id = {"goal": goal["_id"], "insert": insert_id}
        yield ReplaceOne({"_id": _id}, {"_id": _id}, upsert=True)
    for share in earlier_shares(goal):
        contribution = write(goal["_id"], share)
        yield ReplaceOne({"_id": contribution["_id"]}, contribution, upsert=True)


def _chunks(writes: Sequence[ReplaceOne[Document]]) -> Iterator[Sequence[ReplaceOne[Document]]]:
    return (writes[first : first + _AT_ONCE] for first in range(0, len(writes), _AT_ONCE))
