"""gunicorn's settings in the deadline tests. Each process logs when it is ready, and when it has handled a request."""

from __future__ import annotations

from typing import Any

READY = "has loaded the app"
ANSWERED = "has answered"


def post_worker_init(worker: Any) -> None:
    worker.log.info("Process %d %s", worker.pid, READY)


def post_request(worker: Any, request: Any, environ: Any, response: Any) -> None:
    worker.log.info("Process %d %s", worker.pid, ANSWERED)
