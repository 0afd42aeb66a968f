"""Forgets a person: puts an alias in the place of a user's id, in everything that need not name a person (H5).

The collections are read as a whole, so it may take minutes. A run that breaks off is completed by the next one: the
alias is kept, as the event ``forgetting`` of the statistics, until all is done. Then nothing says any more whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from attrs import frozen
from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from ...core import names
from .client import Document, open_collection
from .encoding import id_forms
from .session_fields import CLAIM
from .settings import MongoSettings

_NAMES = ("user_id", "triggered_by")
"""Who a goal's metadata names."""
_COUNTED = ("recent", "folded")
"""The lists of payments in a goal's document (:mod:`.counting`)."""


@frozen
class Forgetting:
    """Of one user."""

    database: Database[Document]
    settings: MongoSettings
    user_id: str

    def run(self, alias: str) -> Mapping[str, int]:
        tracked = self._open(self.settings.tracked_goals)
        key = {"event": "forgetting", "occurrence": self.user_id}
        begun: Any = tracked.find_one_and_update(
            {"_id": key}, {"$setOnInsert": {"alias": alias}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        done = self._all(begun["alias"])
        tracked.delete_one({"_id": key})
        return done

    def _all(self, alias: str) -> Mapping[str, int]:
        feed, passes = self._open(self.settings.livestream_feed), self._open(self.settings.passes)
        goals = self._open(self.settings.goals)
        named: Document = {
            "$or": [
                *({f"metadata.{name}": {"$in": self._forms}} for name in _NAMES),
                *({f"counting.{name}.viewer": self.user_id} for name in _COUNTED),
            ]
        }
        return {
            "goals": sum(self._goal(goals, goal, alias) for goal in goals.find({**named, "settled": True})),
            "payments": self._payments(goals, alias),
            "statistics": self._statistics(alias),
            "claims": self._claims(alias),
            "feed": feed.delete_many({"_id.streamer_id": self.user_id}).deleted_count,
            "passes": passes.delete_many({"_id.viewer_id": self.user_id}).deleted_count,
            "left": goals.count_documents({**named, "settled": False}),
        }

    def _open(self, name: str) -> Collection[Document]:
        return open_collection(self.database, name)

    @property
    def _forms(self) -> list[Any]:
        return id_forms(self.user_id, self.settings.users)

    def _goal(self, goals: Collection[Document], goal: Document, alias: str) -> bool:
        """Whether it was changed. One that counts a payment meanwhile is left to the next run."""
        counting = goal.get("counting")  # one of version 0.1 may have none
        counted = {f"counting.{name}": payments for name, payments in (counting or {}).items() if name in _COUNTED}
        paid = {name: [self._payment(one, alias) for one in payments] for name, payments in counted.items()}
        new = {"metadata": self._named(goal["metadata"], alias), **paid}
        unchanged = {"_id": goal["_id"], "counting": counting}
        return goals.update_one(unchanged, {"$set": new}).matched_count == 1

    def _named(self, metadata: Document, alias: str) -> Document:
        """Metadata, or the properties of an event, with the alias."""
        own = {name: alias for name in (*_NAMES, "triggerer") if metadata.get(name) in self._forms}
        return {**metadata, **own}

    def _payment(self, payment: Document, alias: str) -> Document:
        if payment["viewer"] != self.user_id:
            return payment
        return {**payment, "viewer": alias, "insert": self._transaction(payment["insert"], alias)}

    def _transaction(self, transaction_id: str, alias: str) -> str:
        return names.renamed_transaction(transaction_id, self.user_id, alias)

    def _payments(self, goals: Collection[Document], alias: str) -> int:
        """Those that are stored by themselves, of goals that are settled."""
        payments = self._open(self.settings.contributions)
        count = 0
        for payment in payments.find({"viewer": self.user_id}):
            goal, insert = payment["_id"]["goal"], payment["_id"]["insert"]
            if goals.find_one({"_id": goal, "settled": False}, ["_id"]) is None:
                key = {"goal": goal, "insert": self._transaction(insert, alias)}
                _replace(payments, payment, {**payment, "_id": key, "viewer": alias})
                count += 1
        return count

    def _statistics(self, alias: str) -> int:
        tracked = self._open(self.settings.tracked_goals)
        told = ("metadata.user_id", "metadata.triggered_by", "triggerer")
        theirs: list[Document] = [{f"properties.{name}": {"$in": self._forms}} for name in told]
        theirs.append({"_id.occurrence": re.compile(f":{re.escape(self.user_id)}$")})
        count = 0
        for event in tracked.find({"$or": theirs}):
            _replace(tracked, event, self._event(event, alias))
            count += 1
        return count

    def _event(self, event: Document, alias: str) -> Document:
        key = {**event["_id"], "occurrence": self._transaction(event["_id"]["occurrence"], alias)}
        told = self._named(event["properties"], alias)
        if "metadata" in told:
            told["metadata"] = self._named(told["metadata"], alias)
        if "insert_id" in told:
            told["insert_id"] = self._transaction(told["insert_id"], alias)
        return {**event, "_id": key, "properties": told}

    def _claims(self, alias: str) -> int:
        """Those that are over."""
        over = {f"{CLAIM}.triggered_by": self.user_id, "$expr": {"$lt": [f"${CLAIM}.exp", "$$NOW"]}}
        sessions = self._open(self.settings.sessions)
        return sessions.update_many(over, {"$set": {f"{CLAIM}.triggered_by": alias}}).modified_count


def _replace(collection: Collection[Document], old: Document, new: Document) -> None:
    """A document's id cannot be changed. The new document is written first, so that none is lost."""
    if new["_id"] == old["_id"]:
        collection.replace_one({"_id": old["_id"]}, new)
        return
    with suppress(DuplicateKeyError):  # a run that broke off has written it
        collection.insert_one(new)
    collection.delete_one({"_id": old["_id"]})
