from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from .servers import Servers, running_servers
from .world import World


@pytest.fixture
def world() -> World:
    """A platform in memory."""
    return World.make()


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Real servers: those that MONGODB_URI, RABBITMQ_URL, REDIS_URL and PUSHER_URL name, else fresh ones.

    One that is missing is an error, never a skip: it says what to install.
    """
    with running_servers() as servers:
        yield servers


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
