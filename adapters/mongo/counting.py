"""How payments are counted: each once, in any race and wherever a worker breaks off, without a transaction.

A payment is a document of its own in ``contributions``: ``{_id: {goal, insert}, viewer, amount, cost, counted?}``. The
goal has the sum, ``progress``, and names only its last payments: ``counting: {folds, recent, folded}``. To count is:

1. Insert the contribution, or read it: ``counted`` says that it counts already.
2. One update of the goal adds the amount to ``progress`` and the id to ``recent``, unless the goal names the id.
3. Each ``FOLD`` payments, a *fold*: mark all in ``recent`` as ``counted``. Then, in one update of the goal, forget
   those in ``folded``, move those in ``recent`` there, and put a new token before the last one in ``folds``.

What a goal does not name any more was marked two folds ago. So step 2 asks that of the folds which were known before
step 1 at least the last but one is in ``folds``: then step 1 saw every mark of what the goal has forgotten.

The goals of version 0.1 have a ``breakdown``, and list their payments in ``metadata.insert_ids``. The first payment
that comes puts both aside, into ``earlier``, and sets ``breakdown`` to null. A worker of version 0.1 cannot write into
that, so it counts nothing twice: its message is retried until a new worker gets it.
"""

from __future__ import annotations

import json
from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import MaxKey, ObjectId
from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from ...core.model import AT_ONCE, Contribution, Progress
from ...ports.page import Page
from .client import Document
from .encoding import field_name, field_text
from .goal_documents import NOTHING_COUNTED, WITHOUT_COUNTS, read_goal
from .goal_updates import a_second, announce_in, count_one

FOLD = 32
"""After so many payments the goal forgets those before."""
GOALS_KNOWN = 1_000
"""Of so many goals a process remembers the last fold."""
_FIRST_FOLD = 0
_BY_ID = (("_id", 1),)
_NOT_TAKEN_OVER: Document = {"counting": {"$exists": False}}
_TAKE_OVER: list[Document] = [
    {
        "$set": {
            "counting": {"$literal": NOTHING_COUNTED},
            "earlier": {"breakdown": "$breakdown", "insert_ids": {"$ifNull": ["$metadata.insert_ids", []]}},
            "breakdown": None,
        }
    },
    {"$unset": "metadata.insert_ids"},
]


