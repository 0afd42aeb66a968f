"""The neighbouring goals in the sessions' documents: each promise is kept by one update of one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import DBRef, ObjectId
from pymongo import ReturnDocument
from pymongo.database import Database

from ...core.model import Claim, Session
from .collection import Document, open_collection
from .errors import within
from .field_names import field_name
from .ids import id_forms, object_id
from .session_documents import EXCLUSIVE_PAIRS, GUARDED_FIELDS, KARAOKE, SHOW_PAIRS, read_session
from .session_goal_updates import end_embedded, no_karaoke_goes_on, no_pair_goes_on, push_funding_goal
from .settings import MongoSettings


class MongoSessionGoals:
    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._sessions = open_collection(database, settings.sessions)
        self._settings = settings

    def bind_show_funding_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        standing: Document = {f"{SHOW_PAIRS}.funding_goal": {"$in": self._forms(claim.goal_id)}}
        free: Document = {f"{SHOW_PAIRS}.funding_goal": {"$nin": self._forms(claim.goal_id)}}
        return self._bind(session_id, claim, now, standing, free, push_funding_goal(claim.goal_id))

    def bind_show_goal(self, session_id: str, claim: Claim, now: datetime, *, funding_goal: str) -> Session | None:
        pair = {"funding_goal": {"$in": self._forms(funding_goal)}}
        standing = {SHOW_PAIRS: {"$elemMatch": {**pair, "show_goal": {"$in": self._forms(claim.goal_id)}}}}
        free = {SHOW_PAIRS: {"$elemMatch": {**pair, "show_goal": None}}}
        return self._bind(
            session_id, claim, now, standing, free, _set(f"{SHOW_PAIRS}.$.show_goal", ObjectId(claim.goal_id))
        )

    def bind_karaoke_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        goal = self._forms(claim.goal_id)
        standing: Document = {f"{KARAOKE}.goal": {"$in": goal}}
        return self._bind(
            session_id,
            claim,
            now,
            standing,
            no_karaoke_goes_on(goal),
            _set(KARAOKE, {"goal": ObjectId(claim.goal_id), "progress": 0}),
        )

    def bind_trigger_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str
    ) -> Session | None:
        place, goal = _pair_of(viewer_id), self._forms(claim.goal_id)
        standing: Document = {f"{place}.trigger_exclusive_goal": {"$in": goal}}
        return self._bind(
            session_id,
            claim,
            now,
            standing,
            no_pair_goes_on(place, goal),
            _set(place, {"trigger_exclusive_goal": ObjectId(claim.goal_id)}),
        )

    def bind_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str, trigger_exclusive_goal: str
    ) -> Session | None:
        place = _pair_of(viewer_id)
        pair: Document = {f"{place}.trigger_exclusive_goal": {"$in": self._forms(trigger_exclusive_goal)}}
        standing = {**pair, f"{place}.exclusive_goal": {"$in": self._forms(claim.goal_id)}}
        free = {**pair, f"{place}.exclusive_goal": None}
        return self._bind(
            session_id, claim, now, standing, free, _set(f"{place}.exclusive_goal", ObjectId(claim.goal_id))
        )

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
        self, session_id: str, claim: Claim, now: datetime, standing: Document, free: Document, update: Any
    ) -> Session | None:
        """Update the session if it is ``free`` for the live goal; else look whether the goal is ``standing`` there."""
        _id = object_id(session_id)
        if _id is None:
            return None
        active = {"_id": _id, "active": True}
        with within(self._settings):
            document = None
            if claim.live(now):
                document = self._sessions.find_one_and_update(
                    {**active, **free}, update, projection=GUARDED_FIELDS, return_document=ReturnDocument.AFTER
                )
            if document is None:
                document = self._sessions.find_one({**active, **standing}, GUARDED_FIELDS)
        return None if document is None else read_session(document)

    def _update(self, session_id: str, condition: Document, update: Any) -> None:
        _id = object_id(session_id)
        if _id is None:
            return
        with within(self._settings):
            self._sessions.update_one({"_id": _id, **condition}, update)

    def _forms(self, goal_id: str) -> list[ObjectId | DBRef | str]:
        return id_forms(goal_id, self._settings.goals)


def _set(place: str, value: Any) -> Document:
    return {"$set": {place: value}}


def _pair_of(viewer_id: str) -> str:
    return f"{EXCLUSIVE_PAIRS}.{field_name(viewer_id)}"
