from __future__ import annotations

import pytest
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings
from tests.adapters.mongo.documents import Document


@pytest.fixture
def mongo_database(shared_database: Database[Document]) -> Database[Document]:
    return shared_database


@pytest.fixture
def mongo_settings(mongo_database: Database[Document]) -> MongoSettings:
    """The suites prove promises, not speed: a slow machine gets the time it needs."""
    return MongoSettings(database=mongo_database.name, timeout_ms=30_000)