class Counting:
    """Counts for all goals of a collection."""

    def __init__(self, goals: Collection[Document], contributions: Collection[Document]) -> None:
        self._goals = goals
        self._contributions = contributions
        self._folds: dict[ObjectId, Any] = {}

    def know(self, goal: Document) -> None:
        """Remember the last fold of a goal that was read. An old one costs a second look, and counts nothing twice."""
        counting = goal.get("counting")
        if counting:
            if len(self._folds) >= GOALS_KNOWN:
                self._folds.clear()
            self._folds[goal["_id"]] = counting["folds"][0]

    def count(self, goal_id: ObjectId, given: Contribution, now: datetime) -> Progress | None:
        """Count the payment once. None if the goal is unknown."""
        _id = {"goal": goal_id, "insert": given.insert_id}
        while True:  # until it counts; each new round follows two folds, or the taking over, by others
            known = self._folds.get(goal_id, _FIRST_FOLD)
            contribution = self._stored(_id, given)
            if contribution.get("counted"):
                return _repeated(self._goals.find_one({"_id": goal_id}, WITHOUT_COUNTS))
            goal = self._goals.find_one_and_update(
                {"_id": goal_id, "counting.folds": known, **_unnamed(given.insert_id)},
                count_one(given.insert_id, contribution["amount"], now),
                {"earlier": False},
                return_document=ReturnDocument.AFTER,
            )
            if goal is not None:
                self.know(goal)
                self._fold(goal)
                return Progress(goal=read_goal(goal), announce_in=announce_in(goal, given.insert_id, now))
            goal = self._goals.find_one({"_id": goal_id})
            if goal is None or given.insert_id in _named(goal):
                return _repeated(goal)
            self.take_over(goal)
            self.know(goal)

    def announce(self, goal_id: ObjectId, insert_id: str, now: datetime) -> Progress | None:
        goal = self._goals.find_one_and_update(
            {"_id": goal_id, "announcing.late": insert_id, "announcing.until": {"$lte": now}},
            {"$set": {"announcing": a_second(now, insert_id)}},
            WITHOUT_COUNTS,
            return_document=ReturnDocument.AFTER,
        ) or self._goals.find_one({"_id": goal_id}, WITHOUT_COUNTS)
        return None if goal is None else Progress(goal=read_goal(goal), announce_in=announce_in(goal, insert_id, now))

    def take_over(self, goal: Document) -> None:
        """Put aside what version 0.1 counted in the goal, if nobody has."""
        if "counting" not in goal:
            self._goals.update_one({"_id": goal["_id"], **_NOT_TAKEN_OVER}, _TAKE_OVER)

    def counted(self, goal_id: ObjectId, insert_ids: Some[str]) -> set[str]:
        """Those of the payments that count. The goal is read first: what it forgets later is marked by then."""
        goal = self._goals.find_one({"_id": goal_id}, ["counting", "earlier.insert_ids", "metadata.insert_ids"])
        if goal is None:
            return set()
        ids = [{"goal": goal_id, "insert": insert_id} for insert_id in insert_ids]
        marked = self._contributions.find({"_id": {"$in": ids}, "counted": True}, ["_id"])
        return {document["_id"]["insert"] for document in marked} | _named(goal).intersection(insert_ids)

    def page(self, goal_id: ObjectId, limit: int, after: str | None) -> Page[Contribution]:
        """First the shares of version 0.1, then the contributions. What is moved meanwhile may come twice."""
        earlier, last = json.loads(after) if after is not None else (True, None)
        if earlier:
            shares = self._earlier_shares(goal_id)
            here = [share for share in shares if last is None or share.viewer_id > last][:limit]
            more = bool(here) and here[-1] is not shares[-1]
            if here:
                return Page(here, json.dumps([True, here[-1].viewer_id] if more else [False, None]))
            last = None
        return self._contributed(goal_id, limit, last)

    def _contributed(self, goal_id: ObjectId, limit: int, last: str | None) -> Page[Contribution]:
        goal = self._goals.find_one({"_id": goal_id}, ["counting"])
        if goal is None:
            return Page([])
        named = _counted_since(goal)
        start = {"goal": goal_id} if last is None else {"goal": goal_id, "insert": last}
        within = {"$gt": start, "$lt": {"goal": goal_id, "insert": MaxKey()}}
        found = list(self._contributions.find({"_id": within}).sort(_BY_ID).limit(limit))
        here = [
            _read(document)
            for document in found
            if "viewer" in document and (document.get("counted") or document["_id"]["insert"] in named)
        ]
        return Page(here, json.dumps([False, found[-1]["_id"]["insert"]]) if len(found) == limit else None)

    def _stored(self, _id: Document, given: Contribution) -> Document:
        contribution = {"_id": _id, "viewer": given.viewer_id, "amount": given.amount, "cost": given.cost}
        try:
            self._contributions.insert_one(contribution)
        except DuplicateKeyError:
            return self._contributions.find_one({"_id": _id}) or contribution
        return contribution

    def _fold(self, goal: Document) -> None:
        counting = goal["counting"]
        batch, last = counting["recent"], counting["folds"][0]
        if len(batch) % FOLD:
            return
        self.mark(goal["_id"], batch)
        folded = {
            "folds": [ObjectId(), last],
            "recent": {"$slice": ["$counting.recent", len(batch), 1_000_000]},  # they are its first ones
            "folded": {"$literal": batch},
        }
        self._goals.update_one({"_id": goal["_id"], "counting.folds.0": last}, [{"$set": {"counting": folded}}])

    def mark(self, goal_id: ObjectId, insert_ids: Iterable[str]) -> None:
        ids = [{"goal": goal_id, "insert": insert_id} for insert_id in insert_ids]
        self._contributions.update_many({"_id": {"$in": ids}}, {"$set": {"counted": True}})

    def _earlier_shares(self, goal_id: ObjectId) -> list[Contribution]:
        goal = self._goals.find_one({"_id": goal_id}, ["breakdown", "earlier.breakdown"])
        return sorted(earlier_shares(goal or {}), key=lambda share: share.viewer_id)


def earlier_shares(goal: Document) -> list[Contribution]:
    """The breakdown of a goal of version 0.1. It did not keep which payment was whose."""
    breakdown = goal.get("breakdown") or goal.get("earlier", {}).get("breakdown")
    shares = breakdown.items() if isinstance(breakdown, Mapping) else ()
    return [
        Contribution(
            insert_id=f"0.1:{field_text(name)}",
            viewer_id=field_text(name),
            amount=share.get("progress", 0),
            cost=share.get("cost", 0),
        )
        for name, share in shares
        if isinstance(share, Mapping)
    ]


def share_of(contribution: Contribution) -> str:
    """Where ``earlier`` keeps it."""
    return f"earlier.breakdown.{field_name(contribution.viewer_id)}"


def earlier_ids(goal: Document) -> Sequence[str]:
    """The payments that version 0.1 counted."""
    listed = goal.get("earlier", {}).get("insert_ids") or goal.get("metadata", {}).get("insert_ids")
    return listed if isinstance(listed, list) else []


def _repeated(goal: Document | None) -> Progress | None:
    return None if goal is None else Progress(goal=read_goal(goal), announce_in=AT_ONCE)


def _unnamed(insert_id: str) -> Document:
    """A condition: the goal does not name this payment."""
    return {name: {"$ne": insert_id} for name in ("counting.recent", "counting.folded", "earlier.insert_ids")}


def _named(goal: Document) -> set[str]:
    return _counted_since(goal) | {*earlier_ids(goal)}


def _counted_since(goal: Document) -> set[str]:
    counting = goal.get("counting", {})
    return {*counting.get("recent", ()), *counting.get("folded", ())}


def _read(document: Document) -> Contribution:
    return Contribution(
        insert_id=document["_id"]["insert"],
        viewer_id=document["viewer"],
        amount=document["amount"],
        cost=document["cost"],
    )
