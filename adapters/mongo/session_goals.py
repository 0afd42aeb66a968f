"""The goals of the neighbouring classes in a session's document. Each method is one atomic update of the document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import DBRef, ObjectId
from pymongo import ReturnDocument
from pymongo.database import Database

from ...core.model import Claim, Session
from .client import Document, open_collection
from .encoding import field_name, id_forms, object_id
from .errors import within
from .session_documents import ReadSession, SessionDocuments
from .session_fields import EXCLUSIVE_PAIRS, KARAOKE, SHOW_PAIRS
from .session_updates import end_embedded, push_funding_goal
from .settings import MongoSettings


class MongoSessionGoals:
    def __init__(self, database: Database[Document], settings: MongoSettings, read: ReadSession | None = None) -> None:
        """``read`` is the host's own function from a document to the session (D49)."""
        self._sessions = open_collection(database, settings.sessions)
        self._settings = settings
        self._documents = SessionDocuments(settings, read)

    def bind_show_funding_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        place, goal = f"{SHOW_PAIRS}.funding_goal", self._forms(claim.goal_id)
        update = push_funding_goal(claim.goal_id)
        return self._bind(session_id, claim, now, {place: {"$nin": goal}}, update, {place: {"$in": goal}})

    def bind_show_goal(self, session_id: str, claim: Claim, now: datetime, *, funding_goal: str) -> Session | None:
        pair = {"funding_goal": {"$in": self._forms(funding_goal)}}
        free = {SHOW_PAIRS: {"$elemMatch": {**pair, "show_goal": None}}}
        bound = {SHOW_PAIRS: {"$elemMatch": {**pair, "show_goal": {"$in": self._forms(claim.goal_id)}}}}
        update = {"$set": {f"{SHOW_PAIRS}.$.show_goal": ObjectId(claim.goal_id)}}
        return self._bind(session_id, claim, now, free, update, bound)

    def bind_karaoke_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        goal = self._forms(claim.goal_id)
        none_or_ended: list[Document] = [{KARAOKE: None}, {f"{KARAOKE}.goal_ended": {"$ne": None}}]
        free = {f"{KARAOKE}.goal": {"$nin": goal}, "$or": none_or_ended}
        update = {"$set": {KARAOKE: {"goal": ObjectId(claim.goal_id), "progress": 0}}}
        return self._bind(session_id, claim, now, free, update, {f"{KARAOKE}.goal": {"$in": goal}})

    def bind_trigger_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str
    ) -> Session | None:
        place, goal = _pair_of(viewer_id), self._forms(claim.goal_id)
        no_show: list[Document] = [{f"{place}.exclusive_goal": None}, {f"{place}.exclusive_ended": {"$ne": None}}]
        over: Document = {f"{place}.trigger_exclusive_ended": {"$ne": None}, "$or": no_show}  # N3
        free = {f"{place}.trigger_exclusive_goal": {"$nin": goal}, "$or": [{place: None}, over]}
        update = {"$set": {place: {"trigger_exclusive_goal": ObjectId(claim.goal_id)}}}
        return self._bind(session_id, claim, now, free, update, {f"{place}.trigger_exclusive_goal": {"$in": goal}})

    def bind_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str, trigger_exclusive_goal: str
    ) -> Session | None:
        place = _pair_of(viewer_id)
        pair: Document = {f"{place}.trigger_exclusive_goal": {"$in": self._forms(trigger_exclusive_goal)}}
        free = {**pair, f"{place}.exclusive_goal": None}
        bound = {**pair, f"{place}.exclusive_goal": {"$in": self._forms(claim.goal_id)}}
        update = {"$set": {f"{place}.exclusive_goal": ObjectId(claim.goal_id)}}
        return self._bind(session_id, claim, now, free, update, bound)

    def end_embedded_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        self._update(session_id, {}, end_embedded(self._forms(goal_id), ended))

    def progress_karaoke_goal(self, session_id: str, goal_id: str, progress: int) -> None:
        ours = {f"{KARAOKE}.goal": {"$in": self._forms(goal_id)}}
        self._update(session_id, ours, {"$max": {f"{KARAOKE}.progress": progress}})

    def drop_exclusive_goal_pair(self, session_id: str, viewer_id: str, goal_id: str) -> None:
        place = _pair_of(viewer_id)
        ours = {f"{place}.trigger_exclusive_goal": {"$in": self._forms(goal_id)}, f"{place}.exclusive_goal": None}
        self._update(session_id, ours, {"$unset": {place: ""}})

    def _bind(
        self, session_id: str, claim: Claim, now: datetime, free: Document, update: Any, bound: Document
    ) -> Session | None:
        """Make the update if the claim is live and the session matches ``free``.

        Returns the session if the goal is in its place: put there now, or before, which is what ``bound`` matches.
        """
        active = self._documents.active(session_id)
        if active is None:
            return None
        with within(self._settings):
            document = None
            if claim.live(now):
                document = self._sessions.find_one_and_update(
                    {**active, **free}, update, projection=self._documents.fields, return_document=ReturnDocument.AFTER
                )
            if document is None:
                document = self._sessions.find_one({**active, **bound}, self._documents.fields)
        return None if document is None else self._documents.read(document)

    def _update(self, session_id: str, condition: Document, update: Any) -> None:
        _id = object_id(session_id)
        if _id is None:
            return
        with within(self._settings):
            self._sessions.update_one({"_id": _id, **condition}, update)

    def _forms(self, goal_id: str) -> list[ObjectId | DBRef | str]:
        return id_forms(goal_id, self._settings.goals)


def _pair_of(viewer_id: str) -> str:
    return f"{EXCLUSIVE_PAIRS}.{field_name(viewer_id)}"
