"""Real Celery workers in processes of their own: one for any app, and one that records what it runs."""

from __future__ import annotations

import base64
import os
import pickle
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from attrs import define

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app
from show_goal.adapters.celery.delays import delete_delays
from show_goal.adapters.celery.queues import driver_type, waiting
from show_goal.core.messages import Message, SettleEscrow
from show_goal.testing.conformance.task_queue import Delivery
from tests.servers.process import Process, wait_until

from .records import Record, Records

ROOT = Path(__file__).parents[3]
DEADLINE = 30.0


class CeleryWorker(Process):
    """``celery -A app worker`` with a pool of processes. It dies with the test run.

    ``queue`` is what it consumes; None leaves that to the app. ``output`` is the text of its ``log``.
    """

    def __init__(
        self,
        app: str,
        log: Path,
        environment: Mapping[str, str],
        *,
        concurrency: int = 1,
        queue: str | None = None,
        beat: bool = False,
        pool: str = "prefork",
    ) -> None:
        command = [sys.executable, "-m", "celery", "-A", app, "worker", "--loglevel", "INFO", "--pool", pool]
        command += ["--concurrency", str(concurrency), "--hostname", f"{uuid4().hex}@%h"]
        command += ["--without-gossip", "--without-mingle"]
        command += [] if queue is None else ["--queues", queue]
        command += ["--beat", "--schedule", str(log.with_suffix(".beat"))] if beat else []
        super().__init__(command, log, env={**os.environ, **environment}, cwd=ROOT)

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for_output(self, text: str) -> None:
        wait_until(lambda: text in self.output, DEADLINE, f"{text!r} in {self.log}")

    def ready(self) -> Self:
        """Wait until it takes messages."""
        try:
            self.wait_ready(lambda: " ready." in self.output, deadline=60)
        except BaseException:
            self.kill()
            raise
        return self

    def __enter__(self) -> Self:
        return self.ready()

    def __exit__(self, *_: object) -> None:
        self.stop()


@define
class RecordingWorker:
    """A worker of ``recording_app``, the queue to it, and what it recorded. A consumer for the conformance suite."""

    process: CeleryWorker
    task_queue: CeleryTaskQueue
    records: Records

    def now(self) -> datetime:
        return datetime.now(UTC)

    def runs(self, goal_id: str, count: int) -> list[Record]:
        """Wait for this many runs of the goal's tasks."""
        wait_until(lambda: len(self.records.of(goal_id)) >= count, DEADLINE, f"run {count} for goal {goal_id}")
        return self.records.of(goal_id)

    def deliveries(self, goal_id: str, count: int) -> list[Delivery]:
        return [Delivery(record.message, record.at) for record in self.runs(goal_id, count)]

    def messages(self, goal_id: str, count: int) -> list[Message]:
        return [record.message for record in self.runs(goal_id, count)]

    def all_messages(self, goal_id: str) -> list[Message]:
        """The messages of all runs so far. Sends a further one, and leaves it out.

        The worker takes one message at a time: when this one runs, those before it are done.
        """
        before = len(self.records.of(goal_id))
        self.task_queue.trigger(SettleEscrow(goal_id=goal_id))
        *messages, last = self.messages(goal_id, before + 1)
        assert last == SettleEscrow(goal_id=goal_id)
        return messages


def own_settings(**changes: Any) -> CelerySettings:
    """Settings with a queue for this test only, and enough time to publish on a slow machine."""
    return CelerySettings(**{"queue": f"show_goal_test_{uuid4().hex}", "publish_timeout": 10.0, **changes})


def recording(broker_url: str, settings: CelerySettings, folder: Path) -> dict[str, str]:
    """The environment of ``recording_app``."""
    return {"RECORDING": base64.b64encode(pickle.dumps((broker_url, settings, folder))).decode()}


def recording_process(broker_url: str, settings: CelerySettings, folder: Path, *, beat: bool = False) -> CeleryWorker:
    log = folder / f"worker_{uuid4().hex}.log"
    environment = recording(broker_url, settings, folder)
    return CeleryWorker("tests.adapters.celery.recording_app", log, environment, beat=beat)


@contextmanager
def recording_worker(
    broker_url: str, folder: Path, settings: CelerySettings, *, beat: bool = False
) -> Iterator[RecordingWorker]:
    task_queue = CeleryTaskQueue(make_app(broker_url, settings), settings)
    worker = RecordingWorker(recording_process(broker_url, settings, folder, beat=beat), task_queue, Records(folder))
    try:
        worker.process.ready()
        yield worker
    finally:
        worker.process.kill()  # Celery takes seconds to stop
        task_queue.close()
        delete_queue(broker_url, settings)


def queue_length(broker_url: str, settings: CelerySettings, name: str | None = None) -> int:
    """The number of messages that wait for a worker, or in another queue."""
    with make_app(broker_url, settings).connection_for_write() as connection:
        found = waiting(connection, name or settings.queue or "")
        return int(found.message_count) if found else 0


def delete_queue(broker_url: str, settings: CelerySettings) -> None:
    """All queues of these settings."""
    app = make_app(broker_url, settings)
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        names = [settings.queue, settings.sweep_queue, settings.dead_queue]
        if driver_type(app) == "amqp":
            delete_delays(channel, settings)
            channel.exchange_delete(settings.dead_queue)
        else:
            names += [settings.delay_queue]
            channel.client.delete(f"{settings.delay_queue}.waiting")
        for name in names:
            channel.queue_delete(name)
