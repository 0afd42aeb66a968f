"""``show-goal forget``: on MongoDB nothing but the books names the person any more."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pymongo.database import Database
from pytest_mock import MockerFixture

from show_goal.adapters.mongo import MongoSettings
from show_goal.cli.commands import show_goal
from show_goal.ports.errors import StoreUnavailable
from tests.builders import EXP, STREAMER, VIEWER, VIEWER_2
from tests.cli.stages import in_place, on_mongo
from tests.world import World

DAY = timedelta(days=1)
BOOKS = {"accounts", "transactions"}
"""They name who paid whom, for as long as the law wants them kept."""


@pytest.fixture
def world(shared_database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> World:
    """VIEWER and VIEWER_2 have paid for a show that has begun."""
    world = on_mongo(shared_database, MongoSettings(database=shared_database.name, timeout_ms=30_000))
    in_place(monkeypatch, world)
    accepted = [world.invite(viewer_id) for viewer_id in (VIEWER, VIEWER_2)]
    world.run_due()
    world.agree(accepted[0].goal_id)
    world.switch_preset("sd")
    return world


def forget(user_id: str, *arguments: str, says: str = "") -> Result:
    return CliRunner().invoke(show_goal, ["forget", user_id, *arguments], input=says)


def naming(database: Database[dict[str, Any]], user_id: str) -> set[str]:
    """The collections that name the user anywhere."""
    return {name for name in database.list_collection_names() if user_id in str([*database[name].find()])}


def test_nothing_but_the_books_names_who_was_forgotten_H5(
    world: World, shared_database: Database[dict[str, Any]]
) -> None:
    world.wait(60)
    books = {name: [*shared_database[name].find()] for name in BOOKS}
    assert naming(shared_database, VIEWER) > BOOKS
    forgotten = forget(VIEWER, "--yes")
    told = "Forgotten: goals: 1, statistics: 3, claims: 1, passes: 1.\n"
    assert (forgotten.exit_code, forgotten.stdout) == (0, told)
    assert naming(shared_database, VIEWER) == BOOKS
    assert {name: [*shared_database[name].find()] for name in BOOKS} == books
    assert world.container.books().audit(EXP).problems == []
    assert forget(VIEWER, "--yes").stdout == "There was nothing to forget.\n"


def test_a_streamer_is_named_by_the_books_and_the_hosts_sessions_only(
    world: World, shared_database: Database[dict[str, Any]]
) -> None:
    world.wait(60)
    assert forget(STREAMER, "--yes", "--json").exit_code == 0
    assert naming(shared_database, STREAMER) == {*BOOKS, "sessions"}


def test_who_has_money_held_is_not_forgotten(world: World) -> None:
    result = forget(VIEWER, "--yes", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"failures": ["90 of this user's money is still held"]}


def test_a_goal_that_is_not_settled_is_left_and_told(world: World) -> None:
    result = forget(STREAMER, "--yes", "--json")
    assert (result.exit_code, json.loads(result.stdout)["left"]) == (1, 1)
    assert "still with the user's name: 1 goal. Repeat this" in result.stderr


def test_it_asks_first(world: World) -> None:
    world.wait(60)
    no, yes = forget(VIEWER, says="n\n"), forget(VIEWER, says="y\n")
    assert "It cannot be undone. [y/N]" in no.stderr
    assert (no.exit_code, yes.exit_code) == (1, 0)


def test_a_run_that_broke_off_is_completed_with_the_same_alias(
    world: World, shared_database: Database[dict[str, Any]], mocker: MockerFixture
) -> None:
    world.wait(60)
    target = "show_goal.adapters.mongo.forgetting.Forgetting._statistics"
    broken = mocker.patch(target, side_effect=StoreUnavailable("MongoDB did not answer"))
    assert forget(VIEWER, "--yes").exit_code == 1
    mocker.stop(broken)
    assert forget(VIEWER, "--yes").exit_code == 0
    assert naming(shared_database, VIEWER) == BOOKS
    (goal,) = shared_database["goals"].find()
    assert naming(shared_database, goal["metadata"]["triggered_by"]) == {"goals", "sessions", "tracked_goals"}


def test_feed_and_statistics_are_kept_for_so_long(shared_database: Database[dict[str, Any]]) -> None:
    """The server deletes what is past ``forget_at``: it looks once a minute."""
    world = on_mongo(shared_database, MongoSettings(database=shared_database.name, timeout_ms=30_000, retention=DAY))
    world.invite()
    world.run_due()
    for name in ("livestream_feed", "tracked_goals"):
        kept = [document["forget_at"] - document["at"] for document in shared_database[name].find()]
        assert {*kept} == {DAY}
        (index,) = [each for each in shared_database[name].list_indexes() if "expireAfterSeconds" in each]
        assert (index["key"], index["expireAfterSeconds"]) == ({"forget_at": 1}, 0)


def test_a_goal_of_version_0_1_is_forgotten_too(world: World, shared_database: Database[dict[str, Any]]) -> None:
    """It does not have our list of payments, if nobody has paid since."""
    world.wait(60)
    shared_database["goals"].update_many({}, {"$unset": {"counting": ""}})
    assert forget(VIEWER, "--yes").exit_code == 0
    assert naming(shared_database, VIEWER) == BOOKS
