from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, create_indexes

from .servers import BROKERS, OTHER_BROKERS, ProgramMissing, Servers, running_server, running_servers
from .servers.mongod import LoneMongod
from .world import World

_MISSING = "Skipped: missing: "


@pytest.fixture
def world() -> World:
    """A platform in memory."""
    return World.make()


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Real servers: those that MONGODB_URI, RABBITMQ_URL, REDIS_URL and PUSHER_URL name, else fresh ones."""
    with running_servers(partly=True) as servers:
        yield servers


@pytest.fixture(scope="session")
def brokers(servers: Servers) -> Iterator[Callable[[str], str]]:
    """The address of a broker, by its name in ALL_BROKERS. One of the other Debian starts when a test asks for it."""
    with ExitStack() as stack:

        @cache
        def address(name: str) -> str:
            if name in BROKERS:
                return servers.rabbitmq_url if name == "rabbitmq" else servers.redis_url
            return stack.enter_context(running_server(OTHER_BROKERS[name]))

        yield address


@pytest.fixture(scope="session", params=BROKERS)
def broker_url(request: pytest.FixtureRequest, brokers: Callable[[str], str]) -> str:
    """A test that needs others says so: ``@pytest.mark.parametrize("broker_url", ALL_BROKERS, indirect=True)``."""
    return brokers(request.param)


@pytest.fixture(scope="session")
def mongo_client(servers: Servers) -> Iterator[MongoClient[dict[str, Any]]]:
    """A server that has died fails each test after seconds, not after the driver's half minute."""
    with MongoClient[dict[str, Any]](servers.mongodb_uri, tz_aware=True, serverSelectionTimeoutMS=5_000) as client:
        yield client


@pytest.fixture
def mongo_database(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    """A database of the test's own, gone afterwards."""
    database = mongo_client[f"show_goal_{uuid4().hex}"]
    yield database
    mongo_client.drop_database(database.name)


@contextmanager
def _indexed(client: MongoClient[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    database = client[f"show_goal_{uuid4().hex}"]
    create_indexes(database, MongoSettings(timeout_ms=30_000))
    yield database
    client.drop_database(database.name)


@contextmanager
def _emptied(database: Database[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    yield database
    for name in database.list_collection_names():
        database[name].delete_many({})


@pytest.fixture(scope="session")
def indexed_database(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    """Creating the indexes takes longer than most tests that need them, so they share this one."""
    with _indexed(mongo_client) as database:
        yield database


@pytest.fixture(scope="session")
def indexed_lone_database() -> Iterator[Database[dict[str, Any]]]:
    with (
        LoneMongod() as server,
        MongoClient[dict[str, Any]](server.uri, tz_aware=True) as client,
        _indexed(client) as database,
    ):
        yield database


@pytest.fixture
def shared_database(indexed_database: Database[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    """A database with all indexes, empty at the start of each test."""
    with _emptied(indexed_database) as database:
        yield database


@pytest.fixture
def lone_database(indexed_lone_database: Database[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    """The same on a server that is no replica set and so has no transactions."""
    with _emptied(indexed_lone_database) as database:
        yield database


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, None, None]:
    yield from _left_out_without_its_server()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    yield from _left_out_without_its_server()


def _left_out_without_its_server() -> Generator[None, None, None]:
    """A test that asks for a server which this machine lacks is left out, and counted; with CI set, it fails."""
    try:
        yield
    except ProgramMissing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"missing: {missing.program.title}\n{missing.program.variable}\n{missing.program.missing()}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were left out, why, and what brings them."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])]
    left_out = Counter(reason.removeprefix(_MISSING) for reason in reasons if reason.startswith(_MISSING))
    if not left_out:
        return
    terminalreporter.section("left out")
    for reason, count in left_out.most_common():
        title, _, why = reason.split("\n", 2)
        terminalreporter.line(f"{count} tests need {title}: {why}")
    variables = ", ".join(sorted({reason.split("\n")[1] for reason in left_out}))
    terminalreporter.line(f"To run them: `make servers` as root, or set {variables}.")
