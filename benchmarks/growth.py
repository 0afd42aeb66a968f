"""What the n-th join of one goal costs, and what it leaves behind: nothing may grow with the number of viewers (M1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from time import process_time

import bson
from attrs import frozen
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters import mongo
from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemoryNotifier, MemoryTaskQueue
from show_goal.core.messages import Transfer
from show_goal.core.model import Claim, Session
from show_goal.core.rules.private_goal import create_goal_message, transfer_message

from . import platform

AT = (10, 1_000, 10_000, 100_000)
EACH = 200
"""Joins that are measured at each of these places."""
COLLECTIONS = ("goals", "sessions", "accounts", "contributions", "tracked_goals", "transactions")


@frozen
class Grown:
    """``cpu_ms``: processor time of a join after so many. ``bytes_each``: what it stores, in all collections."""

    at: Sequence[int]
    cpu_ms: Sequence[float]
    bytes_each: Sequence[float]
    largest_document: int


def measure(mongodb_uri: str, joins: int) -> Grown:
    """After up to so many joins."""
    at = [place for place in AT if place <= joins]
    with platform.new_database(mongodb_uri) as database:
        settings = mongo.MongoSettings(database=database.name, timeout_ms=30_000)
        kinds = {
            "sessions": mongo.MongoSessions,
            "goals": mongo.MongoGoals,
            "wallet": mongo.MongoWallet,
            "tracker": mongo.MongoTracker,
            "channel_cache": mongo.MongoChannelCache,
        }
        stores = {port: kind(database, settings) for port, kind in kinds.items()}
        clock = MemoryClock(datetime.now(UTC))
        # A worker's commands are real; what it sends costs the same for every viewer.
        container = Container.in_memory(
            **stores,
            clock=clock,
            task_queue=MemoryTaskQueue(clock),
            notifier=MemoryNotifier(),
            trace_sink=lambda _: None,
        )
        transfers, transfer = _transfers(database, container, at[-1] + EACH), container.transfer()
        done, cpu_ms, bytes_each = 0, [], []
        for place in at:
            for message in (next(transfers) for _ in range(place - done)):
                transfer(message)
            stored, each = _bytes(database), []
            for message in (next(transfers) for _ in range(EACH)):
                began = process_time()
                transfer(message)
                each.append((process_time() - began) * 1_000)
            cpu_ms.append(median(each))
            bytes_each.append((_bytes(database) - stored) / EACH)
            done = place + EACH
        return Grown(at, cpu_ms, bytes_each, max(map(_largest, [database] * len(COLLECTIONS), COLLECTIONS)))


def _transfers(database: Database[platform.Document], container: Container, number: int) -> Iterator[Transfer]:
    """The transfers of so many viewers into a goal that exists."""
    viewer_ids = [f"a11ce{viewer:019x}" for viewer in range(number)]
    opened = {"available": 1_000, "deposited": 1_000, "held": 0, "holds": [], "receipts": [], "settled": 0}
    database["accounts"].insert_many([{"_id": ObjectId(viewer_id), **opened} for viewer_id in viewer_ids])
    [session_id] = platform.add_sessions(database, 1, 0, ongoing=False)
    claim = Claim(goal_id=str(ObjectId()), exp=datetime.now(UTC) + timedelta(hours=1))
    session = Session(id=session_id, streamer_id=str(ObjectId()))
    container.create_goal()(create_goal_message(claim, session, viewer_ids[0], platform.DURATION))
    for viewer_id in viewer_ids:
        yield transfer_message(claim, session, viewer_id, amount=90, duration=platform.DURATION, tag_prefix="swag")


def _bytes(database: Database[platform.Document]) -> int:
    """Of all documents, without indexes."""
    sizes = [{"$group": {"_id": None, "bytes": {"$sum": {"$bsonSize": "$$ROOT"}}}}]
    return sum(group["bytes"] for name in COLLECTIONS for group in database[name].aggregate(sizes))


def _largest(database: Database[platform.Document], name: str) -> int:
    sized: list[platform.Document] = [
        {"$project": {"size": {"$bsonSize": "$$ROOT"}}},
        {"$sort": {"size": -1}},
        {"$limit": 1},
    ]
    return max((found["size"] for found in database[name].aggregate(sized)), default=len(bson.encode({})))
