from __future__ import annotations

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.memory import MemoryViewers
from show_goal.adapters.mongo import MongoSettings, MongoViewers
from show_goal.testing.conformance import ViewersConformance, ViewersUnderTest
from tests.adapters.mongo.documents import Document


class TestMemoryViewers(ViewersConformance):
    @pytest.fixture
    def under_test(self) -> ViewersUnderTest:
        viewers = MemoryViewers()
        return ViewersUnderTest(viewers=viewers, store=viewers.add)


class TestMongoViewers(ViewersConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> ViewersUnderTest:
        users = mongo_database["users"]
        return ViewersUnderTest(
            viewers=MongoViewers(mongo_database, mongo_settings),
            store=lambda viewer: users.insert_one({"_id": ObjectId(viewer.id), "tags": [*viewer.tags]}),
        )
