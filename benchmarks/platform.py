"""What the benchmarks run on: a database with viewers who can pay and sessions with past goals, and a queue."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from attrs import frozen
from bson import ObjectId
from celery import Celery
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.monitoring import CommandListener

from show_goal.adapters.mongo import MongoSettings, create_indexes

Document = dict[str, Any]

VIEWER_IDS = [f"a11ce{number:019x}" for number in range(2_000)]
RATE = 60
DURATION = 90


@contextmanager
def new_database(mongodb_uri: str, *listeners: CommandListener) -> Iterator[Database[Document]]:
    """A database with the indexes. It is dropped afterwards."""
    name = f"show_goal_benchmark_{uuid4().hex[:8]}"
    with MongoClient[Document](mongodb_uri, tz_aware=True, event_listeners=listeners) as client:
        create_indexes(client[name], MongoSettings(database=name, timeout_ms=30_000))
        try:
            yield client[name]
        finally:
            client.drop_database(name)


def add_viewers(database: Database[Document]) -> None:
    """The accounts of ``VIEWER_IDS``, with plenty of money."""
    opened = {"available": 10**9, "deposited": 10**9, "held": 0, "holds": [], "receipts": [], "settled": 0}
    database["accounts"].insert_many([{"_id": ObjectId(viewer_id), **opened} for viewer_id in VIEWER_IDS])


def add_sessions(database: Database[Document], number: int, past_goals: int, *, ongoing: bool) -> list[str]:
    """Add active sessions. With ``ongoing`` each has a bound goal that viewers can join."""
    documents = [_session(past_goals, ongoing) for _ in range(number)]
    for start in range(0, number, 50):
        database["sessions"].insert_many(documents[start : start + 50])
    return [str(document["_id"]) for document in documents]


def release_claims(database: Database[Document], session_ids: Sequence[str]) -> None:
    chosen = {"_id": {"$in": [ObjectId(session_id) for session_id in session_ids]}}
    database["sessions"].update_many(chosen, {"$unset": {"trigger_private_claim": True}})


def _session(past_goals: int, ongoing: bool) -> Document:
    now = datetime.now(UTC)
    ended = {"goal_agreed": None, "goal_ended": now - timedelta(hours=1)}
    goals: list[Document] = [{"goal": ObjectId(), **ended} for _ in range(past_goals)]
    document: Document = {
        "_id": ObjectId(),
        "user": ObjectId(),
        "active": True,
        "status": {"preset": "preview"},
        "pricing": {"sd": RATE},
        "show_goal_pairs": [],
        "trigger_private_goals": goals,
    }
    if ongoing:
        goals.append({"goal": ObjectId()})
        claim = {"goal_id": goals[-1]["goal"], "exp": now + timedelta(hours=1), "bound": True}
        document["trigger_private_claim"] = claim
    return document


@frozen
class Backends:
    """The addresses of one benchmark. Its queue is named like its database."""

    mongodb_uri: str
    broker_url: str
    database: str

    @property
    def broker(self) -> str:
        return "RabbitMQ" if urlsplit(self.broker_url).scheme == "amqp" else "Redis"

    def environment(self) -> dict[str, str]:
        return {
            "SHOW_GOAL_MONGODB_URI": self.mongodb_uri,
            "SHOW_GOAL_MONGODB_DATABASE": self.database,
            "SHOW_GOAL_MONGODB_TIMEOUT_MS": "10000",  # no errors on a slow machine
            "SHOW_GOAL_BROKER_URL": self.broker_url,
            "SHOW_GOAL_QUEUE": self.database,
            "SHOW_GOAL_PUSHER_APP_ID": "1",
            "SHOW_GOAL_PUSHER_KEY": "not-used",
            "SHOW_GOAL_PUSHER_SECRET": "not-used",
        }

    def purge(self, *, delete: bool = False) -> None:
        """Empty the queue, or delete it."""
        with Celery(broker=self.broker_url, set_as_current=False).connection_for_write() as connection:
            channel = connection.default_channel
            channel.queue_declare(self.database, durable=True, auto_delete=False)
            channel.queue_purge(self.database)
            if delete:
                channel.queue_delete(self.database)


def cpu_seconds(pid: int) -> float:
    """What the process and its children have computed so far, in user and kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(cpu_seconds(int(child)) for child in children)
