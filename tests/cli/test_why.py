"""``show-goal why`` answers "my money is gone" on one screen, in memory and on MongoDB."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dependency_injector.providers import Object
from pymongo.database import Database
from pymongo.errors import OperationFailure
from pytest_mock import MockerFixture

from show_goal.adapters.memory import MemoryWallet
from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.cli.commands import show_goal
from show_goal.ports.errors import StoreUnavailable, WalletUnavailable
from tests.black_box.platform import PATIENT, environment
from tests.builders import VIEWER
from tests.cli.stages import in_place, on_mongo
from tests.docs.test_code_blocks import ENVIRONMENT
from tests.servers import Servers
from tests.world import World

SCREEN = 24
HOSTS_OWN = World.make().container
NO_CONTAINER = object()


@pytest.fixture(params=["memory", "mongo"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    if request.param == "memory":
        made = World.make()
    else:
        database: Database[dict[str, Any]] = request.getfixturevalue("shared_database")
        made = on_mongo(database, MongoSettings(database=database.name, timeout_ms=30_000))
    in_place(monkeypatch, made)
    return made


def why(*arguments: str) -> Result:
    """Piped. A test that runs beside others has ``COLUMNS`` set."""
    return CliRunner(env={"COLUMNS": None}).invoke(show_goal, ["why", *arguments])


def paid(world: World) -> tuple[str, str]:
    accepted = world.invite()
    world.run_due()
    return accepted.goal_id, accepted.transaction_id


def refused_by_the_wallet(world: World, _: MockerFixture) -> tuple[str, str]:
    accepted = world.invite()
    world.container.books().withdraw("payout", VIEWER, 1_000)
    world.run_due()
    return accepted.goal_id, accepted.transaction_id


def lapsed(world: World, _: MockerFixture) -> tuple[str, str]:
    ids = paid(world)
    world.wait(360)
    return ids


def without_a_show(world: World, _: MockerFixture) -> tuple[str, str]:
    ids = paid(world)
    world.agree(ids[0])
    world.wait(60)
    return ids


def released(world: World, _: MockerFixture) -> tuple[str, str]:
    ids = paid(world)
    world.agree(ids[0])
    world.switch_preset("sd")
    world.wait(60)
    return ids


def set_aside(world: World, mocker: MockerFixture) -> tuple[str, str]:
    ids = paid(world)
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=360))
    away = WalletUnavailable("the bank is closed")
    patched = mocker.patch.object(world.container.wallet(), "refund", autospec=True, side_effect=away)
    with pytest.raises(ExceptionGroup):
        world.sweep()
    mocker.stop(patched)
    return ids


@pytest.mark.parametrize(
    ("happens", "verdict", "says"),
    [
        (refused_by_the_wallet, "not_charged", "The wallet refused the transfer, because there was too little money"),
        (lapsed, "refunded", "90 went back to the viewer: it ended without an answer"),
        (without_a_show, "refunded", "the show never began: the session was not on sd in time (rule no_show)"),
        (released, "released", "90 went to the streamer: the streamer agreed, and the show began in time"),
        (set_aside, "set_aside", "It is set aside, because it could not be moved: WalletUnavailable"),
    ],
)
def test_one_screen_says_where_the_money_is_and_why(
    world: World,
    mocker: MockerFixture,
    happens: Callable[[World, MockerFixture], tuple[str, str]],
    verdict: str,
    says: str,
) -> None:
    for asked, kind in zip(happens(world, mocker), ("goal", "transaction"), strict=True):
        printed, document = why(asked), why(asked, "--json")
        assert (printed.exit_code, document.exit_code, printed.stderr) == (0, 0, "")
        assert printed.stdout.startswith(f"{kind} {verdict}  ")
        assert says in printed.stdout.splitlines()[0]
        assert len(printed.stdout.splitlines()) < SCREEN
        found = json.loads(document.stdout)
        assert (found["asked"], found["kind"], found["verdict"]) == (asked, kind, verdict)
        assert says in found["says"]
        assert {line["source"] for line in found["lines"]} >= {"wallet", "goals", "statistics"}


def test_a_user_has_the_balance_and_each_transaction(world: World, mocker: MockerFixture) -> None:
    _, transaction_id = without_a_show(world, mocker)
    lines = why(VIEWER).stdout.splitlines()
    assert lines[0] == "user account  1000 available, 0 held"
    assert f"{transaction_id}: 90 went back to the viewer: the streamer agreed, and the show never began" in lines[2]


def test_nothing_is_known_of_another_id(world: World) -> None:
    printed, document = why("nobody"), why("nobody", "--json")
    assert (printed.exit_code, document.exit_code) == (1, 1)
    assert printed.stdout.startswith("No transaction, goal or user with money has this id.")
    assert json.loads(document.stdout)["verdict"] is None


def test_a_store_that_does_not_answer_is_a_failure_in_json_too(world: World, mocker: MockerFixture) -> None:
    away = StoreUnavailable("MongoDB did not answer")
    mocker.patch.object(world.container.goals(), "get", autospec=True, side_effect=away)
    result = why("60a100000000000000000009", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["failures"] == ["MongoDB did not answer"]
    assert "Is the server up" in result.stderr


def test_what_a_server_refuses_is_a_sentence_and_no_traceback(world: World, mocker: MockerFixture) -> None:
    refused = OperationFailure("Authentication failed.", 18)
    mocker.patch.object(world.container.goals(), "get", autospec=True, side_effect=refused)
    result = why("60a100000000000000000009", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["failures"][0].startswith("OperationFailure: Authentication failed.")
    assert result.stderr.startswith("Error: OperationFailure: Authentication failed.")


def test_a_question_that_is_not_answered_is_no_failure_in_json(world: World) -> None:
    _, transaction_id = paid(world)
    result = CliRunner().invoke(show_goal, ["refund", transaction_id, "--reason", "x", "--json"], input="")
    assert (result.exit_code, result.stdout) == (1, "")


def test_each_line_is_whole_when_it_is_piped(world: World) -> None:
    goal_id, transaction_id = paid(world)
    assert f"wallet      {VIEWER} pays 90 for 90 s: {transaction_id}" in why(goal_id).stdout
    assert [line for line in why(goal_id).stdout.splitlines() if line != line.rstrip()] == []


def hosts_own() -> object:
    return HOSTS_OWN


@pytest.mark.parametrize("name", ["HOSTS_OWN", "hosts_own"])
def test_a_host_asks_with_its_own_container(name: str) -> None:
    HOSTS_OWN.wallet().credit("alice", 7)  # type: ignore[attr-defined]
    result = why("alice", "--container", f"tests.cli.test_why:{name}")
    assert result.stdout.startswith("user account  ")


@pytest.mark.parametrize("command", [["why", "x"], ["sweep"]])
def test_what_is_no_container_is_wrong_usage(command: list[str]) -> None:
    wrong = ["--container", "tests.cli.test_why:NO_CONTAINER"]
    result = CliRunner().invoke(show_goal, [*command, *wrong], env=ENVIRONMENT)
    assert result.exit_code == 2
    assert "is not a Show Goal container" in result.stderr


@pytest.mark.parametrize("command", [["why", "x"], ["sweep"]])
def test_a_command_whose_wallet_has_none_of_the_money_refuses(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.make()
    goal_id = world.invite().goal_id
    world.run_due()
    world.wait(300)
    empty = World.make(goals=world.goals, sessions=world.sessions, clock=world.clock, wallet=MemoryWallet())
    in_place(monkeypatch, empty)
    result = CliRunner().invoke(show_goal, [*command, "--json"])
    assert result.exit_code == 2
    assert f"does not know the payments of goal {goal_id}" in result.stderr
    assert "--container monolith.wiring:container" in result.stderr
    assert json.loads(result.stdout)["failures"] == result.stderr.splitlines()
    assert not world.goal(goal_id).settled


@pytest.fixture
def host_app(mocker: MockerFixture) -> Iterator[Any]:
    """The Celery app of the host's container."""
    app = mocker.Mock()
    HOSTS_OWN.worker.override(Object(app))
    yield app
    HOSTS_OWN.worker.reset_override()


