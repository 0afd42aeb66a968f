"""What a session is fetched with is its last goal, whether the list was read for it or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSessions, MongoSettings
from show_goal.adapters.mongo.session_documents import QUICK_SESSION_FIELDS, SESSION_FIELDS, read_session
from show_goal.core.model import Claim, Session
from tests.builders import GOAL, SESSION, a_session

from .commands import Commands
from .documents import Document, session_document

NOW = datetime.now(UTC).replace(microsecond=0)  # the server's clock is asked
SOON, LATER = NOW + timedelta(seconds=30), NOW + timedelta(hours=6)
OTHER = "60a100000000000000000009"
ENDED = NOW - timedelta(minutes=5)

Change = Callable[[MongoSessions], object]


@pytest.fixture
def sessions(
    watched_database: Database[Document], settings: MongoSettings, mongo_database: Database[Document]
) -> MongoSessions:
    """A session that has had another goal before."""
    past = Session.TriggerPrivateGoal(goal=OTHER, goal_ended=ENDED, goal_agreed=ENDED)
    mongo_database["sessions"].insert_one(session_document(a_session(trigger_private_goal=past)))
    return MongoSessions(watched_database, settings)


def claimed(sessions: MongoSessions, exp: datetime | None = LATER) -> Claim:
    claim = Claim(goal_id=GOAL, exp=exp)
    assert sessions.claim(SESSION, claim, NOW) == claim
    return claim


def bound(sessions: MongoSessions, exp: datetime | None = LATER) -> None:
    assert sessions.bind_trigger_private_goal(SESSION, claimed(sessions, exp), NOW) is not None


def ended(sessions: MongoSessions, at: datetime = NOW, exp: datetime | None = LATER) -> None:
    bound(sessions, exp)
    sessions.end_trigger_private_goal(SESSION, GOAL, ended=at, agreed=at)


def bound_again(sessions: MongoSessions) -> None:
    ended(sessions, NOW - timedelta(seconds=1))
    claim = Claim(goal_id="60a100000000000000000008", exp=LATER)
    sessions.claim(SESSION, claim, NOW)
    sessions.bind_trigger_private_goal(SESSION, claim, NOW)


CHANGES: dict[str, tuple[Change, bool]] = {
    "never claimed": (lambda _: None, True),
    "claimed": (claimed, True),
    "bound": (bound, False),
    "bound without exp": (lambda sessions: bound(sessions, exp=None), False),
    "bound and soon over": (lambda sessions: bound(sessions, exp=SOON), True),
    "ended": (ended, True),
    "ended by a clock that is ahead": (lambda sessions: ended(sessions, at=SOON), True),
    "ended without exp": (lambda sessions: ended(sessions, exp=None), True),
    "bound again": (bound_again, False),
}
"""What has happened, and whether the list has to be read."""


@pytest.mark.parametrize("state", CHANGES)
def test_it_is_the_lists_last_element(sessions: MongoSessions, mongo_database: Database[Document], state: str) -> None:
    change, _ = CHANGES[state]
    change(sessions)
    whole = mongo_database["sessions"].find_one({"_id": ObjectId(SESSION)}, SESSION_FIELDS)
    assert whole is not None
    fetched = sessions.fetch_active(SESSION)
    assert fetched is not None
    assert fetched == read_session(whole)


@pytest.mark.parametrize("state", CHANGES)
def test_the_list_is_read_only_where_the_claim_does_not_say(
    sessions: MongoSessions, mongo_database: Database[Document], state: str
) -> None:
    change, reads = CHANGES[state]
    change(sessions)
    document = mongo_database["sessions"].find_one({"_id": ObjectId(SESSION)}, QUICK_SESSION_FIELDS)
    assert document is not None
    assert ("trigger_private_goals" in document) is reads


def test_a_session_without_any_list_has_no_last_goal(
    sessions: MongoSessions, mongo_database: Database[Document], commands: Commands
) -> None:
    mongo_database["sessions"].update_one({"_id": ObjectId(SESSION)}, {"$unset": {"trigger_private_goals": True}})
    fetched = sessions.fetch_active(SESSION)
    assert fetched is not None
    assert fetched.trigger_private_goal is None
    assert commands.names == ["find"]
