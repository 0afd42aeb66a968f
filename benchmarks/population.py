"""A platform to measure on: users with money, and sessions with as many past goals as asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, create_indexes

Document = dict[str, Any]

VIEWERS = 2_000
RATE = 60
DURATION = 90


def viewer_ids() -> list[str]:
    return [f"a11ce{number:019x}" for number in range(VIEWERS)]


def populate(database: Database[Document]) -> None:
    """The indexes, and viewers who can pay."""
    create_indexes(database, MongoSettings(database=database.name, timeout_ms=30_000))
    opened = {"available": 10**9, "deposited": 10**9, "held": 0, "holds": [], "receipts": [], "settled": 0}
    database["accounts"].insert_many([{"_id": ObjectId(viewer_id), **opened} for viewer_id in viewer_ids()])


def add_sessions(database: Database[Document], number: int, past_goals: int, *, ongoing: bool) -> list[str]:
    """So many active sessions; ``ongoing``: each has a goal that is bound and can be joined."""
    documents = [_session(past_goals, ongoing) for _ in range(number)]
    for some in _chunks(documents, 50):
        database["sessions"].insert_many(some)
    return [str(document["_id"]) for document in documents]


def release_claims(database: Database[Document], session_ids: Sequence[str]) -> None:
    """The sessions are free again."""
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
        goal_id = ObjectId()
        goals.append({"goal": goal_id})
        claim = {"goal_id": goal_id, "exp": now + timedelta(hours=1), "bound": True}
        document["trigger_private_claim"] = claim
    return document


def _chunks(documents: list[Document], size: int) -> Iterator[list[Document]]:
    for start in range(0, len(documents), size):
        yield documents[start : start + size]
