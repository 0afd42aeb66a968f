"""The way to the server."""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import frozen
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.database import Database

from .collection import Document
from .errors import within
from .settings import MongoSettings

_UTC = CodecOptions[Document](tz_aware=True, tzinfo=UTC)


def connect(settings: MongoSettings) -> Database[Document]:
    """The database, on a client that connects at its first command: made before a fork, it connects after it.

    Whoever calls this closes it: ``database.client.close()``.
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
        # What watches the server gives up as soon: by itself it would wait 20 s for a hello that was lost on its way.
        connectTimeoutMS=settings.timeout_ms,
    )
    return client[settings.database]


def ping(database: Database[Document], settings: MongoSettings) -> None:
    """Raise StoreUnavailable unless the primary answers: one of the checks behind /readyz."""
    with within(settings):
        database.command("ping")


@frozen
class ServerFacts:
    """What a server says of itself. ``time`` is its clock's, UTC."""

    version: str
    transactions: bool
    time: datetime


def server_facts(database: Database[Document], settings: MongoSettings) -> ServerFacts:
    """Ask the server that answers. Raises StoreUnavailable."""
    with within(settings):
        hello = database.command("hello", codec_options=_UTC)
        version = str(database.command("buildInfo")["version"])
    return ServerFacts(version, has_transactions(hello), hello["localTime"])


def has_transactions(hello: Document) -> bool:
    """Whether it is a member of a replica set or the way to a sharded cluster."""
    return "setName" in hello or hello.get("msg") == "isdbgrid"
