from __future__ import annotations

import pytest
from pymongo.database import Database

from show_goal.adapters.memory import MemoryChannelCache
from show_goal.adapters.mongo import MongoChannelCache, MongoSettings
from show_goal.testing.conformance import ChannelCacheConformance, ChannelCacheUnderTest
from tests.adapters.mongo.documents import Document


class TestMemoryChannelCache(ChannelCacheConformance):
    @pytest.fixture
    def under_test(self) -> ChannelCacheUnderTest:
        channel_cache = MemoryChannelCache()
        return ChannelCacheUnderTest(
            channel_cache=channel_cache,
            put=lambda channel: channel_cache.data.update({channel: "data"}),
            cached=lambda channel: channel in channel_cache.data,
        )


class TestMongoChannelCache(ChannelCacheConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> ChannelCacheUnderTest:
        data = mongo_database["pusher_channel_data"]
        return ChannelCacheUnderTest(
            channel_cache=MongoChannelCache(mongo_database, mongo_settings),
            put=lambda channel: data.insert_one({"_id": channel}),
            cached=lambda channel: data.find_one({"_id": channel}) is not None,
        )
