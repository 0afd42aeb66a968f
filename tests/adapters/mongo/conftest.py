from __future__ import annotations

from collections.abc import Iterator

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from show_goal.adapters.mongo import MongoGoals, MongoSessions, MongoSettings, MongoWallet, counting
from tests.builders import VIEWER, VIEWER_2
from tests.servers import Servers

from .commands import Commands
from .documents import Document
from .settling import EachInterrupted, interrupting


@pytest.fixture
def database(shared_database: Database[Document]) -> Database[Document]:
    return shared_database


@pytest.fixture
def settings(database: Database[Document]) -> MongoSettings:
    """With time enough for a slow machine."""
    return MongoSettings(database=database.name, timeout_ms=30_000)


@pytest.fixture
def sessions(database: Database[Document], settings: MongoSettings) -> MongoSessions:
    return MongoSessions(database, settings)


@pytest.fixture
def goals(database: Database[Document], settings: MongoSettings) -> MongoGoals:
    return MongoGoals(database, settings)


@pytest.fixture
def wallet(database: Database[Document], settings: MongoSettings) -> MongoWallet:
    return MongoWallet(database, settings)


@pytest.fixture
def two_payers(wallet: MongoWallet) -> None:
    """VIEWER and VIEWER_2 have 100 each."""
    for viewer_id in (VIEWER, VIEWER_2):
        wallet.credit(viewer_id, 100)


@pytest.fixture
def each_interrupted(wallet: MongoWallet, database: Database[Document], settings: MongoSettings) -> EachInterrupted:
    return interrupting(wallet, database, settings)


@pytest.fixture
def folds_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A goal folds what it has counted after three payments."""
    monkeypatch.setattr(counting, "FOLD", 3)


@pytest.fixture(scope="session")
def watched(servers: Servers) -> Iterator[tuple[MongoClient[Document], Commands]]:
    commands = Commands()
    with MongoClient[Document](servers.mongodb_uri, event_listeners=[commands]) as client:
        yield client, commands


@pytest.fixture
def commands(watched: tuple[MongoClient[Document], Commands]) -> Commands:
    """The commands that this test sends through ``watched_database``."""
    commands = watched[1]
    commands.clear()
    return commands


@pytest.fixture
def watched_database(
    watched: tuple[MongoClient[Document], Commands], database: Database[Document]
) -> Database[Document]:
    """The test's database through a client that records every command in ``commands``."""
    return watched[0][database.name]
