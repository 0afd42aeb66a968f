from __future__ import annotations

from collections.abc import Iterator

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, create_indexes
from tests.servers import Servers

from .commands import Commands
from .documents import Document


@pytest.fixture
def settings(mongo_database: Database[Document]) -> MongoSettings:
    """With time enough for a slow machine, and the indexes made."""
    settings = MongoSettings(database=mongo_database.name, timeout_ms=30_000)
    create_indexes(mongo_database, settings)
    return settings


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
def watched_database(servers: Servers, settings: MongoSettings, commands: Commands) -> Iterator[Database[Document]]:
    """The test's database through a client whose every command is recorded in ``commands``."""
    with MongoClient[Document](servers.mongodb_uri, event_listeners=[commands]) as client:
        yield client[settings.database]
