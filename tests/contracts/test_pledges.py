from __future__ import annotations

import pytest
from pymongo.database import Database

from show_goal.adapters.memory import MemoryWallet
from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.testing.conformance import PledgesConformance, PledgesUnderTest
from tests.adapters.mongo.documents import Document


class TestMemoryPledges(PledgesConformance):
    @pytest.fixture
    def under_test(self) -> PledgesUnderTest:
        wallet = MemoryWallet()
        return PledgesUnderTest(pledges=wallet, wallet=wallet, credit=wallet.credit)


class TestMongoPledges(PledgesConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> PledgesUnderTest:
        wallet = MongoWallet(mongo_database, mongo_settings)
        return PledgesUnderTest(pledges=wallet, wallet=wallet, credit=wallet.credit)


class TestMongoPledgesOnOneServer(TestMongoPledges):
    @pytest.fixture
    def mongo_database(self, lone_database: Database[Document]) -> Database[Document]:
        return lone_database
