"""The flow's tasks as a careful person writes them with Celery, pymongo and Pusher, with the same effects.

They hold, count, track, invalidate and notify, and each may come twice. They have no trace, no signals, no time-outs
of their own, no sweep behind them, and the goal's document grows with its viewers. Their queues are classic ones, which
cost the broker less than our quorum queues. A worker: ``celery --app
benchmarks.by_hand worker --queues``; another one would have the timers.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bson import ObjectId
from celery import Celery
from celery.signals import worker_process_init
from kombu.entity import Queue
from pusher import Pusher
from pymongo import MongoClient, ReturnDocument
from pymongo.errors import DuplicateKeyError

PREFIX = "by_hand"
DATABASE = os.environ.get("SHOW_GOAL_MONGODB_DATABASE", "show_goal")
QUEUE, TIMERS = f"{DATABASE}.{PREFIX}", f"{DATABASE}.{PREFIX}.timers"

app = Celery(PREFIX, broker=os.environ.get("SHOW_GOAL_BROKER_URL"), set_as_current=False)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=30,
    task_time_limit=45,
    task_queues=[Queue(name, routing_key=name) for name in (QUEUE, TIMERS)],  # type: ignore[no-untyped-call]
    task_default_queue=QUEUE,
    task_default_exchange_type="direct",
    broker_connection_retry_on_startup=True,
    broker_transport_options={"confirm_publish": True},
)


class Backends:
    """The connections of one worker process."""

    def connect(self) -> None:
        uri = os.environ["SHOW_GOAL_MONGODB_URI"]
        self.database = MongoClient[dict[str, Any]](uri, tz_aware=True)[DATABASE]
        address = urlsplit(f"//{os.environ['SHOW_GOAL_PUSHER_HOST']}:{os.environ['SHOW_GOAL_PUSHER_PORT']}")
        self.pusher = Pusher(
            app_id=os.environ["SHOW_GOAL_PUSHER_APP_ID"],
            key=os.environ["SHOW_GOAL_PUSHER_KEY"],
            secret=os.environ["SHOW_GOAL_PUSHER_SECRET"],
            host=address.hostname,
            port=address.port,
            ssl=False,
        )


backends = Backends()
worker_process_init.connect(lambda **_: backends.connect(), weak=False)
RETRIED: dict[str, Any] = {"autoretry_for": (Exception,), "retry_backoff": True, "max_retries": 20}


@app.task(name=f"{PREFIX}.transfer", **RETRIED)
def transfer(
    goal_id: str,
    transaction_id: str,
    from_user_id: str,
    to_user_id: str,
    amount: int,
    tags: list[str],
    escrow_id: str,
    duration: int,
) -> None:
    database, now = backends.database, datetime.now(UTC)
    goal = database.goals.find_one({"_id": ObjectId(goal_id)}, {"breakdown": False, "metadata.insert_ids": False})
    if goal is None or not goal["active"] or goal["exp"] <= now:
        return
    hold = {
        "transaction_id": transaction_id,
        "goal_id": goal_id,
        "escrow_id": escrow_id,
        "from_user_id": from_user_id,
        "to_user_id": to_user_id,
        "amount": amount,
        "duration": duration,
        "tags": tags,
        "exp": goal["exp"],
        "state": "held",
        "placed_at": now,
    }
    database.accounts.update_one(
        {
            "_id": ObjectId(from_user_id),
            "available": {"$gte": amount},
            "holds.transaction_id": {"$ne": transaction_id},
        },
        {"$inc": {"available": -amount, "held": amount}, "$push": {"holds": hold}},
    )
    share = f"breakdown.{from_user_id}"
    counted = database.goals.find_one_and_update(
        {"_id": goal["_id"], "metadata.insert_ids": {"$ne": transaction_id}},
        {
            "$inc": {"progress": 1, f"{share}.progress": 1, f"{share}.cost": amount},
            "$push": {"metadata.insert_ids": transaction_id},
        },
        {"progress": True},
        return_document=ReturnDocument.AFTER,
    )
    progress = counted["progress"] if counted else goal["progress"]
    told = {
        "goal_id": goal_id,
        "_cls": goal["_cls"],
        "progress": progress,
        "levels": goal["levels"],
        "conditions": goal["conditions"],
        "context": goal["context"],
        "exp": goal["exp"].isoformat(),
    }
    properties = {**told, "metadata": goal["metadata"], "insert_id": transaction_id}
    _track("goal.progressed", transaction_id, properties)
    _invalidate(to_user_id)
    _notify("goal.progress.updated", to_user_id, told)


@app.task(name=f"{PREFIX}.create_goal", **RETRIED)
def create_goal(
    goal_id: str,
    active: bool,
    _cls: str,
    conditions: dict[str, Any],
    levels: list[Any],
    context: dict[str, Any],
    metadata: dict[str, Any],
    exp: str,
    nbf: str | None = None,
) -> None:
    database, until, streamer_id = backends.database, datetime.fromisoformat(exp), metadata["user_id"]
    goal: dict[str, Any] = {
        "_id": ObjectId(goal_id),
        "_cls": _cls,
        "active": active,
        "conditions": conditions,
        "levels": levels,
        "context": context,
        "metadata": metadata,
        "exp": until,
        "nbf": nbf,
        "progress": 0,
        "breakdown": {},
        "settlement": None,
        "settled": False,
    }
    with suppress(DuplicateKeyError):
        database.goals.insert_one(goal)
    told = {"goal_id": goal_id, "_cls": _cls, "conditions": conditions, "context": context}
    created = {**told, "active": active, "levels": levels, "nbf": nbf, "exp": exp}
    _track("goal.created", goal_id, created)
    deactivate_goal.apply_async(kwargs={"goal_id": goal_id, "exp": exp}, eta=until, queue=TIMERS)
    session_id = conditions["session_id"]
    database.sessions.update_one(
        {"_id": ObjectId(session_id), "trigger_private_goals.goal": {"$ne": goal["_id"]}},
        {
            "$push": {"trigger_private_goals": {"goal": goal["_id"]}},
            "$set": {"trigger_private_claim.bound": True},
        },
    )
    added = {**told, "session_id": session_id, "streamer_id": streamer_id}
    database.livestream_feed.update_one(
        {"_id": {"streamer_id": streamer_id, "goal_id": goal_id}}, {"$setOnInsert": {"entry": added}}, upsert=True
    )
    _notify("goal.added", streamer_id, added)
    _invalidate(streamer_id)


@app.task(name=f"{PREFIX}.deactivate_goal", **RETRIED)
def deactivate_goal(goal_id: str, exp: str) -> None:
    """Runs later."""


def _track(event: str, occurrence: str, properties: dict[str, Any]) -> None:
    with suppress(DuplicateKeyError):
        backends.database.tracked_goals.insert_one(
            {"_id": {"event": event, "occurrence": occurrence}, "properties": properties}
        )


def _invalidate(streamer_id: str) -> None:
    channels = [f"private-{kind}@{streamer_id}" for kind in ("user", "enc-user", "stream", "enc-stream")]
    backends.database.pusher_channel_data.delete_many({"_id": {"$in": channels}})


def _notify(event: str, streamer_id: str, data: dict[str, Any]) -> None:
    channels = [f"presence-stream@{streamer_id}", f"private-stream@{streamer_id}", f"private-user@{streamer_id}"]
    backends.pusher.trigger(channels, event, data)
