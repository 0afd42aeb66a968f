"""What one request asks of the store and of the broker, and what its tasks ask of the store afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from attrs import frozen
from pymongo import MongoClient

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.adapters.mongo import (
    MongoChannelCache,
    MongoFeed,
    MongoGoals,
    MongoSessions,
    MongoSettings,
    MongoTracker,
    MongoWallet,
)
from show_goal.core.model import Invitation, Viewer
from tests.adapters.mongo.commands import Commands

from .population import DURATION, Document, add_sessions, populate, viewer_ids

KINDS: dict[str, Any] = {
    "sessions": MongoSessions,
    "goals": MongoGoals,
    "wallet": MongoWallet,
    "feed": MongoFeed,
    "tracker": MongoTracker,
    "channel_cache": MongoChannelCache,
}


@frozen
class Asked:
    """By one request: the store's commands and the broker's messages, in their order; and its tasks' commands."""

    commands: Sequence[str]
    messages: Sequence[str]
    tasks: int
    tasks_commands: int


def measure(mongodb_uri: str) -> dict[str, Asked]:
    """By ``joining`` and ``creating``."""
    name, commands = f"show_goal_benchmark_{uuid4().hex[:8]}", Commands()
    settings = MongoSettings(database=name, timeout_ms=30_000)
    with (
        MongoClient[Document](mongodb_uri) as client,
        MongoClient[Document](mongodb_uri, event_listeners=[commands]) as watched,
    ):
        populate(client[name])
        clock = MemoryClock(datetime.now(UTC))
        queue = MemoryTaskQueue(clock)
        stores = {port: kind(watched[name], settings) for port, kind in KINDS.items()}
        container = Container.in_memory(**stores, clock=clock, task_queue=queue, trace_sink=lambda _: None)
        [session_id] = add_sessions(client[name], 1, 100, ongoing=False)
        asked = {}
        for what, viewer_id in zip(("creating", "joining"), viewer_ids(), strict=False):
            commands.clear()
            invitation = Invitation(exp=int(clock.now().timestamp()) + 240, duration=DURATION)
            container.trigger_private_session()(session_id, Viewer(id=viewer_id), invitation)
            names = tuple(commands.names)
            messages = tuple(queued.message.name for queued in queue.queued() if queued.due <= clock.now())
            commands.clear()
            tasks = container.worker().run_due()
            asked[what] = Asked(names, messages, tasks, len(commands.names))
        client.drop_database(name)
    return asked
