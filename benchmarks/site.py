"""One gunicorn worker that serves one of the routes, and what it speaks to."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from attrs import frozen
from celery import Celery

from tests.servers.ports import accepts, free_port
from tests.servers.process import Process

ROOT = Path(__file__).parents[1]
TICKS = os.sysconf("SC_CLK_TCK")


@frozen
class Backends:
    """The store and the broker of one benchmark."""

    mongodb_uri: str
    database: str
    broker_url: str
    queue: str

    def environment(self) -> dict[str, str]:
        return {
            "SHOW_GOAL_MONGODB_URI": self.mongodb_uri,
            "SHOW_GOAL_MONGODB_DATABASE": self.database,
            "SHOW_GOAL_MONGODB_TIMEOUT_MS": "10000",  # a busy machine is slow, and no error is measured here
            "SHOW_GOAL_BROKER_URL": self.broker_url,
            "SHOW_GOAL_QUEUE": self.queue,
            "SHOW_GOAL_PUSHER_APP_ID": "1",
            "SHOW_GOAL_PUSHER_KEY": "not-used",
            "SHOW_GOAL_PUSHER_SECRET": "not-used",
        }

    @property
    def broker(self) -> str:
        return "RabbitMQ" if urlsplit(self.broker_url).scheme == "amqp" else "Redis"


@frozen
class Site:
    port: int
    process: Process

    def cpu_seconds(self) -> float:
        """What the worker has computed so far, the kernel's part for it included."""
        master = self.process.pid
        [worker] = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def serving(route: str, backends: Backends, threads: int, folder: Path) -> Iterator[Site]:
    """A gunicorn worker that serves ``benchmarks.routes.{route}``."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", str(threads)]
    command += ["--bind", f"127.0.0.1:{port}", "--keep-alive", "30", "--log-level", "warning"]
    command += [f"benchmarks.routes.{route}:app"]
    process = Process(command, folder / f"{route}.log", env={**os.environ, **backends.environment()}, cwd=ROOT)
    try:
        process.wait_ready(lambda: accepts(port), deadline=60)
        yield Site(port, process)
    finally:
        process.stop()


def purge(backends: Backends, *, delete: bool = False) -> None:
    """Nobody consumes what the routes publish."""
    with Celery(broker=backends.broker_url, set_as_current=False).connection_for_write() as connection:
        channel = connection.default_channel
        channel.queue_declare(backends.queue, durable=True, auto_delete=False)
        channel.queue_purge(backends.queue)
        if delete:
            channel.queue_delete(backends.queue)
