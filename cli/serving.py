"""A Flask app for development, on real servers or in memory."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import click
from flask import request

from ..adapters.clock import SystemClock
from ..adapters.container import Container
from ..adapters.flask import create_app
from ..core.messages import Sweep
from ..core.model import Viewer
from .demo import cast

WORKER_PAUSE = 0.1
"""Seconds between two looks for due tasks."""
SWEEP_INTERVAL = timedelta(seconds=15)


def serve(container: Container, host: str, port: int) -> None:
    """Serve the routes on real servers."""
    _run(container, host, port)


def serve_in_memory(host: str, port: int) -> None:
    """Serve the routes in memory, with a worker in a thread. Nothing is kept when the process ends."""
    container = cast.platform(SystemClock()).container
    people = ", ".join(f"{name} is {user_id}" for user_id, name in cast.PEOPLE.items())
    click.echo(f"{people}. Invite into Sid's session as Alice:\n\n{_curl(host, port)}\n")
    with running_worker(container):
        _run(container, host, port)


def _run(container: Container, host: str, port: int) -> None:
    """Every client may be any user: the header X-User-Id has the id, X-User-Tags the tags, with commas between."""

    def current_user() -> Viewer | None:
        user_id, tags = request.headers.get("X-User-Id"), request.headers.get("X-User-Tags", "")
        return Viewer(id=user_id, tags=[tag.strip() for tag in tags.split(",") if tag.strip()]) if user_id else None

    click.echo("For development only: the header X-User-Id says who the user is. Keep it on loopback.", err=True)
    logging.basicConfig(level=logging.INFO, format="%(name)s %(message)s")
    create_app(container, current_user=current_user).run(host, port)


@contextmanager
def running_worker(container: Container) -> Iterator[None]:
    """Run due tasks and sweeps in a thread until the block ends."""
    stop = Event()
    started = container.clock().now()

    def run() -> None:
        swept = started
        while not stop.wait(WORKER_PAUSE):
            if container.clock().now() >= swept + SWEEP_INTERVAL:
                container.task_queue().trigger(Sweep())
                swept = container.clock().now()
            container.worker().run_due(quiet=True)  # the log has what failed, and it is repeated

    thread = Thread(target=run, name="worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _curl(host: str, port: int) -> str:
    return (
        f"curl -i http://{host}:{port}/sessions/{cast.SESSION}/trigger_private"
        f" -H 'X-User-Id: {cast.ALICE.id}' -H 'Content-Type: application/json'"
        " -d '{\"exp\": '$(($(date +%s) + 300))', \"duration\": 90}'"
    )
