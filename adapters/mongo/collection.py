"""A collection on which the ports' promises hold, however the client that a host hands over is set."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import ReadPreference, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database

Document = dict[str, Any]


def open_collection(database: Database[Document], name: str) -> Collection[Document]:
    """What is acknowledged survives a failover, reads see the writes before them, and times are aware and UTC."""
    return database.get_collection(
        name,
        codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
        read_preference=ReadPreference.PRIMARY,
        write_concern=WriteConcern("majority"),
    )
