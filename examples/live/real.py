"""The page's platform on real servers: MongoDB, a broker with a worker process, and Pusher."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import gethostname

from attrs import frozen
from bson import ObjectId
from flask import Flask
from pymongo import MongoClient

from show_goal.adapters.container import Container
from show_goal.adapters.environment import ConfigurationError
from show_goal.adapters.mongo import MongoWallet

from .cast import PEOPLE, PREVIEW, PRICING, SESSION, SID
from .metered import container as metered_container
from .site import create_site

SHORT = {"SHOW_GOAL_MONGODB_DATABASE": "show_goal_live", "SHOW_GOAL_SETTLE_DELAY": "15", "SHOW_GOAL_COOLDOWN": "15"}
"""Short enough to watch. Environment variables override them."""
NAMES = ("SESSIONS", "SESSION_USER", "SESSION_ACTIVE", "SESSION_PRESET", "SESSION_PRICING")
OWN = dict.fromkeys([f"SHOW_GOAL_MONGODB_{name}" for name in NAMES], "")
"""The page's own sessions have the default names, also where another host's have others."""
STOPS_WITHIN = 10.0


@frozen(kw_only=True)
class Pusher:
    """The settings of pusher-js. ``script`` is its ``pusher.min.js``."""

    key: str
    host: str
    port: int
    script: Path

    @classmethod
    def of(cls, environ: Mapping[str, str], script: Path) -> Pusher:
        return cls(
            key=environ["SHOW_GOAL_PUSHER_KEY"],
            host=environ["SHOW_GOAL_PUSHER_HOST"],
            port=int(environ["SHOW_GOAL_PUSHER_PORT"]),
            script=script,
        )


@contextmanager
def real_site(script: Path, environ: Mapping[str, str] = os.environ, *, metered: bool = False) -> Iterator[Flask]:
    """The app, with a Celery worker until the block ends. Raises ConfigurationError if something is missing."""
    if not script.exists():
        raise ConfigurationError([f"{script} is missing: `python -m tests.servers install` installs pusher-js"])
    environ = {**SHORT, **environ, **OWN}
    container = metered_container(environ) if metered else Container.from_env(environ)
    container.create_indexes()
    _seed(container, environ)
    own = ["--container", "examples.live.metered:container"] if metered else []
    with _worker(container, environ, own):
        yield create_site(container, pusher=Pusher.of(environ, script))


def _seed(container: Container, environ: Mapping[str, str]) -> None:
    """Write the host's own data. Data and money from an earlier run are kept."""
    with MongoClient[dict[str, object]](environ["SHOW_GOAL_MONGODB_URI"]) as client:
        database = client[environ["SHOW_GOAL_MONGODB_DATABASE"]]
        session = {"user": ObjectId(SID.id), "active": True, "status": {"preset": PREVIEW}, "pricing": PRICING}
        database["sessions"].update_one({"_id": ObjectId(SESSION)}, {"$setOnInsert": session}, upsert=True)
        wallet = container.wallet()
        assert isinstance(wallet, MongoWallet)
        for person in PEOPLE.values():
            user = {"_id": ObjectId(person.id)}
            created = database["users"].update_one(user, {"$setOnInsert": {"tags": []}}, upsert=True)
            if created.upserted_id is not None and person.money:
                wallet.deposit(f"top-up of {person.id}", person.id, person.money)


@contextmanager
def _worker(container: Container, environ: Mapping[str, str], own: Sequence[str]) -> Iterator[None]:
    command = [sys.executable, "-m", "show_goal.cli", "worker", "--beat", "--concurrency", "2", *own]
    process = subprocess.Popen([*command, "--loglevel", "WARNING"], env=dict(environ))
    name = f"show_goal-{process.pid}@{gethostname()}"  # other workers on the same broker respond too
    try:
        while process.poll() is None and not container.worker().control.ping([name], timeout=0.5):
            pass  # it is starting
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
