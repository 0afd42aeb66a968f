from __future__ import annotations

import pytest
from pymongo.database import Database

from show_goal.adapters.memory import MemoryRtcSources
from show_goal.adapters.mongo import MongoRtcSources, MongoSettings
from show_goal.testing.conformance import RtcSourcesConformance, RtcSourcesUnderTest
from tests.adapters.mongo.documents import Document


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
