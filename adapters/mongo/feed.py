"""The livestream feed: a document an entry, its ``_id`` the streamer and the goal."""

from __future__ import annotations

from collections.abc import Mapping

from pymongo.database import Database

from .collection import Document, open_collection
from .errors import within
from .settings import MongoSettings


class MongoFeed:
    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._feed = open_collection(database, settings.livestream_feed)
        self._settings = settings

    def publish(self, streamer_id: str, goal_id: str, entry: Mapping[str, object]) -> None:
        key = {"streamer_id": streamer_id, "goal_id": goal_id}
        with within(self._settings):
            self._feed.update_one({"_id": key}, {"$setOnInsert": {"entry": entry}}, upsert=True)
