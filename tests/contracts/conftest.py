from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, create_indexes
from tests.adapters.mongo.documents import Document


@contextmanager
def indexed_database(client: MongoClient[dict[str, Any]]) -> Iterator[Database[Document]]:
    """One database for many contracts, because making the indexes takes longer than most of the tests."""
    database = client[f"show_goal_{uuid4().hex}"]
    create_indexes(database, MongoSettings(timeout_ms=30_000))
    yield database
    client.drop_database(database.name)


@pytest.fixture(scope="session")
def contracts_database(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Database[Document]]:
    with indexed_database(mongo_client) as database:
        yield database


@pytest.fixture
def mongo_database(contracts_database: Database[Document]) -> Iterator[Database[Document]]:
    """The database, which is emptied after each test."""
    yield contracts_database
    for name in contracts_database.list_collection_names():
        contracts_database[name].delete_many({})


@pytest.fixture
def mongo_settings(mongo_database: Database[Document]) -> MongoSettings:
    """A long timeout: the suites prove promises, not speed."""
    return MongoSettings(database=mongo_database.name, timeout_ms=30_000)
