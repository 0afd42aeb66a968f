"""The exact documents of the neighbouring goals in ``sessions``, and of ``rtc_sources``."""

from __future__ import annotations

from typing import Any

import pytest
from bson import DBRef, ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoRtcSources, MongoSessions, MongoSettings
from show_goal.core.model import Claim
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER

from .documents import Document
from .test_session_documents import PLATFORMS, found, stored

FIRST, SECOND = (Claim(goal_id=goal_id, exp=EXP) for goal_id in (GOAL, GOAL_2))
FORMS = [ObjectId(GOAL), GOAL, DBRef("goals", ObjectId(GOAL))]


@pytest.fixture
def sessions(mongo_database: Database[Document], settings: MongoSettings) -> MongoSessions:
    return MongoSessions(mongo_database, settings)


def test_shows_as_they_are_written(sessions: MongoSessions, mongo_database: Database[Document]) -> None:
    stored(mongo_database, show_goal_pairs=None)
    sessions.bind_show_funding_goal(SESSION, FIRST, NOW)
    assert found(mongo_database) == {**PLATFORMS, "show_goal_pairs": [{"funding_goal": ObjectId(GOAL)}]}
    sessions.bind_show_goal(SESSION, SECOND, NOW, funding_goal=GOAL)
    for goal_id in (GOAL, GOAL_2):
        sessions.end_embedded_goal(SESSION, goal_id, ended=EXP)
    pair = {"funding_goal": ObjectId(GOAL), "show_goal": ObjectId(GOAL_2), "funding_ended": EXP, "show_ended": EXP}
    assert found(mongo_database) == {**PLATFORMS, "show_goal_pairs": [pair]}


def test_a_karaoke_goal_as_it_is_written(sessions: MongoSessions, mongo_database: Database[Document]) -> None:
    stored(mongo_database)
    sessions.bind_karaoke_goal(SESSION, FIRST, NOW)
    sessions.progress_karaoke_goal(SESSION, GOAL, 3)
    sessions.end_embedded_goal(SESSION, GOAL, ended=EXP)
    written = {"goal": ObjectId(GOAL), "progress": 3, "goal_ended": EXP}
    assert found(mongo_database) == {**PLATFORMS, "karaoke_goal": written}


def test_an_exclusive_pair_as_it_is_written(sessions: MongoSessions, mongo_database: Database[Document]) -> None:
    stored(mongo_database)
    sessions.bind_trigger_exclusive_goal(SESSION, FIRST, NOW, viewer_id="a.$b")
    sessions.bind_exclusive_goal(SESSION, SECOND, NOW, viewer_id="a.$b", trigger_exclusive_goal=GOAL)
    for goal_id in (GOAL, GOAL_2):
        sessions.end_embedded_goal(SESSION, goal_id, ended=EXP)
    pair = {
        "trigger_exclusive_goal": ObjectId(GOAL),
        "exclusive_goal": ObjectId(GOAL_2),
        "trigger_exclusive_ended": EXP,
        "exclusive_ended": EXP,
    }
    assert found(mongo_database) == {**PLATFORMS, "exclusive_goal_pairs": {"a%2E%24b": pair}}


def test_the_last_pair_that_is_dropped_leaves_no_pair(
    sessions: MongoSessions, mongo_database: Database[Document]
) -> None:
    stored(mongo_database)
    sessions.bind_trigger_exclusive_goal(SESSION, FIRST, NOW, viewer_id=VIEWER)
    sessions.drop_exclusive_goal_pair(SESSION, VIEWER, GOAL)
    sessions.end_embedded_goal(SESSION, GOAL, ended=NOW)
    assert found(mongo_database) == {**PLATFORMS, "exclusive_goal_pairs": {}}


def test_ending_adds_nothing_to_a_session_without_neighbours(
    sessions: MongoSessions, mongo_database: Database[Document]
) -> None:
    stored(mongo_database)
    sessions.end_embedded_goal(SESSION, GOAL, ended=NOW)
    assert found(mongo_database) == PLATFORMS


@pytest.mark.parametrize("reference", FORMS, ids=["object id", "text", "reference"])
def test_what_other_tools_wrote_is_recognised_and_kept(
    sessions: MongoSessions, mongo_database: Database[Document], reference: Any
) -> None:
    stored(
        mongo_database,
        show_goal_pairs=[{"funding_goal": reference, "note": "kept"}],
        karaoke_goal={"goal": reference, "note": "kept"},
        exclusive_goal_pairs={VIEWER: {"trigger_exclusive_goal": reference, "note": "kept"}},
    )
    before = found(mongo_database)
    assert sessions.bind_show_funding_goal(SESSION, FIRST, NOW) is not None
    assert sessions.bind_karaoke_goal(SESSION, FIRST, NOW) is not None
    assert sessions.bind_trigger_exclusive_goal(SESSION, FIRST, NOW, viewer_id=VIEWER) is not None
    assert found(mongo_database) == before, "it stands there already"

    assert sessions.bind_show_goal(SESSION, SECOND, NOW, funding_goal=GOAL) is not None
    sessions.bind_exclusive_goal(SESSION, SECOND, NOW, viewer_id=VIEWER, trigger_exclusive_goal=GOAL)
    sessions.end_embedded_goal(SESSION, GOAL, ended=NOW)

    after = found(mongo_database)
    assert [after["show_goal_pairs"][0][name] for name in ("note", "funding_ended")] == ["kept", NOW]
    assert [after["karaoke_goal"][name] for name in ("note", "goal_ended")] == ["kept", NOW]
    pair = after["exclusive_goal_pairs"][VIEWER]
    assert [pair[name] for name in ("note", "trigger_exclusive_ended")] == ["kept", NOW]


def test_stopped_snapshots_as_they_are_written(mongo_database: Database[Document], settings: MongoSettings) -> None:
    sources = MongoRtcSources(mongo_database, settings)
    for goal_id in (GOAL, GOAL_2):
        sources.stop_snapshots(STREAMER, goal_id)
    sources.resume_snapshots(STREAMER, GOAL)
    assert [*mongo_database["rtc_sources"].find()] == [{"_id": STREAMER, "stopped_by": [GOAL_2]}]
