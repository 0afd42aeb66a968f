from __future__ import annotations

import pytest
from attrs import evolve
from pymongo.database import Database

from show_goal.adapters.memory import MemoryGoals
from show_goal.adapters.mongo import MongoGoals, MongoSettings
from show_goal.testing.conformance import GoalsConformance
from tests.adapters.mongo.documents import Document


class TestMemoryGoals(GoalsConformance):
    @pytest.fixture
    def under_test(self) -> MemoryGoals:
        return MemoryGoals()


class TestMongoGoals(GoalsConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> MongoGoals:
        return MongoGoals(mongo_database, mongo_settings)


class TestMongoGoalsAsMongoengineWritesThem(GoalsConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> MongoGoals:
        return MongoGoals(mongo_database, evolve(mongo_settings, dotted_cls=True))
