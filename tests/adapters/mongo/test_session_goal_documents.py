"""The exact documents of the neighbouring goals in ``sessions``, and of ``rtc_sources``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoRtcSources, MongoSessions, MongoSettings
from show_goal.core.model import Claim
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER

from .documents import PLATFORMS, REFERENCES, Document, found, stored

FIRST, SECOND = (Claim(goal_id=goal_id, exp=EXP) for goal_id in (GOAL, GOAL_2))


def end_both(sessions: MongoSessions) -> None:
    for goal_id in (GOAL, GOAL_2):
        sessions.end_embedded_goal(SESSION, goal_id, ended=EXP)


def show(sessions: MongoSessions) -> None:
    sessions.bind_show_funding_goal(SESSION, FIRST, NOW)
    sessions.bind_show_goal(SESSION, SECOND, NOW, funding_goal=GOAL)
    end_both(sessions)


def karaoke(sessions: MongoSessions) -> None:
    sessions.bind_karaoke_goal(SESSION, FIRST, NOW)
    sessions.progress_karaoke_goal(SESSION, GOAL, 3)
    end_both(sessions)


def exclusive(sessions: MongoSessions) -> None:
    sessions.bind_trigger_exclusive_goal(SESSION, FIRST, NOW, viewer_id="a.$b")
    sessions.bind_exclusive_goal(SESSION, SECOND, NOW, viewer_id="a.$b", trigger_exclusive_goal=GOAL)
    end_both(sessions)


def dropped(sessions: MongoSessions) -> None:
    sessions.bind_trigger_exclusive_goal(SESSION, FIRST, NOW, viewer_id=VIEWER)
    sessions.drop_exclusive_goal_pair(SESSION, VIEWER, GOAL)
    end_both(sessions)


SHOW = {"funding_goal": ObjectId(GOAL), "show_goal": ObjectId(GOAL_2), "funding_ended": EXP, "show_ended": EXP}
EXCLUSIVE = {
    "trigger_exclusive_goal": ObjectId(GOAL),
    "exclusive_goal": ObjectId(GOAL_2),
    "trigger_exclusive_ended": EXP,
    "exclusive_ended": EXP,
}


@pytest.mark.parametrize(
    ("before", "call", "after"),
    [
        ({"show_goal_pairs": None}, show, {"show_goal_pairs": [SHOW]}),
        ({}, karaoke, {"karaoke_goal": {"goal": ObjectId(GOAL), "progress": 3, "goal_ended": EXP}}),
        ({}, exclusive, {"exclusive_goal_pairs": {"a%2E%24b": EXCLUSIVE}}),
        ({}, dropped, {"exclusive_goal_pairs": {}}),
        ({}, end_both, {}),
        (
            {},
            lambda sessions: sessions.bind_show_funding_goal(SESSION, FIRST, NOW),
            {"show_goal_pairs": [{"funding_goal": ObjectId(GOAL)}]},
        ),
    ],
    ids=["show", "karaoke", "exclusive", "dropped pair", "end of goals that are not there", "funding"],
)
def test_neighbouring_goals_as_they_are_written(
    sessions: MongoSessions,
    database: Database[Document],
    before: Document,
    call: Callable[[MongoSessions], object],
    after: Document,
) -> None:
    stored(database, **before)
    call(sessions)
    assert found(database) == {**PLATFORMS, **after}


@pytest.mark.parametrize("form", REFERENCES.values(), ids=REFERENCES)
def test_references_that_other_tools_wrote_are_recognised_and_kept(
    sessions: MongoSessions, database: Database[Document], form: Any
) -> None:
    reference = form(GOAL)
    stored(
        database,
        show_goal_pairs=[{"funding_goal": reference, "note": "kept"}],
        karaoke_goal={"goal": reference, "note": "kept"},
        exclusive_goal_pairs={VIEWER: {"trigger_exclusive_goal": reference, "note": "kept"}},
    )
    before = found(database)
    assert sessions.bind_show_funding_goal(SESSION, FIRST, NOW) is not None
    assert sessions.bind_karaoke_goal(SESSION, FIRST, NOW) is not None
    assert sessions.bind_trigger_exclusive_goal(SESSION, FIRST, NOW, viewer_id=VIEWER) is not None
    assert found(database) == before, "each goal is in its place already"

    assert sessions.bind_show_goal(SESSION, SECOND, NOW, funding_goal=GOAL) is not None
    sessions.bind_exclusive_goal(SESSION, SECOND, NOW, viewer_id=VIEWER, trigger_exclusive_goal=GOAL)
    sessions.end_embedded_goal(SESSION, GOAL, ended=NOW)

    after = found(database)
    assert [after["show_goal_pairs"][0][name] for name in ("note", "funding_ended")] == ["kept", NOW]
    assert [after["karaoke_goal"][name] for name in ("note", "goal_ended")] == ["kept", NOW]
    pair = after["exclusive_goal_pairs"][VIEWER]
    assert [pair[name] for name in ("note", "trigger_exclusive_ended")] == ["kept", NOW]


def test_stopped_snapshots_as_they_are_written(database: Database[Document], settings: MongoSettings) -> None:
    sources = MongoRtcSources(database, settings)
    for goal_id in (GOAL, GOAL_2):
        sources.stop_snapshots(STREAMER, goal_id)
    sources.resume_snapshots(STREAMER, GOAL)
    assert [*database["rtc_sources"].find()] == [{"_id": STREAMER, "stopped_by": [GOAL_2]}]
