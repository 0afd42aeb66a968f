"""The passes in memory and on MongoDB."""

from __future__ import annotations

import pytest
from pymongo.database import Database

from show_goal.adapters.memory import MemoryPasses
from show_goal.adapters.mongo import MongoPasses, MongoSettings
from show_goal.testing.conformance import PassesConformance
from tests.adapters.mongo.documents import Document


class TestMemoryPasses(PassesConformance):
    @pytest.fixture
    def under_test(self) -> MemoryPasses:
        return MemoryPasses()


class TestMongoPasses(PassesConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> MongoPasses:
        return MongoPasses(mongo_database, mongo_settings)
