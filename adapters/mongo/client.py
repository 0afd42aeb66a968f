"""The client, its collections, and what a server says about itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from attrs import frozen
from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database

from .errors import within
from .settings import MongoSettings

Document = dict[str, Any]
_UTC = CodecOptions[Document](tz_aware=True, tzinfo=UTC)


def connect(settings: MongoSettings) -> Database[Document]:
    """The database of ``settings``. Close it with ``database.client.close()``.

    The client connects at its first command, so you may create it before a fork.
    """
    client: MongoClient[Document] = MongoClient(
        settings.uri,
        appname="show-goal",
        connect=False,
        tz_aware=True,
        w="majority",
        readPreference="primary",
        timeoutMS=settings.timeout_ms,
        serverSelectionTimeoutMS=settings.timeout_ms,
        # Also bounds the thread that monitors the server: by default it waits 20 s for a hello that was lost.
        connectTimeoutMS=settings.timeout_ms,
    )
    return client[settings.database]


def open_collection(database: Database[Document], name: str) -> Collection[Document]:
    """A collection on which the ports' promises hold, even if the host's client is set up differently.

    Acknowledged writes survive a failover, reads see the writes before them, and times are aware and UTC.
    """
    return database.get_collection(
        name, codec_options=_UTC, read_preference=ReadPreference.PRIMARY, write_concern=WriteConcern("majority")
    )


def ping(database: Database[Document], settings: MongoSettings) -> None:
    """Raise StoreUnavailable unless the primary answers. One of the checks behind /readyz."""
    with within(settings):
        database.command("ping")


@frozen
class ServerFacts:
    """What a server says about itself. ``time`` is its clock, in UTC."""

    version: str
    replicated: bool
    time: datetime


def server_facts(database: Database[Document], settings: MongoSettings) -> ServerFacts:
    """Ask the server. Raises StoreUnavailable."""
    with within(settings):
        hello = database.command("hello", codec_options=_UTC)
        version = str(database.command("buildInfo")["version"])
    return ServerFacts(version, _replicated(hello), hello["localTime"])


def _replicated(hello: Document) -> bool:
    """Whether ``hello`` comes from a member of a replica set or from the router of a sharded cluster."""
    return "setName" in hello or hello.get("msg") == "isdbgrid"
