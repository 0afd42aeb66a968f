from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from show_goal.adapters.memory import MemoryWallet
from show_goal.adapters.mongo import MongoSettings, MongoWallet, create_indexes
from show_goal.testing.conformance import WalletConformance, WalletUnderTest
from tests.adapters.mongo.documents import Document
from tests.adapters.mongo.lone_mongod import LoneMongod


class TestMemoryWallet(WalletConformance):
    @pytest.fixture
    def under_test(self) -> WalletUnderTest:
        wallet = MemoryWallet()
        return WalletUnderTest(wallet=wallet, credit=wallet.credit)


class TestMongoWallet(WalletConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> WalletUnderTest:
        wallet = MongoWallet(mongo_database, mongo_settings)
        return WalletUnderTest(wallet=wallet, credit=wallet.credit)


@pytest.fixture(scope="module")
def lone_client() -> Iterator[MongoClient[Document]]:
    with LoneMongod() as server, MongoClient[Document](server.uri, tz_aware=True) as client:
        yield client


class TestMongoWalletWithoutTransactions(TestMongoWallet):
    """On a server that is no replica set."""

    @pytest.fixture
    def mongo_database(self, lone_client: MongoClient[Document]) -> Iterator[Database[Document]]:
        database = lone_client[f"show_goal_{uuid4().hex}"]
        create_indexes(database, MongoSettings(timeout_ms=30_000))
        yield database
        lone_client.drop_database(database.name)
