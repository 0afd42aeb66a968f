from __future__ import annotations

from collections.abc import Mapping

import pytest
from pymongo.database import Database

from show_goal.adapters.memory import MemoryTracker
from show_goal.adapters.mongo import MongoSettings, MongoTracker
from show_goal.testing.conformance import TrackerConformance, TrackerUnderTest
from tests.adapters.mongo.documents import Document


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
        def tracked(occurrence: str) -> Mapping[str, Mapping[str, object]]:
            found = [*mongo_database["tracked_goals"].find({"_id.occurrence": occurrence})]
            by_event = {document["_id"]["event"]: document["properties"] for document in found}
            assert len(by_event) == len(found), "an event was recorded twice"
            return by_event

        return TrackerUnderTest(tracker=MongoTracker(mongo_database, mongo_settings), tracked=tracked)
