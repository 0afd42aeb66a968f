"""The wallet and its books: in memory, and on MongoDB with and without a replica set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from show_goal.adapters.memory import MemoryWallet
from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.testing.conformance import BooksConformance, BooksUnderTest, WalletConformance, WalletUnderTest
from tests.adapters.mongo.documents import Document
from tests.adapters.mongo.lone_mongod import LoneMongod

from .conftest import indexed_database


class TestMemoryWallet(WalletConformance):
    @pytest.fixture
    def under_test(self) -> WalletUnderTest:
        wallet = MemoryWallet()
        return WalletUnderTest(wallet=wallet, credit=wallet.credit)


class TestMemoryBooks(BooksConformance):
    @pytest.fixture
    def under_test(self) -> BooksUnderTest:
        wallet = MemoryWallet()
        return BooksUnderTest(books=wallet, wallet=wallet, credit=wallet.credit)


class TestMongoWallet(WalletConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> WalletUnderTest:
        wallet = MongoWallet(mongo_database, mongo_settings)
        return WalletUnderTest(wallet=wallet, credit=wallet.credit)


class TestMongoBooks(BooksConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> BooksUnderTest:
        wallet = MongoWallet(mongo_database, mongo_settings)
        return BooksUnderTest(books=wallet, wallet=wallet, credit=wallet.credit)


@pytest.fixture(scope="module")
def lone_database() -> Iterator[Database[Document]]:
    """On a server that is no replica set, and so has no transactions."""
    with (
        LoneMongod() as server,
        MongoClient[Document](server.uri, tz_aware=True) as client,
        indexed_database(client) as database,
    ):
        yield database


class TestMongoWalletWithoutTransactions(TestMongoWallet):
    @pytest.fixture
    def contracts_database(self, lone_database: Database[Document]) -> Database[Document]:
        return lone_database


class TestMongoBooksWithoutTransactions(TestMongoBooks):
    @pytest.fixture
    def contracts_database(self, lone_database: Database[Document]) -> Database[Document]:
        return lone_database
