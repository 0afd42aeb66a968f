"""``show-goal end`` and ``show-goal refund``, in memory and on MongoDB."""

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
from show_goal.core.money import Balance
from show_goal.ports.errors import NotifierUnavailable
from tests.builders import EXP, GOAL, VIEWER
from tests.cli.stages import in_place, on_mongo
from tests.world import World

REASON = ["--reason", "ticket 17"]


@pytest.fixture(params=["memory", "mongo"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    if request.param == "memory":
        made = World.make()
    else:
        database: Database[dict[str, Any]] = request.getfixturevalue("shared_database")
        made = on_mongo(database, MongoSettings(database=database.name, timeout_ms=30_000))
    in_place(monkeypatch, made)
    return made


@pytest.fixture
def paid(world: World) -> tuple[str, str]:
    accepted = world.invite()
    world.run_due()
    return accepted.goal_id, accepted.transaction_id


def run(*arguments: str, says: str = "") -> Result:
    return CliRunner(env={"COLUMNS": None}).invoke(show_goal, [*arguments], input=says)  # piped, beside other tests too


def balance(world: World) -> Balance:
    """VIEWER's, if the books are right."""
    books = world.container.books()
    assert books.audit(EXP).problems == []
    return books.balance(VIEWER)


def test_a_goal_is_ended_and_its_money_goes_back(world: World, paid: tuple[str, str]) -> None:
    ended = run("end", paid[0], *REASON)
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert (
        ended.stdout == "The goal has ended. Its money goes back at 2026-01-01T00:01:00+00:00, or by the next sweep.\n"
    )
    world.wait(60)
    assert balance(world) == Balance(available=1_000)
    assert "an operator ended it: ticket 17" in run("why", paid[0]).stdout.splitlines()[0]


def test_a_goal_that_had_ended_stays_as_it_is(world: World, paid: tuple[str, str]) -> None:
    world.refuse(paid[0])
    again = run("end", paid[0], *REASON)
    assert (again.exit_code, again.stdout[:26]) == (0, "The goal had ended already")
    document = json.loads(run("end", paid[0], *REASON, "--json").stdout)
    assert document == {
        "goal_id": paid[0],
        "ended": "2026-01-01T00:00:00+00:00",
        "reason": None,
        "settled": "2026-01-01T00:01:00+00:00",
        "failures": [],
    }


def test_a_goal_has_ended_although_nobody_hears_it(world: World, paid: tuple[str, str], mocker: MockerFixture) -> None:
    away = NotifierUnavailable("Pusher did not answer")
    mocker.patch.object(world.notifier, "notify", autospec=True, side_effect=away)
    ended = run("end", paid[0], *REASON, "--json")
    assert (ended.exit_code, "Pusher did not answer" in ended.stderr) == (1, True)
    assert json.loads(ended.stdout)["reason"] == "ticket 17"


def test_a_refund_asks_first(world: World, paid: tuple[str, str]) -> None:
    no, yes = (run("refund", paid[1], *REASON, says=says) for says in ("n\n", "y\n"))
    assert f"Refund 90 to {VIEWER}? The goal {paid[0]} is ongoing. [y/N]" in no.stderr
    assert (no.exit_code, no.stdout) == (1, "")
    assert (yes.exit_code, yes.stdout) == (0, f"90 of {VIEWER} is refunded.\n")
    assert balance(world) == Balance(available=1_000)
    assert "an operator refunded it: ticket 17" in run("why", paid[1]).stdout.splitlines()[0]


def test_a_refund_that_is_repeated_gives_nothing_twice(world: World, paid: tuple[str, str]) -> None:
    documents = [json.loads(run("refund", paid[1], *REASON, "--yes", "--json").stdout) for _ in range(2)]
    assert documents == [{"transaction_id": paid[1], "state": "refunded", "amount": 90, "failures": []}] * 2
    assert balance(world) == Balance(available=1_000)


def test_what_the_streamer_has_is_not_refunded(world: World, paid: tuple[str, str]) -> None:
    world.agree(paid[0])
    world.switch_preset("sd")
    world.wait(60)
    result = run("refund", paid[1], *REASON, "--yes")
    assert result.exit_code == 1
    assert "has the money already. Give it back by a deposit." in result.stderr
    assert balance(world) == Balance(available=910)


def test_of_a_part_that_the_streamer_has_the_rest_went_back(world: World, paid: tuple[str, str]) -> None:
    world.container.wallet().release(paid[1], 30)
    result = run("refund", paid[1], *REASON, "--yes")
    assert (result.exit_code, result.stdout) == (1, f"30 of 90 of {VIEWER} is released, and 60 went back.\n")
    document = json.loads(run("refund", paid[1], *REASON, "--yes", "--json").stdout)
    assert (document["amount"], document["released"], document["refunded"]) == (90, 30, 60)
    assert balance(world) == Balance(available=970)


def test_a_refund_of_which_nobody_hears_has_moved_the_money(
    world: World, paid: tuple[str, str], mocker: MockerFixture
) -> None:
    away = NotifierUnavailable("Pusher did not answer")
    mocker.patch.object(world.notifier, "notify", autospec=True, side_effect=away)
    result = run("refund", paid[1], *REASON, "--yes", "--json")
    assert (result.exit_code, "Pusher did not answer" in result.stderr) == (1, True)
    assert json.loads(result.stdout)["state"] == "refunded"
    world.clock.advance(timedelta(seconds=1))
    assert balance(world) == Balance(available=1_000)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["end", GOAL, *REASON], "There is no goal with this id"),
        (["refund", "unknown", *REASON, "--yes"], "The wallet has no transaction of this id."),
    ],
)
def test_what_is_unknown_is_a_failure(world: World, command: list[str], says: str) -> None:
    result = run(*command, "--json")
    assert result.exit_code == 1
    assert says in result.stderr
    assert says in json.loads(result.stdout)["failures"][0]


@pytest.mark.parametrize("command", [["end", GOAL], ["refund", "unknown"]])
@pytest.mark.parametrize("reason", [[], ["--reason", " "]])
def test_a_reason_is_wanted(command: list[str], reason: list[str]) -> None:
    result = run(*command, *reason)
    assert result.exit_code == 2
    assert "--reason" in result.stderr
