"""The journal: what is in the feed's collection and in that of the statistics."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import evolve
from pymongo.database import Database

from ...core import names
from ...ports.journal import EVENTS, Entry
from .client import Document, open_collection
from .errors import within
from .forgetting import Forgetting
from .settings import MongoSettings

IT_MAY_TAKE_MS = 600_000
"""To forget, it looks through whole collections, which takes longer than a request may wait."""


class MongoJournal:
    """A document of version 0.1 does not say when it was written."""

    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._database = database
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

    def forget(self, user_id: str, alias: str) -> Mapping[str, int]:
        """Run ``show-goal migrate`` before: what version 0.1 stored in goals and sessions is not looked at."""
        with within(self._settings):
            self._database.command("ping")  # fail soon when the server is down
        with within(evolve(self._settings, timeout_ms=max(IT_MAY_TAKE_MS, self._settings.timeout_ms))):
            return Forgetting(self._database, self._settings, user_id).run(alias)
