"""How payments are counted: each once, in any race and wherever a worker breaks off, without a transaction.

The goal has the sum, ``progress``, and the last payments: ``counting: {folds, size, recent, folded}``. All earlier ones
are in ``contributions``, as documents ``{_id: {goal, insert}, viewer, amount, cost}``. To count is:

1. Look whether there is a contribution of this id. Then it counts already.
2. One update of the goal adds the amount to ``progress`` and the payment to ``recent``, unless the goal names its id.
3. Each ``FOLD`` payments, a *fold*: insert those in ``recent`` as contributions. Then, in one update of the goal,
   forget those in ``folded``, move those in ``recent`` there, and put a new token before the last one in ``folds``.

What a goal does not name any more became a contribution two folds ago. So step 2 asks that the last fold which was
known before step 1 is still in ``folds``: then step 1 saw all that the goal has forgotten. A payment that is newer than
some state of the goal needs no step 1, if step 2 asks for the last fold of that state.

The goals of version 0.1 have a ``breakdown``, and list their payments in ``metadata.insert_ids``. The first payment
that comes puts both aside, into ``earlier``, and sets ``breakdown`` to null. A worker of version 0.1 cannot write into
that, so it counts nothing twice: its message is retried until a new worker gets it.
"""

from __future__ import annotations

import json
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import MaxKey, ObjectId
from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from ...core.model import Contribution, Goal, Progress
from ...ports.page import Page
from .client import Document
from .encoding import field_text
from .goal_documents import NOTHING_COUNTED, WITHOUT_COUNTS, read_goal
from .goal_updates import a_second, announce_in, count_one, repeat_one

FOLD = 32
"""After so many payments the goal forgets those before."""
_DUPLICATE = 11000
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

    def count(self, goal_id: ObjectId, payment: Contribution, now: datetime, before: Goal | None) -> Progress | None:
        """Count the payment once. None if the goal is unknown. If ``before`` is given, the payment is newer."""
        if before is not None and before.mark is not None:
            counted = self._update(goal_id, before.mark, payment, now)
            if counted is not None:
                return counted
        while True:  # until it counts; each new round follows two folds, or the taking over, by others
            goal = self._goals.find_one({"_id": goal_id})
            if goal is None or payment.insert_id in _named(goal) or self._is_stored(goal_id, payment.insert_id):
                return None if goal is None else self._repeat(goal_id, payment.insert_id, now)
            self.take_over(goal)
            folds = goal.get("counting", NOTHING_COUNTED)["folds"]
            counted = self._update(goal_id, folds[0], payment, now)
            if counted is not None:
                return counted

    def _repeat(self, goal_id: ObjectId, insert_id: str, now: datetime) -> Progress | None:
        goal = self._goals.find_one_and_update(
            {"_id": goal_id}, repeat_one(insert_id, now), WITHOUT_COUNTS, return_document=ReturnDocument.AFTER
        )
        return None if goal is None else Progress(goal=read_goal(goal), announce_in=announce_in(goal, insert_id, now))

    def announce(self, goal_id: ObjectId, insert_id: str, now: datetime) -> Progress | None:
        goal = self._goals.find_one_and_update(
            {"_id": goal_id, "announcing.late": insert_id, "announcing.until": {"$lte": now}},
            {"$set": {"announcing": a_second(now, insert_id)}},
            WITHOUT_COUNTS,
            return_document=ReturnDocument.AFTER,
        ) or self._goals.find_one({"_id": goal_id}, WITHOUT_COUNTS)
        return None if goal is None else Progress(goal=read_goal(goal), announce_in=announce_in(goal, insert_id, now))

    def take_over(self, goal: Document) -> None:
        """Put aside what version 0.1 counted in the goal, if nobody has. A host's own ``breakdown`` stays."""
        if "counting" in goal:
            return
        ours = is_breakdown(goal.get("breakdown"))
        begin: list[Document] = _TAKE_OVER if ours else [{"$set": {"counting": {"$literal": NOTHING_COUNTED}}}]
        self._goals.update_one({"_id": goal["_id"], **_NOT_TAKEN_OVER}, begin)

    def counted(self, goal_id: ObjectId, insert_ids: Some[str]) -> set[str]:
        """Those of the payments that count. The goal is read first: what it forgets later is stored by then."""
        goal = self._goals.find_one({"_id": goal_id}, ["counting", "earlier.insert_ids", "metadata.insert_ids"])
        if goal is None:
            return set()
        ids = [{"goal": goal_id, "insert": insert_id} for insert_id in insert_ids]
        stored = self._contributions.find({"_id": {"$in": ids}}, ["_id"])
        return {document["_id"]["insert"] for document in stored} | _named(goal).intersection(insert_ids)

    def page(self, goal_id: ObjectId, limit: int, after: str | None) -> Page[Contribution]:
        """By insert id: those in the goal's document and those that are stored. What is moved meanwhile is in both."""
        last = "" if after is None else json.loads(after)
        fields = ["counting", "breakdown", "earlier.breakdown"]
        goal = self._goals.find_one({"_id": goal_id}, fields)
        if goal is None:
            return Page([])
        start = {"goal": goal_id} if after is None else {"goal": goal_id, "insert": last}
        within = {"$gt": start, "$lt": {"goal": goal_id, "insert": MaxKey()}}
        stored = list(self._contributions.find({"_id": within}).sort(_BY_ID).limit(limit))
        here = {document["_id"]["insert"]: document for document in stored}
        for contribution in [*recent(goal), *earlier_shares(goal)]:
            if after is None or contribution.insert_id > last:
                here[contribution.insert_id] = write(goal_id, contribution)
        ids = sorted(here)[:limit]
        more = len(here) > len(ids) or len(stored) == limit
        listed = [_read(here[insert_id]) for insert_id in ids if "viewer" in here[insert_id]]
        return Page(listed, json.dumps(ids[-1]) if more else None)

    def _is_stored(self, goal_id: ObjectId, insert_id: str) -> bool:
        return self._contributions.find_one({"_id": {"goal": goal_id, "insert": insert_id}}, ["_id"]) is not None

    def _update(self, goal_id: ObjectId, known: Any, payment: Contribution, now: datetime) -> Progress | None:
        """None if the goal names the payment, or has folded twice since what was ``known``."""
        goal = self._goals.find_one_and_update(
            {"_id": goal_id, "counting.folds": known, **_unnamed(payment.insert_id)},
            count_one(payment, now),
            WITHOUT_COUNTS,
            return_document=ReturnDocument.AFTER,
        )
        if goal is None:
            return None
        if goal["counting"]["size"] % FOLD == 0:
            self._fold(goal_id)
        return Progress(goal=read_goal(goal), announce_in=announce_in(goal, payment.insert_id, now))

    def _fold(self, goal_id: ObjectId) -> None:
        goal = self._goals.find_one({"_id": goal_id}, ["counting"])
        if goal is None or not goal["counting"]["recent"]:
            return
        batch, last = goal["counting"]["recent"], goal["counting"]["folds"][0]
        self._store([write(goal_id, contribution) for contribution in recent({"counting": {"recent": batch}})])
        folded = {
            "folds": [ObjectId(), last],
            "size": {"$subtract": ["$counting.size", len(batch)]},
            "recent": {"$slice": ["$counting.recent", len(batch), 1_000_000]},  # they are its first ones
            "folded": {"$literal": batch},
        }
        self._goals.update_one({"_id": goal_id, "counting.folds.0": last}, [{"$set": {"counting": folded}}])

    def _store(self, documents: Sequence[Document]) -> None:
        """Another worker may fold the same payments."""
        try:
            self._contributions.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if any(problem["code"] != _DUPLICATE for problem in error.details["writeErrors"]):
                raise


