"""The other half: from ``create_goal`` at the broker to ``goal.added`` in a browser, and how many tasks a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from attrs import frozen
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app
from show_goal.core.messages import CreateGoal, Message, Transfer
from show_goal.core.model import Claim, Session
from show_goal.core.names import GOAL_ADDED, announcement_channels
from show_goal.core.rules.private_goal import create_goal_message, transfer_message
from tests.black_box.platform import environment
from tests.servers import PusherSubscriber, Servers, wait_until
from tests.servers.process import Process

from .population import DURATION, Document, add_sessions, populate, viewer_ids
from .site import ROOT, Backends, purge

PROCESSES = 2
EACH = 100
BATCH = 200
DEADLINE = 120.0
WITH_TIMERS, WITHOUT_TIMERS = timedelta(minutes=4), timedelta(minutes=30)
"""An ``exp`` within ``eta_horizon``, and one beyond it. Celery takes a tenth of a second to set a timer aside, which
would be all that a full queue shows."""


@frozen
class Worked:
    """Of a worker with ``processes``: milliseconds to ``goal.added``, one after another; tasks a second of a queue
    that is full."""

    processes: int
    p50_ms: float
    p95_ms: float
    create_goal_per_second: float
    transfer_per_second: float


@frozen
class _Goals:
    """Claimed, and waiting to be created and paid."""

    database: Database[Document]
    task_queue: CeleryTaskQueue

    def messages(self, number: int, until: timedelta) -> Iterator[tuple[CreateGoal, Transfer]]:
        exp = datetime.now(UTC) + until
        session_ids = add_sessions(self.database, number, 0, ongoing=False)
        for session_id, viewer_id in zip(session_ids, viewer_ids(), strict=False):
            claim = Claim(goal_id=str(ObjectId()), exp=exp)
            standing = {"goal_id": ObjectId(claim.goal_id), "exp": exp, "bound": False}
            document = self.database["sessions"].find_one_and_update(
                {"_id": ObjectId(session_id)}, {"$set": {"trigger_private_claim": standing}}
            )
            assert document is not None
            session = Session(id=session_id, streamer_id=str(document["user"]))
            yield (
                create_goal_message(claim, session, viewer_id, DURATION),
                transfer_message(claim, session, viewer_id, amount=90, duration=DURATION, tag_prefix="swag"),
            )


def measure(servers: Servers, folder: Path) -> Worked:
    name = f"show_goal_benchmark_{uuid4().hex[:8]}"
    settings = CelerySettings(queue=name)
    task_queue = CeleryTaskQueue(make_app(servers.rabbitmq_url, settings), settings)
    with MongoClient[Document](servers.mongodb_uri, tz_aware=True) as client:
        database = client[name]
        populate(database)
        goals, variables = _Goals(database, task_queue), environment(servers, servers.rabbitmq_url, database)
        pairs = list(goals.messages(BATCH, WITHOUT_TIMERS))
        try:
            with _working(variables, folder):
                latencies = sorted(_latencies(goals, servers.pusher_url))
                created = _per_second(task_queue, [create for create, _ in pairs], lambda: _bound(database))
                paid = _per_second(task_queue, [transfer for _, transfer in pairs], lambda: _progressed(database))
        finally:
            task_queue.close()
            client.drop_database(name)
            purge(Backends(servers.mongodb_uri, name, servers.rabbitmq_url, name), delete=True)
    p50, p95 = (latencies[int(len(latencies) * part)] * 1_000 for part in (0.5, 0.95))
    return Worked(PROCESSES, p50, p95, created, paid)


@contextmanager
def _working(variables: dict[str, str], folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "show_goal.cli", "worker", "--concurrency", str(PROCESSES)]
    process = Process(command, folder / "worker.log", env=variables, cwd=ROOT)
    try:
        process.wait_ready(lambda: " ready." in process.log.read_text(), deadline=60)
        yield
    finally:
        process.stop()


def _latencies(goals: _Goals, pusher_url: str) -> Iterator[float]:
    """The first ones find a worker that has connected to nothing yet: they do not count."""
    with PusherSubscriber(pusher_url) as browser:
        for number, (message, _) in enumerate(goals.messages(EACH + 5, WITH_TIMERS)):
            channel = announcement_channels(str(message.metadata["user_id"]))[-1]
            browser.subscribe(channel)
            began = perf_counter()
            goals.task_queue.trigger(message)
            browser.wait_for(GOAL_ADDED, channel, DEADLINE)
            if number >= 5:
                yield perf_counter() - began
            browser.unsubscribe(channel)


def _per_second(task_queue: CeleryTaskQueue, messages: Sequence[Message], done: Callable[[], int]) -> float:
    before, began = done(), perf_counter()
    for message in messages:
        task_queue.trigger(message)
    wait_until(lambda: done() - before >= len(messages), DEADLINE, f"{len(messages)} {messages[0].name}")
    return len(messages) / (perf_counter() - began)


def _bound(database: Database[Document]) -> int:
    return database["sessions"].count_documents({"trigger_private_claim.bound": True})


def _progressed(database: Database[Document]) -> int:
    """What a transfer ends with: its goal has progressed."""
    return database["goals"].count_documents({"progress": {"$gt": 0}})
