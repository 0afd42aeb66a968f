"""gunicorn's settings in the tests of deadlines: each process says when it takes requests."""

from __future__ import annotations

from typing import Any

READY = "has loaded the app"


def post_worker_init(worker: Any) -> None:
    worker.log.info("Process %d %s", worker.pid, READY)
