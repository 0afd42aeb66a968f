"""The sessions. One update of one document keeps each promise about races."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database

from ...core.model import Claim, Session
from ...core.rules.states import switched
from ...ports.page import Page, read_place, write_place
from ...ports.sessions import PresetSwitch
from .client import Document
from .encoding import id_forms, id_text, object_id, user_id
from .errors import within
from .session_documents import CLAIM_WITHOUT_A_GOAL, CLAIMS_BY_EXP
from .session_fields import CLAIM, PRIVATE_GOALS
from .session_goals import MongoSessionGoals
from .session_updates import (
    bind_claim_of_last_goal,
    drop_private_goal,
    end_private_goal,
    keep_live_claim_or_set,
    push_private_goal,
    set_preset,
)
from .session_values import Reading, read_claim
from .settings import MongoSettings


def with_several_sessions(database: Database[Document], settings: MongoSettings, limit: int) -> list[str]:
    """Streamers who have more than one active session, at most ``limit`` (D41). Raises StoreUnavailable."""
    pipeline: list[Document] = [
        {"$match": {settings.session_active: True}},
        {"$group": {"_id": f"${settings.session_user}", "sessions": {"$sum": 1}}},
        {"$match": {"sessions": {"$gt": 1}}},
        {"$sort": {"_id": 1}},
        {"$limit": limit},
    ]
    with within(settings):
        return [_name(found["_id"]) for found in database[settings.sessions].aggregate(pipeline)]


def _name(reference: object) -> str:
    """A user as the flow has their id, or as the document has it if that is none."""
    try:
        return user_id(reference)
    except ValueError:
        return repr(reference)


class MongoSessions(MongoSessionGoals):
    def fetch_active(self, session_id: str) -> Session | None:
        active = self._documents.active(session_id)
        if active is None:
            return None
        with within(self._settings):
            document = self._sessions.find_one(active, self._documents.quick_fields)
        return None if document is None else self._documents.read(document)

    def fetch(self, session_id: str) -> Session | None:
        _id = object_id(session_id)
        if _id is None:
            return None
        with within(self._settings):
            document = self._sessions.find_one({"_id": _id}, self._documents.fields)
        return None if document is None else self._documents.read(document)

    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        active = self._documents.active(session_id)
        if active is None:
            return None
        with within(self._settings):
            document = self._sessions.find_one_and_update(
                active,
                keep_live_claim_or_set(claim, now),
                projection=[CLAIM],
                return_document=ReturnDocument.AFTER,
            )
        return None if document is None else Reading(session_id, document)(CLAIM, read_claim)

    def renew_claim(self, session_id: str, goal_id: str, *, renewed: bool = True) -> bool:
        active = self._documents.active(session_id)
        if active is None:
            return False
        goal = self._forms(goal_id)
        with within(self._settings):
            result = self._sessions.update_one(
                {
                    **active,
                    f"{CLAIM}.goal_id": {"$in": goal},
                    f"{CLAIM}.renewed": {"$ne": True} if renewed else True,
                    f"{PRIVATE_GOALS}.goal": {"$nin": goal},
                },
                {"$set": {f"{CLAIM}.renewed": renewed}},
            )
        return result.matched_count == 1

    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        active = self._documents.active(session_id)
        if active is None:
            return None
        with within(self._settings):
            pushed = self._push(active, claim, now) if claim.live(now) else None
            return pushed or self._pushed_before(active, self._forms(claim.goal_id))

    def end_trigger_private_goal(
        self, session_id: str, goal_id: str, *, ended: datetime, agreed: datetime | None
    ) -> Session | None:
        _id = object_id(session_id)
        if _id is None:
            return None
        with within(self._settings):
            document = self._sessions.find_one_and_update(
                {"_id": _id},
                end_private_goal(self._forms(goal_id), ended, agreed),
                projection=self._documents.fields,
                return_document=ReturnDocument.AFTER,
            )
        return None if document is None else self._documents.read(document)

    def drop_trigger_private_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        self._update(session_id, {}, drop_private_goal(self._forms(goal_id), ended))

    def unbound(self, now: datetime, limit: int, after: str | None = None) -> Page[Session]:
        """By the claim's exp and the session's id. A claim without exp comes first, as MongoDB sorts null."""
        unbound = self._documents.unbound_claim
        query: Document = {**unbound, f"{CLAIM}.exp": {"$not": {"$lte": now}}}  # later, or none
        if after is not None:
            exp, (session_id,) = read_place(after)
            query = {"$or": [{**unbound, f"{CLAIM}.exp": {"$gt": max(exp or now, now)}}]}
            if exp is None or exp > now:
                query["$or"].append({**unbound, f"{CLAIM}.exp": exp, "_id": {"$gt": object_id(session_id)}})
        return self._page(query, limit)

    def over(self, now: datetime, limit: int, after: str | None = None) -> Page[Session]:
        """By the claim's exp and the session's id."""
        over = self._documents.is_over
        later: Document = {**over, f"{CLAIM}.exp": {"$gt": now}}
        if after is None:
            return self._page(later, limit)
        exp, (session_id,) = read_place(after)
        later = {**over, f"{CLAIM}.exp": {"$gt": max(exp or now, now)}}
        same_exp = {**over, f"{CLAIM}.exp": exp, "_id": {"$gt": object_id(session_id)}}
        return self._page({"$or": [later, same_exp]} if exp is not None and exp > now else later, limit)

    def lapsed(self, before: datetime, limit: int, after: str | None = None) -> Page[Session]:
        """By the claim's exp and the session's id."""
        lapsed: Document = {**CLAIM_WITHOUT_A_GOAL, f"{CLAIM}.exp": {"$lte": before}}
        if after is None:
            return self._page(lapsed, limit)
        exp, (session_id,) = read_place(after)
        same_exp = {**CLAIM_WITHOUT_A_GOAL, f"{CLAIM}.exp": exp, "_id": {"$gt": object_id(session_id)}}
        later = {**CLAIM_WITHOUT_A_GOAL, f"{CLAIM}.exp": {"$gt": exp, "$lte": before}}
        return self._page({"$or": [same_exp, later]}, limit)

    def close_claim(self, session_id: str, goal_id: str) -> None:
        own = {f"{CLAIM}.goal_id": {"$in": self._forms(goal_id)}, **CLAIM_WITHOUT_A_GOAL}
        self._update(session_id, own, {"$set": {f"{CLAIM}.bound": None}})

    def _page(self, query: Document, limit: int) -> Page[Session]:
        if limit < 1:  # MongoDB reads a limit of 0 as no limit
            return Page([])
        with within(self._settings):
            found = self._sessions.find(query, self._documents.fields).sort(CLAIMS_BY_EXP).limit(limit)
            documents = list(found)
        place = _place_behind(documents) if len(documents) == limit else None
        return Page([*self._documents.readable(documents)], place)

    def switch_preset(
        self, streamer_id: str, preset: str, now: datetime, session_id: str | None = None
    ) -> PresetSwitch | None:
        theirs = {
            self._settings.session_user: {"$in": id_forms(streamer_id, self._settings.users)},
            **self._documents.is_active,
        }
        _id = object_id(session_id or "")
        with within(self._settings):
            switch = None if _id is None else self._switch({**theirs, "_id": _id}, preset, now)
            return switch or self._switch(theirs, preset, now)

    def _switch(self, which: Document, preset: str, now: datetime) -> PresetSwitch | None:
        """Reads the session first: one that cannot be read stays as it is."""
        newest = self._sessions.find_one(which, self._documents.fields, sort=[("_id", -1)])
        if newest is None:
            return None
        self._documents.read(newest)
        document = self._sessions.find_one_and_update(
            {**which, "_id": newest["_id"]},
            set_preset(self._settings.session_preset, preset, now),
            projection=self._documents.fields,
            return_document=ReturnDocument.BEFORE,
        )
        if document is None:  # it is over since
            return self._switch(which, preset, now)
        before = self._documents.read(document)
        return PresetSwitch(session=switched(before, preset, now), from_preset=before.preset)

    def _push(self, active: Document, claim: Claim, now: datetime) -> Session | None:
        """None when another goal has the session, or when this one is already in its list."""
        goal = self._forms(claim.goal_id)
        document = self._sessions.find_one_and_update(
            {
                **active,
                f"{PRIVATE_GOALS}.goal": {"$nin": goal},
                "$or": [
                    {CLAIM: None},
                    {f"{CLAIM}.goal_id": {"$in": goal}, f"{CLAIM}.exp": None},
                    {f"{CLAIM}.goal_id": {"$in": goal}, f"{CLAIM}.exp": {"$gt": now}},
                    {f"{CLAIM}.goal_id": {"$nin": goal}, f"{CLAIM}.exp": {"$lte": now}},
                ],
            },
            push_private_goal(goal, claim),
            projection=self._documents.fields,
            return_document=ReturnDocument.AFTER,
        )
        return None if document is None else self._documents.read(document)

    def _pushed_before(self, active: Document, goal: Sequence[Any]) -> Session | None:
        """The session if the goal is already in its list. Its claim may be younger than that: then bind it now."""
        document = self._sessions.find_one(
            {**active, f"{PRIVATE_GOALS}.goal": {"$in": goal}}, self._documents.quick_fields
        )
        if document is None:
            return None
        if not (document.get(CLAIM) or {"bound": True}).get("bound"):
            self._sessions.update_one(active, bind_claim_of_last_goal(goal))
        return self._documents.read(document)


def _place_behind(documents: Sequence[Document]) -> str:
    """Where the next page begins: behind the last document whose claim says when it expires.

    What follows it is read again. Raises UnreadableDocument if no claim says it.
    """
    for document in reversed(documents):
        claim = document[CLAIM]
        exp = claim.get("exp") if isinstance(claim, dict) else claim
        if exp is None or isinstance(exp, datetime):
            return write_place(exp, id_text(document["_id"]))
    last = documents[-1]
    raise Reading(id_text(last["_id"]), last).unreadable(f"{CLAIM} is {last[CLAIM]!r}")
