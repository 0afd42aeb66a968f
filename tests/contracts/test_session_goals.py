from __future__ import annotations

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.memory import MemorySessions
from show_goal.adapters.mongo import MongoSessions, MongoSettings
from show_goal.testing.conformance import SessionGoalsConformance, SessionGoalsUnderTest
from tests.adapters.mongo.documents import (
    Document,
    read_exclusive_goal_pairs,
    read_karaoke_goal,
    read_show_goal_pairs,
    session_document,
)


class TestMemorySessionGoals(SessionGoalsConformance):
    @pytest.fixture
    def under_test(self) -> SessionGoalsUnderTest:
        sessions = MemorySessions()
        return SessionGoalsUnderTest(
            sessions=sessions,
            store=sessions.add,
            show_goal_pairs=sessions.show_goal_pairs,
            karaoke_goal=sessions.karaoke_goal,
            exclusive_goal_pairs=sessions.exclusive_goal_pairs,
        )


class TestMongoSessionGoals(SessionGoalsConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> SessionGoalsUnderTest:
        stored = mongo_database["sessions"]

        def document(session_id: str) -> Document:
            return stored.find_one({"_id": ObjectId(session_id)}) or {}

        return SessionGoalsUnderTest(
            sessions=MongoSessions(mongo_database, mongo_settings),
            store=lambda session: stored.insert_one(session_document(session)),
            show_goal_pairs=lambda session_id: read_show_goal_pairs(document(session_id)),
            karaoke_goal=lambda session_id: read_karaoke_goal(document(session_id)),
            exclusive_goal_pairs=lambda session_id: read_exclusive_goal_pairs(document(session_id)),
        )
