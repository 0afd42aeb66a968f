"""Starts the monolith's processes: the wallet service, the web process, the worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import requests
from attrs import frozen
from celery import Celery
from pymongo import MongoClient

from examples.monolith.wallet_adapter import HttpWallet
from tests.servers import Servers
from tests.servers.ports import free_port
from tests.servers.process import Process

ROOT = Path(__file__).parents[2]
TOKEN = "the-token-of-the-wallets-callers"
KEY = "the-key-of-the-wallets-callback"


@frozen(kw_only=True)
class Monolith:
    """A running monolith. ``environment`` is that of its processes; ``logs`` is the folder with a log of each."""

    address: str
    environment: Mapping[str, str]
    wallet: HttpWallet
    web: Process
    worker: Process
    wallet_service: Process
    logs: Path


def environment(servers: Servers, database: str, wallet: str, grace: int = 60) -> dict[str, str]:
    """The environment variables of the monolith's processes. ``wallet`` is the address of a book."""
    pusher = urlsplit(servers.pusher_url)
    channels = {
        "app_id": pusher.path.rpartition("/")[2],
        "key": pusher.username,
        "secret": pusher.password,
        "host": pusher.hostname,
        "port": pusher.port,
        "ssl": False,
    }
    return {
        **os.environ,
        "MONOLITH_SECRET_KEY": uuid4().hex,
        "MONOLITH_MONGODB": servers.mongodb_uri,
        "MONOLITH_DATABASE": database,
        "MONOLITH_BROKER": servers.rabbitmq_url,
        "MONOLITH_QUEUE": database,
        "MONOLITH_PUSHER": json.dumps(channels),
        "MONOLITH_WALLET": wallet,
        "MONOLITH_WALLET_TOKEN": TOKEN,
        "MONOLITH_WALLET_KEYS": KEY,
        "MONOLITH_GRACE": str(grace),
    }


@contextmanager
def running_wallet_service(folder: Path, port: int, notify: str | None = None) -> Iterator[Process]:
    """Run the wallet service on ``port``, with its books in ``folder``. Books from an earlier run are kept."""
    command = [sys.executable, "-m", "examples.monolith.wallet_service", "--port", str(port)]
    command += ["--store", str(folder / "wallet.sqlite"), *(["--notify", notify] if notify else [])]
    secrets = {**os.environ, "WALLET_TOKEN": TOKEN, "WALLET_KEY": KEY}
    process = Process(command, folder / "wallet.log", env=secrets, cwd=ROOT)
    try:
        process.wait_ready(lambda: requests.get(f"http://127.0.0.1:{port}/", timeout=5).ok, 30)
        yield process
    finally:
        process.stop()


@contextmanager
def running_monolith(servers: Servers, folder: Path, grace: int = 60) -> Iterator[Monolith]:
    """Run all of it, on a fresh database and queue, which are deleted afterwards.

    ``grace`` is how many seconds a show may take to begin after the streamer has agreed.
    """
    database = f"monolith_{uuid4().hex}"
    web_port, wallet_port = free_port(), free_port()
    address, wallet = f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{wallet_port}/monolith"
    variables = environment(servers, database, wallet, grace)
    with ExitStack() as stack:
        stack.callback(_forget, servers, database)
        notify = f"{address}/notify/wallet/transaction"
        wallet_service = stack.enter_context(running_wallet_service(folder, wallet_port, notify))
        migrate = [sys.executable, "-m", "flask", "--app", "examples.monolith.app", "migrate"]
        subprocess.run(migrate, env=variables, cwd=ROOT, check=True, timeout=60)

        def start(name: str, *command: str) -> Process:
            process = Process([sys.executable, "-m", *command], folder / f"{name}.log", env=variables, cwd=ROOT)
            stack.callback(process.stop)
            return process

        bind = ["--bind", f"127.0.0.1:{web_port}", "--threads", "8", "--no-control-socket"]
        web = start("web", "gunicorn", *bind, "examples.monolith.app:create_app()")
        node = ["--hostname", f"{database}@%h", "--without-gossip", "--without-mingle"]
        beat = ["--beat", "--scheduler", "celery.beat:Scheduler", "--schedule", str(folder / "beat")]
        pool = ["--concurrency", "2", "--loglevel", "INFO"]
        worker = start("worker", "celery", "-A", "examples.monolith.celery_app", "worker", *node, *beat, *pool)
        web.wait_ready(lambda: requests.get(f"{address}/ranking", timeout=5).ok, 60)
        worker.wait_ready(lambda: " ready." in worker.log.read_text(errors="replace"), 60)
        yield Monolith(
            address=address,
            environment=variables,
            wallet=HttpWallet(wallet, TOKEN, timeout=10),
            web=web,
            worker=worker,
            wallet_service=wallet_service,
            logs=folder,
        )


def _forget(servers: Servers, database: str) -> None:
    with MongoClient[dict[str, Any]](servers.mongodb_uri) as client:
        client.drop_database(database)
    with Celery(broker=servers.rabbitmq_url, set_as_current=False).connection_for_write() as broker:
        broker.default_channel.queue_delete(database)
