from __future__ import annotations

import pytest
from pymongo.database import Database

from show_goal.adapters.memory import MemoryFeed
from show_goal.adapters.mongo import MongoFeed, MongoSettings
from show_goal.testing.conformance import FeedConformance, FeedUnderTest
from tests.adapters.mongo.documents import Document


class TestMemoryFeed(FeedConformance):
    @pytest.fixture
    def under_test(self) -> FeedUnderTest:
        feed = MemoryFeed()
        return FeedUnderTest(
            feed=feed,
            entries=lambda streamer_id: [entry for (whose, _), entry in feed.entries.items() if whose == streamer_id],
        )


class TestMongoFeed(FeedConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> FeedUnderTest:
        feed = mongo_database["livestream_feed"]
        return FeedUnderTest(
            feed=MongoFeed(mongo_database, mongo_settings),
            entries=lambda streamer_id: [found["entry"] for found in feed.find({"_id.streamer_id": streamer_id})],
        )
