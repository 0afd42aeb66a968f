"""The wallet and its books: in memory, and on MongoDB with and without a replica set."""

from __future__ import annotations

import pytest
from pymongo.database import Database

from show_goal.adapters.memory import MemoryWallet
from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.testing.conformance import BooksConformance, BooksUnderTest, WalletConformance, WalletUnderTest
from tests.adapters.mongo.documents import Document


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


class TestMongoWalletOnOneServer(TestMongoWallet):
    @pytest.fixture
    def mongo_database(self, lone_database: Database[Document]) -> Database[Document]:
        return lone_database


class TestMongoBooksOnOneServer(TestMongoBooks):
    @pytest.fixture
    def mongo_database(self, lone_database: Database[Document]) -> Database[Document]:
        return lone_database
