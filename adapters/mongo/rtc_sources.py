"""Which streamers' sources are not to be taken snapshots of: a document a streamer, with the goals that ask for it."""

from __future__ import annotations

from pymongo.database import Database

from .collection import Document, open_collection
from .errors import within
from .settings import MongoSettings


class MongoRtcSources:
    """Whoever takes the snapshots asks ``stopped`` before each, or reads ``stopped_by`` themselves."""

    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._sources = open_collection(database, settings.rtc_sources)
        self._settings = settings

    def stopped(self, streamer_id: str) -> bool:
        with within(self._settings):
            return self._sources.find_one({"_id": streamer_id, "stopped_by.0": {"$exists": True}}, ["_id"]) is not None

    def stop_snapshots(self, streamer_id: str, goal_id: str) -> None:
        with within(self._settings):
            self._sources.update_one({"_id": streamer_id}, {"$addToSet": {"stopped_by": goal_id}}, upsert=True)

    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        with within(self._settings):
            self._sources.update_one({"_id": streamer_id}, {"$pull": {"stopped_by": goal_id}})