def recent(goal: Document) -> list[Contribution]:
    """The payments in the goal's document."""
    counting = goal.get("counting", {})
    listed = [*counting.get("folded", ()), *counting.get("recent", ())]
    return [
        Contribution(insert_id=one["insert"], viewer_id=one["viewer"], amount=one["amount"], cost=one["cost"])
        for one in listed
    ]


def is_breakdown(found: object) -> bool:
    """Whether version 0.1 wrote it: it has the whole ``progress`` and ``cost`` of each viewer, or is not there."""
    if found is None:
        return True
    if not isinstance(found, Mapping):
        return False
    return all(
        isinstance(share, Mapping) and all(isinstance(share.get(name, 0), int) for name in ("progress", "cost"))
        for share in found.values()
    )


def earlier_shares(goal: Document) -> list[Contribution]:
    """The breakdown of a goal of version 0.1. It did not keep which payment was whose."""
    breakdown = goal.get("breakdown") or goal.get("earlier", {}).get("breakdown")
    shares = breakdown.items() if isinstance(breakdown, Mapping) and is_breakdown(breakdown) else ()
    return [
        Contribution(
            insert_id=f"0.1:{field_text(name)}",
            viewer_id=field_text(name),
            amount=share.get("progress", 0),
            cost=share.get("cost", 0),
        )
        for name, share in shares
    ]


def earlier_ids(goal: Document) -> Sequence[str]:
    """The payments that version 0.1 counted."""
    listed = goal.get("earlier", {}).get("insert_ids") or goal.get("metadata", {}).get("insert_ids")
    return listed if isinstance(listed, list) else []


def write(goal_id: ObjectId, contribution: Contribution) -> Document:
    return {
        "_id": {"goal": goal_id, "insert": contribution.insert_id},
        "viewer": contribution.viewer_id,
        "amount": contribution.amount,
        "cost": contribution.cost,
    }


def _read(document: Document) -> Contribution:
    return Contribution(
        insert_id=document["_id"]["insert"],
        viewer_id=document["viewer"],
        amount=document["amount"],
        cost=document["cost"],
    )


def _unnamed(insert_id: str) -> Document:
    """A condition: the goal does not name this payment."""
    names = ("counting.recent.insert", "counting.folded.insert", "earlier.insert_ids")
    return {name: {"$ne": insert_id} for name in names}


def _named(goal: Document) -> set[str]:
    return {*(one.insert_id for one in recent(goal)), *earlier_ids(goal)}
