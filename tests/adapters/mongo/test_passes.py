"""The documents of ``passes``, and the passes that version 0.1 left in the session's document."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from show_goal.adapters.mongo import MongoPasses, MongoSettings, move_old_passes
from show_goal.core.model import ViewerPass
from tests.builders import GOAL, GOAL_2, NOW, SESSION, VIEWER, VIEWER_2

from .commands import Commands
from .documents import PLATFORMS, Document, found, stored

LATER = NOW + timedelta(seconds=1)
PASS = ViewerPass(nbf=NOW, duration=90)
ODD = "a.$b"


def old(nbf: Any = NOW, duration: Any = 90) -> Document:
    """A pass as version 0.1 wrote it."""
    return {"nbf": nbf, "duration": duration, "exp": nbf + timedelta(seconds=duration)}


OLD = {VIEWER: old(), "a%2E%24b": old(duration=1)}


@pytest.fixture
def passes(database: Database[Document], settings: MongoSettings) -> MongoPasses:
    return MongoPasses(database, settings)


def all_passes(database: Database[Document]) -> list[Document]:
    return [*database["passes"].find()]


def test_a_pass_as_it_is_written_D36(passes: MongoPasses, database: Database[Document]) -> None:
    stored(database)
    passes.admit(SESSION, GOAL, {VIEWER: PASS}, NOW)
    bought = {"goal_id": GOAL, "nbf": NOW, "duration": 90, "refunded": False}
    assert all_passes(database) == [
        {"_id": {"session_id": SESSION, "viewer_id": VIEWER}, **old(), "bought": [bought], "version": 1}
    ]
    assert found(database) == PLATFORMS, "nothing in the session's document grows with the number of viewers"


def test_a_hundred_passes_are_two_commands_and_a_repeat_is_one(
    watched_database: Database[Document], settings: MongoSettings, commands: Commands
) -> None:
    passes = MongoPasses(watched_database, settings)
    for _ in range(2):
        passes.admit(SESSION, GOAL, {f"viewer {number}": PASS for number in range(100)}, NOW)
    passes.admit(SESSION, GOAL, {}, NOW)
    assert commands.names == ["find", "update", "find"]


def test_a_pass_as_it_was_before_it_added_up_stays_and_the_later_one_counts(
    passes: MongoPasses, database: Database[Document]
) -> None:
    key = {"session_id": SESSION, "viewer_id": VIEWER}
    database["passes"].insert_one({"_id": key, **old()})
    assert passes.find(SESSION, VIEWER) == PASS
    passes.admit(SESSION, GOAL, {VIEWER: PASS}, NOW)
    assert passes.find(SESSION, VIEWER) == PASS, "it may be for the same goal"
    passes.admit(SESSION, GOAL_2, {VIEWER: ViewerPass(nbf=LATER, duration=60)}, NOW)
    assert passes.find(SESSION, VIEWER) == ViewerPass(nbf=NOW, duration=150)


def test_one_pass_that_cannot_be_written_keeps_no_other_from_being_written_D43(
    passes: MongoPasses, database: Database[Document]
) -> None:
    database.command("collMod", "passes", validator={"_id.viewer_id": {"$ne": VIEWER}})
    with pytest.raises(BulkWriteError, match="failed validation"):
        passes.admit(SESSION, GOAL, {VIEWER: PASS, VIEWER_2: PASS}, NOW)
    database.command("collMod", "passes", validator={})
    assert passes.find(SESSION, VIEWER_2) == PASS


@pytest.mark.parametrize("viewers", [None, 7, "text", [], [old()], ["x"], {}, {"x": 1}])
def test_whatever_a_host_keeps_in_viewers_is_in_nobodys_way_M4(
    passes: MongoPasses, database: Database[Document], settings: MongoSettings, viewers: object
) -> None:
    stored(database, viewers=viewers)
    assert passes.find(SESSION, "x") is None
    passes.admit(SESSION, GOAL, {"x": PASS}, NOW)
    assert passes.find(SESSION, "x") == PASS
    assert move_old_passes(database, settings, 10).items == []
    assert found(database) == {**PLATFORMS, "viewers": viewers}


def test_a_pass_of_version_0_1_is_found(passes: MongoPasses, database: Database[Document]) -> None:
    stored(database, viewers=OLD)
    assert passes.find(SESSION, VIEWER) == PASS
    assert passes.find(SESSION, ODD) == ViewerPass(nbf=NOW, duration=1)
    assert passes.find(SESSION, VIEWER_2) is None


@pytest.mark.parametrize(("here", "there"), [(NOW, LATER), (LATER, NOW)])
def test_of_two_passes_the_later_one_counts_while_versions_run_side_by_side(
    passes: MongoPasses, database: Database[Document], here: Any, there: Any
) -> None:
    stored(database, viewers={VIEWER: old(there)})
    passes.admit(SESSION, GOAL, {VIEWER: ViewerPass(nbf=here, duration=90)}, NOW)
    assert passes.find(SESSION, VIEWER) == ViewerPass(nbf=LATER, duration=90)


def test_a_refund_takes_back_no_pass_that_does_not_say_which_goal_it_is_for_moved_or_not_D36(
    passes: MongoPasses, database: Database[Document], settings: MongoSettings
) -> None:
    stored(database, viewers=OLD)
    passes.take_back(SESSION, GOAL, [VIEWER], NOW)
    assert passes.find(SESSION, VIEWER) == PASS
    move_old_passes(database, settings, 10)
    passes.take_back(SESSION, GOAL_2, [VIEWER], NOW)
    assert passes.find(SESSION, VIEWER) == PASS


def test_old_passes_are_moved_once(passes: MongoPasses, database: Database[Document], settings: MongoSettings) -> None:
    note = {"not": "a pass"}
    stored(database, viewers={**OLD, "note": note})
    passes.admit(SESSION, GOAL, {VIEWER: ViewerPass(nbf=LATER, duration=5)}, NOW)
    assert move_old_passes(database, settings, 10).items == [SESSION]
    assert found(database) == {**PLATFORMS, "viewers": {"note": note}}
    assert passes.find(SESSION, VIEWER) == PASS, "the one that ends later counts"
    assert passes.find(SESSION, ODD) == ViewerPass(nbf=NOW, duration=1)
    assert move_old_passes(database, settings, 10).items == []


def test_a_crowd_of_old_passes_is_moved_and_the_field_goes(
    passes: MongoPasses, database: Database[Document], settings: MongoSettings
) -> None:
    stored(database, viewers={f"viewer{number}": old(duration=number) for number in range(1_200)})
    move_old_passes(database, settings, 1)
    assert found(database) == PLATFORMS
    assert len(all_passes(database)) == 1_200
    assert passes.find(SESSION, "viewer1199") == ViewerPass(nbf=NOW, duration=1_199)


def test_old_passes_are_moved_page_by_page(database: Database[Document], settings: MongoSettings) -> None:
    ids = [f"5e57{number:020x}" for number in range(5)]
    database["sessions"].insert_many({"_id": ObjectId(_id), "viewers": OLD} for _id in ids)
    moved, after = list[str](), None
    while True:
        page = move_old_passes(database, settings, 2, after)
        assert len(page.items) <= 2
        moved, after = [*moved, *page.items], page.next
        if after is None:
            break
    assert moved == ids


def test_a_pass_that_version_0_1_writes_meanwhile_is_not_lost(
    passes: MongoPasses, database: Database[Document], settings: MongoSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(database, viewers=OLD)
    admit = "show_goal.adapters.mongo.passes._change"

    def written_meanwhile(*args: Any) -> None:
        monkeypatch.undo()
        database["sessions"].update_one({"_id": ObjectId(SESSION)}, {"$set": {f"viewers.{VIEWER_2}": old(LATER)}})

    monkeypatch.setattr(admit, written_meanwhile)
    assert move_old_passes(database, settings, 10).items == []
    assert move_old_passes(database, settings, 10).items == [SESSION]
    assert passes.find(SESSION, VIEWER_2) == ViewerPass(nbf=LATER, duration=90)
