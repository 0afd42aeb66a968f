"""A fetched session has the last goal of its list, also when the server did not read the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSessions, MongoSettings
from show_goal.adapters.mongo.session_documents import SessionDocuments
from show_goal.core.model import Claim
from tests.builders import GOAL, GOAL_2, SESSION

from .documents import Document, stored

NOW = datetime.now(UTC).replace(microsecond=0)  # the server compares with its own clock
SOON, LATER = NOW + timedelta(seconds=30), NOW + timedelta(hours=6)
PAST = {"goal": ObjectId(), "goal_ended": NOW - timedelta(minutes=5), "goal_agreed": None}


def claimed(sessions: MongoSessions, exp: datetime | None = LATER, goal_id: str = GOAL) -> Claim:
    claim = Claim(goal_id=goal_id, exp=exp)
    assert sessions.claim(SESSION, claim, NOW) == claim
    return claim


def bound(sessions: MongoSessions, exp: datetime | None = LATER, goal_id: str = GOAL) -> None:
    assert sessions.bind_trigger_private_goal(SESSION, claimed(sessions, exp, goal_id), NOW) is not None


def ended(sessions: MongoSessions, at: datetime = NOW, exp: datetime | None = LATER) -> None:
    bound(sessions, exp)
    sessions.end_trigger_private_goal(SESSION, GOAL, ended=at, agreed=at)


def bound_again(sessions: MongoSessions) -> None:
    ended(sessions, NOW - timedelta(seconds=1))
    bound(sessions, goal_id=GOAL_2)


@pytest.mark.parametrize(
    ("change", "reads"),
    [
        pytest.param(lambda _: None, True, id="never claimed"),
        pytest.param(claimed, True, id="claimed"),
        pytest.param(bound, False, id="bound"),
        pytest.param(lambda sessions: bound(sessions, exp=None), False, id="bound without exp"),
        pytest.param(lambda sessions: bound(sessions, exp=SOON), True, id="bound and soon over"),
        pytest.param(ended, True, id="ended"),
        pytest.param(lambda sessions: ended(sessions, at=SOON), True, id="ended by a clock that is ahead"),
        pytest.param(lambda sessions: ended(sessions, exp=None), True, id="ended without exp"),
        pytest.param(bound_again, False, id="bound again"),
    ],
)
def test_the_last_goal_is_the_lists_last_element_and_the_list_is_read_only_if_the_claim_does_not_name_it(
    sessions: MongoSessions, database: Database[Document], change: Callable[[MongoSessions], object], reads: bool
) -> None:
    stored(database, trigger_private_goals=[PAST])
    change(sessions)
    documents = SessionDocuments(MongoSettings())
    whole, quick = (database["sessions"].find_one({}, some) for some in (documents.fields, documents.quick_fields))
    assert whole is not None
    assert quick is not None
    assert sessions.fetch_active(SESSION) == documents.read(whole)
    assert ("trigger_private_goals" in quick) is reads
