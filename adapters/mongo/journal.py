"""The journal: what is in the feed's collection and in that of the statistics."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pymongo.database import Database

from ...core import names
from ...ports.journal import EVENTS, Entry
from .client import Document, open_collection
from .errors import within
from .settings import MongoSettings


class MongoJournal:
    """A document of version 0.1 does not say when it was written."""

    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._feed = open_collection(database, settings.livestream_feed)
        self._tracked = open_collection(database, settings.tracked_goals)
        self._settings = settings

    def entries(self, goal_id: str, streamer_id: str | None, transactions: Collection[str]) -> Sequence[Entry]:
        keys = [{"event": event, "occurrence": one} for event in EVENTS for one in (goal_id, *transactions)]
        with within(self._settings):
            tracked = [*self._tracked.find({"_id": {"$in": keys}})]
            fed = self._feed.find_one({"_id": {"streamer_id": streamer_id, "goal_id": goal_id}}, ["at"])
        entries = [
            Entry(**document["_id"], at=document.get("at"), reason=document["properties"].get("reason"))
            for document in tracked
        ]
        return [
            *entries,
            *([Entry(event=names.GOAL_ADDED, occurrence=goal_id, at=fed.get("at"))] if fed is not None else []),
        ]
