"""The stores of one method or two: cache, feed, snapshots, sweeps and tracked events, in memory and on MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest
from pymongo.database import Database

from show_goal.adapters.memory import (
    MemoryChannelCache,
    MemoryFeed,
    MemoryJournal,
    MemoryRtcSources,
    MemorySweeps,
    MemoryTracker,
)
from show_goal.adapters.mongo import (
    MongoChannelCache,
    MongoFeed,
    MongoGoals,
    MongoJournal,
    MongoPasses,
    MongoRtcSources,
    MongoSettings,
    MongoSweeps,
    MongoTracker,
)
from show_goal.testing.conformance import (
    ChannelCacheConformance,
    ChannelCacheUnderTest,
    FeedConformance,
    FeedUnderTest,
    JournalConformance,
    JournalUnderTest,
    RtcSourcesConformance,
    RtcSourcesUnderTest,
    SweepsConformance,
    TrackerConformance,
    TrackerUnderTest,
)
from tests.adapters.mongo.documents import Document
from tests.contracts.far_ends import memory_journal


def tracked_in(database: Database[Document], occurrence: str) -> Mapping[str, Mapping[str, object]]:
    found = [*database["tracked_goals"].find({"_id.occurrence": occurrence})]
    by_event = {document["_id"]["event"]: document["properties"] for document in found}
    assert len(by_event) == len(found), "an event was recorded twice"
    return by_event


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


class TestMemoryRtcSources(RtcSourcesConformance):
    @pytest.fixture
    def under_test(self) -> RtcSourcesUnderTest:
        rtc_sources = MemoryRtcSources()
        return RtcSourcesUnderTest(rtc_sources=rtc_sources, stopped=rtc_sources.stopped)


class TestMongoRtcSources(RtcSourcesConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> RtcSourcesUnderTest:
        rtc_sources = MongoRtcSources(mongo_database, mongo_settings)
        return RtcSourcesUnderTest(rtc_sources=rtc_sources, stopped=rtc_sources.stopped)


class TestMemoryTracker(TrackerConformance):
    @pytest.fixture
    def under_test(self) -> TrackerUnderTest:
        tracker = MemoryTracker()
        return TrackerUnderTest(
            tracker=tracker,
            tracked=lambda occurrence: {
                event: properties for (event, which), properties in tracker.tracked.items() if which == occurrence
            },
        )


class TestMongoTracker(TrackerConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> TrackerUnderTest:
        tracked = partial(tracked_in, mongo_database)
        return TrackerUnderTest(tracker=MongoTracker(mongo_database, mongo_settings), tracked=tracked)


class TestMemorySweeps(SweepsConformance):
    @pytest.fixture
    def under_test(self) -> MemorySweeps:
        return MemorySweeps()


class TestMongoSweeps(SweepsConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> MongoSweeps:
        return MongoSweeps(mongo_database, mongo_settings)


class TestMemoryJournal(JournalConformance):
    @pytest.fixture
    def under_test(self) -> JournalUnderTest:
        return memory_journal(MemoryJournal())


class TestMongoJournal(JournalConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> JournalUnderTest:
        of = mongo_database, mongo_settings
        return JournalUnderTest(
            journal=MongoJournal(*of),
            feed=MongoFeed(*of),
            tracker=MongoTracker(*of),
            goals=MongoGoals(*of),
            passes=MongoPasses(*of),
            tracked=partial(tracked_in, mongo_database),
        )
