"""Sessions, with their private goals and with the neighbouring goals in them: in memory and on MongoDB."""

from __future__ import annotations

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.memory import MemorySessions
from show_goal.adapters.mongo import MongoSessions, MongoSettings
from show_goal.core.model import Session
from show_goal.testing.conformance import (
    SessionGoalsConformance,
    SessionGoalsUnderTest,
    SessionsConformance,
    SessionsUnderTest,
)
from tests.adapters.mongo.documents import (
    Document,
    read_exclusive_goal_pairs,
    read_karaoke_goal,
    read_show_goal_pairs,
    session_document,
)


class TestMemorySessions(SessionsConformance):
    @pytest.fixture
    def under_test(self) -> SessionsUnderTest:
        sessions = MemorySessions()
        return SessionsUnderTest(
            sessions=sessions,
            store=sessions.add,
            private_goals=sessions.private_goals,
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


class Documents:
    """The session documents of a database."""

    def __init__(self, database: Database[Document]) -> None:
        self._stored = database["sessions"]

    def store(self, session: Session) -> None:
        self._stored.insert_one(session_document(session))

    def get(self, session_id: str) -> Document:
        found = self._stored.find_one({"_id": ObjectId(session_id)})
        assert found is not None
        return found

    def private_goals(self, session_id: str) -> list[Session.TriggerPrivateGoal]:
        elements = self.get(session_id)["trigger_private_goals"]
        return [Session.TriggerPrivateGoal(**{**element, "goal": str(element["goal"])}) for element in elements]


@pytest.fixture
def documents(mongo_database: Database[Document]) -> Documents:
    return Documents(mongo_database)


@pytest.fixture
def mongo_sessions(mongo_database: Database[Document], mongo_settings: MongoSettings) -> MongoSessions:
    return MongoSessions(mongo_database, mongo_settings)


class TestMongoSessions(SessionsConformance):
    @pytest.fixture
    def under_test(self, mongo_sessions: MongoSessions, documents: Documents) -> SessionsUnderTest:
        return SessionsUnderTest(
            sessions=mongo_sessions,
            store=documents.store,
            private_goals=documents.private_goals,
        )


class TestMongoSessionGoals(SessionGoalsConformance):
    @pytest.fixture
    def under_test(self, mongo_sessions: MongoSessions, documents: Documents) -> SessionGoalsUnderTest:
        return SessionGoalsUnderTest(
            sessions=mongo_sessions,
            store=documents.store,
            show_goal_pairs=lambda session_id: read_show_goal_pairs(documents.get(session_id)),
            karaoke_goal=lambda session_id: read_karaoke_goal(documents.get(session_id)),
            exclusive_goal_pairs=lambda session_id: read_exclusive_goal_pairs(documents.get(session_id)),
        )
