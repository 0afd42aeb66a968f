from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, create_indexes
from tests.adapters.mongo.documents import Document


@pytest.fixture(scope="session")
def contracts_database(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Database[Document]]:
    """One for all contracts, with the indexes made: to make them anew takes longer than most of these tests."""
    database = mongo_client[f"show_goal_{uuid4().hex}"]
    create_indexes(database, MongoSettings(timeout_ms=30_000))
    yield database
    mongo_client.drop_database(database.name)


@pytest.fixture
def mongo_database(contracts_database: Database[Document]) -> Iterator[Database[Document]]:
    """Empty again after each test."""
    yield contracts_database
    for name in contracts_database.list_collection_names():
        contracts_database[name].delete_many({})


@pytest.fixture
def mongo_settings(mongo_database: Database[Document]) -> MongoSettings:
    """The suites prove promises, not speed: a slow machine gets the time it needs."""
    return MongoSettings(database=mongo_database.name, timeout_ms=30_000)
