"""The collections that need one command a call: feed, statistics, channel cache, RTC sources and the last sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from attrs import asdict
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from ...core.last_sweep import LastSweep, SetAside
from .client import Document, open_collection
from .errors import within
from .settings import MongoSettings

FORGET_AT = "forget_at"


def kept_since_now(settings: MongoSettings) -> Document:
    """When a document is written, and when the server deletes it, by a TTL index."""
    now = datetime.now(UTC)
    return {"at": now} if settings.retention is None else {"at": now, FORGET_AT: now + settings.retention}


class MongoFeed:
    """The livestream feed: one document per entry. Its ``_id`` is the streamer and the goal."""

    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._feed = open_collection(database, settings.livestream_feed)
        self._settings = settings

    def publish(self, streamer_id: str, goal_id: str, entry: Mapping[str, object]) -> None:
        key = {"streamer_id": streamer_id, "goal_id": goal_id}
        with within(self._settings):
            new = {"entry": entry, **kept_since_now(self._settings)}
            self._feed.update_one({"_id": key}, {"$setOnInsert": new}, upsert=True)


class MongoTracker:
    """The statistics on goals: one document per event. Its ``_id`` is the event and its occurrence."""

    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._tracked = open_collection(database, settings.tracked_goals)
        self._settings = settings

    def track(self, event: str, occurrence: str, properties: Mapping[str, object]) -> None:
        key = {"event": event, "occurrence": occurrence}
        with within(self._settings), suppress(DuplicateKeyError):
            self._tracked.insert_one({"_id": key, "properties": properties, **kept_since_now(self._settings)})


class MongoChannelCache:
    """Pusher channel data: one document per channel. Its ``_id`` is the channel's name."""

    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._cached = open_collection(database, settings.pusher_channel_data)
        self._settings = settings

    def invalidate(self, channels: Sequence[str]) -> None:
        with within(self._settings):
            self._cached.delete_many({"_id": {"$in": list(channels)}})


class MongoRtcSources:
    """Whose snapshots are stopped: one document per streamer, with the goals that stopped them in ``stopped_by``.

    The program that takes the snapshots calls ``stopped`` before each, or reads ``stopped_by`` itself.
    """

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


class MongoSweeps:
    """The last sweep: one document, ``{_id: "last", began, ended, done, failed, more, places, aside}``."""

    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._sweeps = open_collection(database, settings.sweeps)
        self._settings = settings

    def record(self, sweep: LastSweep) -> None:
        with within(self._settings):
            self._sweeps.replace_one({"_id": "last"}, asdict(sweep), upsert=True)

    def last(self) -> LastSweep | None:
        with within(self._settings):
            document = self._sweeps.find_one({"_id": "last"}, {"_id": False})
        if document is None:
            return None
        aside = tuple(SetAside(**one) for one in document.pop("aside", []))
        return LastSweep(**document, aside=aside)
