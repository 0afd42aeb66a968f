"""Pusher channel data: a document a channel, its ``_id`` the channel's name."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo.database import Database

from .collection import Document, open_collection
from .errors import within
from .settings import MongoSettings


class MongoChannelCache:
    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._cached = open_collection(database, settings.pusher_channel_data)
        self._settings = settings

    def invalidate(self, channels: Sequence[str]) -> None:
        with within(self._settings):
            self._cached.delete_many({"_id": {"$in": list(channels)}})
