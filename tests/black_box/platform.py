"""A small platform on real servers: gunicorn, a Celery worker, MongoDB, a broker, the Pusher stand-in, a listener."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

import requests
from attrs import evolve, frozen
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoGoals, MongoPasses, MongoSettings, MongoWallet, create_indexes
from show_goal.core.names import announcement_channels
from show_goal.ports.page import every

from ..servers import PusherSubscriber, Servers
from ..servers.ports import free_port
from ..servers.process import Process

Document = dict[str, Any]
ROOT = Path(__file__).parents[2]
COOLDOWN = 5
PATIENT = {"SHOW_GOAL_MONGODB_TIMEOUT_MS": "10000"}
"""Where nothing breaks: a machine that is slow for a second is no outage."""
WORKER = (sys.executable, "-m", "show_goal.cli", "worker", "--concurrency", "2")
GUNICORN = (sys.executable, "-m", "gunicorn", "tests.black_box.app:make_app()", "--no-control-socket")


@frozen(kw_only=True)
class Session:
    streamer_id: str
    session_id: str


@frozen(kw_only=True)
class Platform:
    """One session of one streamer. Every id is new, so tests can share the servers and the processes."""

    address: str
    database: Database[Document]
    listener: PusherSubscriber
    streamer_id: str
    session_id: str
    worker: Process
    environment: dict[str, str]

    def with_another_session(self) -> Self:
        """The same platform, seen from a new session of a new streamer."""
        session = add_session(self.database, self.listener)
        return evolve(self, streamer_id=session.streamer_id, session_id=session.session_id)

    def add_viewer(self, balance: int = 1_000) -> str:
        viewer_id = str(self.database.users.insert_one({"tags": []}).inserted_id)
        self.wallet().credit(viewer_id, balance)
        return viewer_id

    def invite(self, viewer_id: str, *, seconds: int = 60, duration: int = 90, tags: str = "") -> requests.Response:
        """POST the invitation, to be answered within so many ``seconds``."""
        return requests.post(
            f"{self.address}/sessions/{self.session_id}/trigger_private",
            json={"exp": int(datetime.now(UTC).timestamp()) + seconds, "duration": duration},
            headers={"X-User-Id": viewer_id, "X-User-Tags": tags},
            timeout=10,
        )

    def answer(self, goal_id: str, *, agree: bool) -> requests.Response:
        """DELETE the goal, as its streamer."""
        return requests.delete(
            f"{self.address}/goals/{goal_id}",
            json={"agree": agree},
            headers={"X-User-Id": self.streamer_id},
            timeout=10,
        )

    def view(self, goal_id: str, user_id: str) -> requests.Response:
        """GET the goal, as its streamer or a payer."""
        return requests.get(f"{self.address}/goals/{goal_id}", headers={"X-User-Id": user_id}, timeout=10)

    def switch_preset(self, preset: str) -> requests.Response:
        return requests.patch(
            f"{self.address}/streams/me/preset/{preset}", headers={"X-User-Id": self.streamer_id}, timeout=10
        )

    def end_session(self) -> None:
        self.database.sessions.update_one({"_id": ObjectId(self.session_id)}, {"$set": {"active": False}})

    def run(self, *arguments: str) -> str:
        """What the command ``show-goal`` prints."""
        command = [sys.executable, "-m", "show_goal.cli", *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def wallet(self) -> MongoWallet:
        """With time enough for a slow machine."""
        return MongoWallet(self.database, MongoSettings(timeout_ms=30_000))

    def passes(self) -> MongoPasses:
        return MongoPasses(self.database, MongoSettings(timeout_ms=30_000))

    def session(self) -> Document:
        return self.database.sessions.find_one({"_id": ObjectId(self.session_id)}) or {}

    def goal(self, goal_id: str) -> Document | None:
        return self.database.goals.find_one({"_id": ObjectId(goal_id)})

    def counts(self, goal_id: str, viewer_id: str) -> bool:
        """Whether a payment of the viewer counts for the goal."""
        contributions = MongoGoals(self.database, MongoSettings(timeout_ms=30_000)).contributions
        return any(one.viewer_id == viewer_id for one in every(partial(contributions, goal_id, 100)))

    def goals(self) -> list[Document]:
        """The goals of the session."""
        return [
            *self.database.goals.find({"conditions.session_id": {"$in": [ObjectId(self.session_id), self.session_id]}})
        ]

    def holds(self) -> list[Document]:
        """What is held for the streamer."""
        accounts = self.database.accounts.find({"holds.to_user_id": self.streamer_id})
        return [hold for account in accounts for hold in account["holds"]]

    def account(self, viewer_id: str) -> Document:
        return self.database.accounts.find_one({"_id": ObjectId(viewer_id)}) or {}


@contextmanager
def running_platform(
    servers: Servers,
    broker_url: str,
    database: Database[Document],
    logs: Path,
    web_command: Sequence[str] = GUNICORN,
    worker_command: Sequence[str] = WORKER,
    settings: dict[str, str] | None = None,
) -> Iterator[Platform]:
    """``settings`` are further ``SHOW_GOAL_*`` variables, of the web process and the worker."""
    variables = environment(servers, broker_url, database) | (settings or {})
    create_indexes(database, MongoSettings(timeout_ms=30_000))
    with ExitStack() as stack:
        # Side by side, as both take seconds to start.
        worker = _spawn(stack, worker_command, logs / "worker.log", variables)
        address = stack.enter_context(running_web(web_command, logs / "web.log", variables))
        wait_for_worker(worker)
        listener = stack.enter_context(PusherSubscriber(servers.pusher_url))
        first = add_session(database, listener)
        yield Platform(
            address=address,
            database=database,
            listener=listener,
            streamer_id=first.streamer_id,
            session_id=first.session_id,
            worker=worker,
            environment=variables,
        )


@contextmanager
def running_web(command: Sequence[str], log: Path, variables: Mapping[str, str]) -> Iterator[str]:
    """The address of a gunicorn that takes requests."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        web = _spawn(stack, [*command, "--bind", f"127.0.0.1:{port}", "--threads", "8"], log, variables)
        web.wait_ready(lambda: requests.get(f"{address}/readyz", timeout=5).ok, 60)
        yield address


