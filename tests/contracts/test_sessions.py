from __future__ import annotations

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.memory import MemorySessions
from show_goal.adapters.mongo import MongoSessions, MongoSettings
from show_goal.adapters.mongo.encoding import field_text
from show_goal.core.model import Session, ViewerPass
from show_goal.testing.conformance import SessionsConformance, SessionsUnderTest
from tests.adapters.mongo.documents import Document, session_document


class TestMemorySessions(SessionsConformance):
    @pytest.fixture
    def under_test(self) -> SessionsUnderTest:
        sessions = MemorySessions()
        return SessionsUnderTest(
            sessions=sessions,
            store=sessions.add,
            private_goals=sessions.private_goals,
            viewers=sessions.viewers,
        )


class TestMongoSessions(SessionsConformance):
    @pytest.fixture
    def under_test(self, mongo_database: Database[Document], mongo_settings: MongoSettings) -> SessionsUnderTest:
        stored = mongo_database["sessions"]

        def document(session_id: str) -> Document:
            found = stored.find_one({"_id": ObjectId(session_id)})
            assert found is not None
            return found

        def private_goals(session_id: str) -> list[Session.TriggerPrivateGoal]:
            elements = document(session_id)["trigger_private_goals"]
            return [Session.TriggerPrivateGoal(**{**element, "goal": str(element["goal"])}) for element in elements]

        def viewers(session_id: str) -> dict[str, ViewerPass]:
            passes = document(session_id).get("viewers", {})
            assert [stored["exp"] for stored in passes.values()] == [_read(stored).exp for stored in passes.values()]
            return {field_text(name): _read(stored) for name, stored in passes.items()}

        return SessionsUnderTest(
            sessions=MongoSessions(mongo_database, mongo_settings),
            store=lambda session: stored.insert_one(session_document(session)),
            private_goals=private_goals,
            viewers=viewers,
        )


def _read(stored: Document) -> ViewerPass:
    return ViewerPass(nbf=stored["nbf"], duration=stored["duration"])
