"""The other half: from ``create_goal`` at the broker to ``goal.added`` in a browser, and how many tasks a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from attrs import frozen
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app
from show_goal.core.messages import CreateGoal, Message, Transfer
from show_goal.core.model import Claim, Session
from show_goal.core.names import GOAL_ADDED, announcement_channels
from show_goal.core.rules.private_goal import create_goal_message, transfer_message
from tests.black_box.platform import environment
from tests.servers import PusherSubscriber, Servers, wait_until
from tests.servers.process import Process

from . import ROOT, platform

PROCESSES = 2
EACH = 100
BATCH = 200
DEADLINE = 120.0
WITH_TIMERS, WITHOUT_TIMERS = timedelta(minutes=4), timedelta(minutes=30)
"""An ``exp`` within ``eta_horizon``, and one beyond it. Celery takes a tenth of a second to set a timer aside, which
is all that a full queue would show."""


@frozen
class Worked:
    """Of a worker with ``processes``: milliseconds to ``goal.added``, one goal after another; tasks a second of a full
    queue; milliseconds of processor time for a ``transfer`` and its ``increment_goal_progress``."""

    processes: int
    p50_ms: float
    p95_ms: float
    create_goal_per_second: float
    transfer_per_second: float
    transfer_cpu_ms: float


def measure(servers: Servers, folder: Path) -> Worked:
    with platform.new_database(servers.mongodb_uri) as database:
        platform.add_viewers(database)
        backends = platform.Backends(servers.mongodb_uri, servers.rabbitmq_url, database.name)
        settings = CelerySettings(queue=database.name)
        task_queue = CeleryTaskQueue(make_app(servers.rabbitmq_url, settings), settings)
        process = Process(
            [sys.executable, "-m", "show_goal.cli", "worker", "--concurrency", str(PROCESSES)],
            folder / "worker.log",
            env=environment(servers, servers.rabbitmq_url, database),
            cwd=ROOT,
        )
        creates, transfers = zip(*_messages(database, BATCH, WITHOUT_TIMERS), strict=True)
        try:
            process.wait_ready(lambda: " ready." in process.log.read_text(), deadline=60)
            latencies = sorted(_latencies(database, task_queue, servers.pusher_url))
            created = _per_second(task_queue, creates, lambda: _bound(database))
            before = platform.cpu_seconds(process.pid)
            paid = _per_second(task_queue, transfers, lambda: _progressed(database))
            transfer_cpu_ms = (platform.cpu_seconds(process.pid) - before) / BATCH * 1_000
        finally:
            process.stop()
            task_queue.close()
            backends.purge(delete=True)
    p50, p95 = (latencies[int(len(latencies) * part)] * 1_000 for part in (0.5, 0.95))
    return Worked(PROCESSES, p50, p95, created, paid, transfer_cpu_ms)


def _messages(
    database: Database[platform.Document], number: int, until: timedelta
) -> Iterator[tuple[CreateGoal, Transfer]]:
    """Claim new sessions; the messages that create their goals and pay for them."""
    exp = datetime.now(UTC) + until
    for session_id, viewer_id in zip(
        platform.add_sessions(database, number, 0, ongoing=False), platform.VIEWER_IDS, strict=False
    ):
        claim = Claim(goal_id=str(ObjectId()), exp=exp)
        stored = {"goal_id": ObjectId(claim.goal_id), "exp": exp, "bound": False}
        document = database["sessions"].find_one_and_update(
            {"_id": ObjectId(session_id)}, {"$set": {"trigger_private_claim": stored}}
        )
        assert document is not None
        session = Session(id=session_id, streamer_id=str(document["user"]))
        yield (
            create_goal_message(claim, session, viewer_id, platform.DURATION),
            transfer_message(claim, session, viewer_id, amount=90, duration=platform.DURATION, tag_prefix="swag"),
        )


def _latencies(database: Database[platform.Document], task_queue: CeleryTaskQueue, pusher_url: str) -> Iterator[float]:
    """The first five do not count: the worker has no connections yet."""
    with PusherSubscriber(pusher_url) as browser:
        for number, (message, _) in enumerate(_messages(database, EACH + 5, WITH_TIMERS)):
            channel = announcement_channels(str(message.metadata["user_id"]))[-1]
            browser.subscribe(channel)
            began = perf_counter()
            task_queue.trigger(message)
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


def _bound(database: Database[platform.Document]) -> int:
    return database["sessions"].count_documents({"trigger_private_claim.bound": True})


def _progressed(database: Database[platform.Document]) -> int:
    """A transfer has ended when its goal has progressed."""
    return database["goals"].count_documents({"progress": {"$gt": 0}})
