"""The examples on real servers, started with the commands in their headers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from bson import ObjectId
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, MongoWallet

from ..builders import a_body
from ..servers import wait_until
from ..servers.ports import free_port
from ..servers.process import Process

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def logged_in(user_id: str, secret_key: str) -> dict[str, str]:
    """The cookie that the host's login sets."""
    host = Flask("login")
    host.secret_key = secret_key
    serializer = SecureCookieSessionInterface().get_signing_serializer(host)
    assert serializer is not None
    return {"session": str(serializer.dumps({"user_id": user_id}))}


@contextmanager
def running(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[Process]:
    process = Process([str(BIN / command[0]), *command[1:]], log, env=environment, cwd=ROOT)
    try:
        yield process
    finally:
        process.stop()


def test_an_invitation_through_the_hosts_app_is_bound_by_the_hosts_worker(
    environment: dict[str, str], mongo_database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    address = f"127.0.0.1:{free_port()}"
    web = ["flask", "--app", "examples/flask_app.py", "run", "--port", address.rpartition(":")[2]]
    worker = ["celery", "--workdir", "examples", "-A", "celery_worker", "worker"]
    queue = ["--queues", environment["SHOW_GOAL_QUEUE"], "--concurrency", "1", "--loglevel", "INFO"]
    beat = ["--beat", "--scheduler", "celery.beat:Scheduler"]
    viewer = str(mongo_database.users.insert_one({"tags": []}).inserted_id)
    MongoWallet(mongo_database, MongoSettings(timeout_ms=30_000)).credit(viewer, 300)
    sessions = mongo_database.sessions
    session_id = sessions.insert_one({"user": ObjectId(), "active": True, "pricing": {"sd": 60}}).inserted_id

    with (
        running(web, tmp_path / "web.log", environment) as web_process,
        running([*worker, *queue, *beat], tmp_path / "worker.log", environment),
    ):
        web_process.wait_ready(lambda: requests.get(f"http://{address}/readyz", timeout=5).ok, 60)
        response = requests.post(
            f"http://{address}/api/sessions/{session_id}/trigger_private",
            json=a_body(datetime.now(UTC)),
            cookies=logged_in(viewer, environment["SECRET_KEY"]),
            timeout=10,
        )
        assert response.status_code == 202, response.text

        def bound() -> list[str]:
            session = sessions.find_one({"_id": session_id}) or {}
            return [str(element["goal"]) for element in session.get("trigger_private_goals", [])]

        assert wait_until(bound, 60, "the binding") == [response.json()["goal_id"]]
        wait_until(lambda: mongo_database.accounts.find_one({"available": 210, "held": 90}), 30, "the hold")
