"""The statistics on goals: a document an event, its ``_id`` the event and what tells it from another."""

from __future__ import annotations

from collections.abc import Mapping

from pymongo.database import Database

from .collection import Document, open_collection
from .errors import within
from .settings import MongoSettings


class MongoTracker:
    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._tracked = open_collection(database, settings.tracked_goals)
        self._settings = settings

    def track(self, event: str, occurrence: str, properties: Mapping[str, object]) -> None:
        key = {"event": event, "occurrence": occurrence}
        with within(self._settings):
            self._tracked.update_one({"_id": key}, {"$setOnInsert": {"properties": properties}}, upsert=True)
