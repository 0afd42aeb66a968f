"""The requests with a key, in memory and on MongoDB."""

from __future__ import annotations

import pytest
from pymongo.database import Database

from show_goal.adapters.memory import MemoryKeyedRequests
from show_goal.adapters.mongo import MongoKeyedRequests, MongoSettings
from show_goal.testing.conformance import KeyedRequestsConformance
from tests.adapters.mongo.documents import Document


class TestMemoryKeyedRequests(KeyedRequestsConformance):
    @pytest.fixture
    def under_test(self) -> MemoryKeyedRequests:
        return MemoryKeyedRequests()


class TestMongoKeyedRequests(KeyedRequestsConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> MongoKeyedRequests:
        return MongoKeyedRequests(mongo_database, mongo_settings)
