"""What can be counted rather than timed: commands and messages of a request, and what an import brings along."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from attrs import frozen

from show_goal.adapters import mongo
from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.core.model import Invitation, Viewer
from tests.adapters.mongo.commands import Commands

from .platform import DURATION, VIEWER_IDS, add_sessions, add_viewers, new_database

STORES: dict[str, Any] = {
    "sessions": mongo.MongoSessions,
    "goals": mongo.MongoGoals,
    "wallet": mongo.MongoWallet,
    "feed": mongo.MongoFeed,
    "tracker": mongo.MongoTracker,
    "channel_cache": mongo.MongoChannelCache,
}
MODULES = ("show_goal", "show_goal.adapters.container")
ADAPTER_LIBRARIES = {"bson", "celery", "click", "flask", "kombu", "pusher", "pymongo", "requests", "rich", "werkzeug"}
TURNS = 15


@frozen
class Asked:
    """The store commands and messages of one request, in order; then the tasks that it leads to, and their commands."""

    commands: Sequence[str]
    messages: Sequence[str]
    tasks: int
    tasks_commands: int


@frozen
class Imported:
    """``beyond_ms``: how much longer it takes than an interpreter that imports nothing, each at its best."""

    module: str
    beyond_ms: float
    modules: int
    adapter_libraries: Sequence[str]


def commands(mongodb_uri: str) -> dict[str, Asked]:
    """By ``creating`` and ``joining``."""
    sent = Commands()
    with new_database(mongodb_uri, sent) as database:
        add_viewers(database)
        [session_id] = add_sessions(database, 1, 100, ongoing=False)
        settings = mongo.MongoSettings(database=database.name, timeout_ms=30_000)
        clock = MemoryClock(datetime.now(UTC))
        queue = MemoryTaskQueue(clock)
        stores = {port: store(database, settings) for port, store in STORES.items()}
        container = Container.in_memory(**stores, clock=clock, task_queue=queue, trace_sink=lambda _: None)
        asked = {}
        for what, viewer_id in (("creating", VIEWER_IDS[0]), ("joining", VIEWER_IDS[1])):
            sent.clear()
            invitation = Invitation(exp=int(clock.now().timestamp()) + 240, duration=DURATION)
            container.trigger_private_session()(session_id, Viewer(id=viewer_id), invitation)
            names = tuple(sent.names)
            messages = tuple(queued.message.name for queued in queue.queued() if queued.due <= clock.now())
            sent.clear()
            tasks = container.worker().run_due()
            asked[what] = Asked(names, messages, tasks, len(sent.names))
    return asked


def imports() -> list[Imported]:
    """Each in a fresh interpreter."""
    code = {module: f"import {module}" for module in MODULES} | {"": "pass"}
    seconds: dict[str, list[float]] = {module: [] for module in code}
    for _ in range(TURNS):
        for module, line in code.items():
            began = perf_counter()
            subprocess.run([sys.executable, "-c", line], check=True)
            seconds[module].append(perf_counter() - began)
    return [_imported(module, (min(seconds[module]) - min(seconds[""])) * 1_000) for module in MODULES]


def _imported(module: str, beyond_ms: float) -> Imported:
    line = f"import sys; before = set(sys.modules); import {module}; print(*sys.modules.keys() - before)"
    loaded = subprocess.run([sys.executable, "-c", line], check=True, capture_output=True, text=True).stdout.split()
    tops = {name.partition(".")[0] for name in loaded}
    return Imported(module, beyond_ms, len(loaded), tuple(sorted(tops & ADAPTER_LIBRARIES)))
