from __future__ import annotations

from collections.abc import Callable

import pytest
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, create_indexes
from tests.adapters.mongo.documents import Document


@pytest.fixture
def mongo_settings(mongo_database: Database[Document]) -> MongoSettings:
    settings = MongoSettings(database=mongo_database.name, timeout_ms=30_000)
    create_indexes(mongo_database, settings)
    return settings


@pytest.fixture
def empty_database(mongo_database: Database[Document]) -> Callable[[], None]:
    """Makes the test's database as new, its indexes apart."""

    def empty() -> None:
        for name in mongo_database.list_collection_names():
            mongo_database[name].delete_many({})

    return empty
