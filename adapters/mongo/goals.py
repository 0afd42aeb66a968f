"""The goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from ...core.errors import OngoingGoalExists
from ...core.model import Goal, Settlement
from .collection import Document, open_collection
from .errors import within
from .field_names import field_name
from .goal_documents import ONGOING_PRIVATE_GOAL, UNSETTLED_GOAL, read_goal, write_goal
from .ids import id_forms, id_text, object_id
from .settings import MongoSettings


class MongoGoals:
    """``insert`` refuses a second ongoing private goal by a unique index: ``create_indexes`` must have run (D2)."""

    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._goals = open_collection(database, settings.goals)
        self._settings = settings

    def get(self, goal_id: str) -> Goal | None:
        _id = object_id(goal_id)
        if _id is None:
            return None
        with within(self._settings):
            document = self._goals.find_one({"_id": _id})
        return None if document is None else read_goal(document)

    def insert(self, goal: Goal) -> Goal:
        with within(self._settings):
            try:
                self._goals.insert_one(write_goal(goal, dotted_cls=self._settings.dotted_cls))
            except DuplicateKeyError:
                return self._standing(goal)
        return goal

    def end(
        self,
        goal_id: str,
        now: datetime,
        *,
        streamer_id: str | None = None,
        metadata: Mapping[str, object] | None = None,
    ) -> Goal | None:
        theirs: Document = {}
        if streamer_id is not None:
            theirs = {"metadata.user_id": {"$in": id_forms(streamer_id, self._settings.users)}}
        return self._change(goal_id, {"active": True, **theirs}, [{"$set": _ended(now, metadata or {})}])

    def increment_progress(
        self, goal_id: str, *, amount: int, cost: int, breakdown_id: str, insert_id: str
    ) -> Goal | None:
        share = f"breakdown.{field_name(breakdown_id)}"
        return self._change(
            goal_id,
            {"metadata.insert_ids": {"$ne": insert_id}},
            {
                "$inc": {"progress": amount, f"{share}.progress": amount, f"{share}.cost": cost},
                "$push": {"metadata.insert_ids": insert_id},
            },
        )

    def link(self, goal_id: str, name: str, other: str) -> Goal | None:
        place = f"context.{name}"
        return self._change(goal_id, {place: None}, {"$set": {place: other}})

    def decide(self, goal_id: str, settlement: Settlement) -> Goal | None:
        return self._change(goal_id, {"settlement": None}, {"$set": {"settlement": settlement}})

    def mark_settled(self, goal_id: str) -> None:
        _id = object_id(goal_id)
        if _id is None:
            return
        with within(self._settings):
            self._goals.update_one({"_id": _id}, {"$set": {"settled": True}})

    def overdue(self, now: datetime, limit: int) -> Sequence[Goal]:
        return self._oldest({"active": True, "exp": {"$lte": now}}, limit)

    def unsettled(self, ended_before: datetime, limit: int) -> Sequence[Goal]:
        return self._oldest({**UNSETTLED_GOAL, "exp": {"$lte": ended_before}}, limit)

    def _change(self, goal_id: str, condition: Document, update: Document | list[Document]) -> Goal | None:
        """Compare-and-set. The goal as it stands afterwards, changed or not."""
        _id = object_id(goal_id)
        if _id is None:
            return None
        with within(self._settings):
            document = self._goals.find_one_and_update(
                {"_id": _id, **condition}, update, return_document=ReturnDocument.AFTER
            )
            return self.get(goal_id) if document is None else read_goal(document)

    def _oldest(self, query: Document, limit: int) -> list[Goal]:
        if limit < 1:  # to MongoDB, a limit of 0 is none
            return []
        with within(self._settings):
            return [read_goal(document) for document in self._goals.find(query).sort("exp").limit(limit)]

    def _standing(self, goal: Goal) -> Goal:
        """The goal that has this id; raise OngoingGoalExists when it is another one that is in the way."""
        standing = self.get(goal.id)
        if standing is not None:
            return standing
        ongoing = self._goals.find_one({"conditions.session_id": goal.session_id, **ONGOING_PRIVATE_GOAL}, ["_id"])
        if ongoing is not None:
            raise OngoingGoalExists(id_text(ongoing["_id"]))
        return self.insert(goal)  # the other one has ended since


def _ended(now: datetime, metadata: Mapping[str, object]) -> Document:
    ended: Document = {
        "active": False,
        "exp": {"$min": ["$exp", now]},  # of no exp and now, $min is now
        "settled": {"$ifNull": ["$settled", False]},  # a goal that a host inserted is settled too
    }
    if metadata:
        ended["metadata"] = {"$mergeObjects": ["$metadata", {"$literal": metadata}]}
    return ended