def wait_for_worker(worker: Process) -> None:
    worker.wait_ready(lambda: " ready." in worker.log.read_text(), 60)


def add_session(database: Database[Document], listener: PusherSubscriber) -> Session:
    """A session of a new streamer, and an ear on the streamer's three channels."""
    session = insert_session(database)
    for channel in announcement_channels(session.streamer_id):
        listener.subscribe(channel)
    return session


def insert_session(database: Database[Document]) -> Session:
    """A session of a new streamer at 60 a minute, in preview."""
    streamer_id = str(database.users.insert_one({"tags": []}).inserted_id)
    document = {
        "user": ObjectId(streamer_id),
        "active": True,
        "status": {"preset": "preview"},
        "pricing": {"sd": 60},
        "show_goal_pairs": [],
        "trigger_private_goals": [],
    }
    session_id = str(database.sessions.insert_one(document).inserted_id)
    return Session(streamer_id=streamer_id, session_id=session_id)


def _spawn(stack: ExitStack, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Process:
    process = Process(command, log, env=environment, cwd=ROOT)
    stack.callback(process.stop)
    return process


def environment(servers: Servers, broker_url: str, database: Database[Document]) -> dict[str, str]:
    return {
        **os.environ,
        **servers.as_settings(broker_url),
        "SHOW_GOAL_MONGODB_DATABASE": database.name,
        "SHOW_GOAL_QUEUE": database.name,
        "SHOW_GOAL_COOLDOWN": str(COOLDOWN),
    }