def test_a_worker_runs_the_hosts_own_container(host_app: Any) -> None:
    result = CliRunner().invoke(show_goal, ["worker", "--container", "tests.cli.test_why:HOSTS_OWN"])
    assert (result.exit_code, host_app.worker_main.call_count) == (0, 1)


def test_indexes_are_those_of_the_hosts_own_container() -> None:
    result = CliRunner().invoke(show_goal, ["indexes", "--container", "tests.cli.test_why:HOSTS_OWN"])
    assert (result.exit_code, result.stdout) == (0, "The indexes exist.\n")


def test_a_worker_whose_wallet_has_none_of_the_money_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World.make()
    world.invite()
    world.run_due()
    world.wait(300)
    in_place(monkeypatch, World.make(goals=world.goals, sessions=world.sessions, clock=world.clock))
    result = CliRunner().invoke(show_goal, ["worker"])
    assert (result.exit_code, "does not know the payments" in result.stderr) == (2, True)


def test_an_operator_asks_the_servers_that_the_environment_names(
    servers: Servers, shared_database: Database[dict[str, Any]]
) -> None:
    variables = environment(servers, servers.redis_url, shared_database)
    MongoWallet(shared_database, MongoSettings(timeout_ms=30_000)).credit(VIEWER, 7)
    result = CliRunner(env={"COLUMNS": None}).invoke(show_goal, ["why", VIEWER], env={**variables, **PATIENT})
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "user account  7 available, 0 held")
