"""Servers for each test process to break, and a platform on them for each module."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from ..black_box.platform import GUNICORN, WORKER, Platform, running_platform
from ..servers import MongoServer, PusherServer, RabbitServer, RedisServer, Servers, wait_until
from .measure import Measure

Document = dict[str, Any]
SETTLED_SOON = {"SHOW_GOAL_SETTLE_DELAY": "1"}
ON_DISK_AFTER = 7.0
"""Seconds after which RabbitMQ 3.10 can be killed and still knows who leads a new quorum queue."""
LONGEST = ("test_popular", "test_outage", "test_upgrade", "test_poison", "test_waiting", "test_workers")
HOST_WORKER: Sequence[str] = (
    *(sys.executable, "-m", "celery", "-A", "tests.chaos.host", "worker", "--loglevel", "INFO"),
    *("--concurrency", "2", "--beat", "--scheduler", "celery.beat:Scheduler"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: otherwise one process would be busy with them when the others are done."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)


@pytest.fixture(scope="session")
def mongod() -> Iterator[MongoServer]:
    """On disk, because acknowledged writes must survive kill -9."""
    with MongoServer(in_memory=False, failpoints=True) as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitServer]:
    with RabbitServer() as server:
        yield server


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    with RedisServer(appendonly=True) as server:
        yield server


@pytest.fixture(scope="session")
def pusher() -> Iterator[PusherServer]:
    with PusherServer() as server:
        yield server


@pytest.fixture(scope="session")
def own(mongod: MongoServer, rabbitmq: RabbitServer, redis: RedisServer, pusher: PusherServer) -> Servers:
    """Their addresses."""
    return Servers(mongodb_uri=mongod.url, rabbitmq_url=rabbitmq.url, redis_url=redis.url, pusher_url=pusher.url)


@pytest.fixture(scope="session")
def client(mongod: MongoServer) -> Iterator[MongoClient[Document]]:
    """The test's own client, with default timeouts. The failpoints do not apply to it."""
    with MongoClient[Document](mongod.url, tz_aware=True) as client:
        yield client


@pytest.fixture(scope="module")
def database(client: MongoClient[Document]) -> Database[Document]:
    return client[f"chaos_{uuid4().hex}"]


@pytest.fixture(scope="module")
def platform(
    own: Servers, database: Database[Document], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """A platform on RabbitMQ."""
    with running(own, own.rabbitmq_url, database, tmp_path_factory) as platform:
        yield platform


@contextmanager
def running(
    servers: Servers,
    broker_url: str,
    database: Database[Document],
    folders: pytest.TempPathFactory,
    worker_command: Sequence[str] = (*WORKER, "--beat"),
    settings: Mapping[str, str] = {},
    web_command: Sequence[str] = GUNICORN,
) -> Iterator[Platform]:
    """A platform with the library's default settings, except that it settles after 1 s."""
    with running_platform(
        servers,
        broker_url,
        database,
        folders.mktemp("platform"),
        web_command=web_command,
        worker_command=worker_command,
        settings={**SETTLED_SOON, **settings},
    ) as platform:
        started = monotonic()
        if broker_url.startswith("amqp"):
            wait_until(lambda: monotonic() > started + ON_DISK_AFTER, 2 * ON_DISK_AFTER, "the queues on disk")
        yield platform


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Measure:
    return Measure(f"{request.path.stem}::{request.node.name}")
