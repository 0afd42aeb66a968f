"""``show-goal sweep`` and ``show-goal worker --beat``."""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from pytest_mock import MockerFixture

from show_goal.cli.commands import show_goal
from show_goal.ports.errors import StoreUnavailable, WalletUnavailable
from tests.builders import EXP, NOW, VIEWER, a_hold
from tests.cli.stages import in_place
from tests.docs.test_code_blocks import ENVIRONMENT
from tests.servers import Servers, wait_until
from tests.servers.ports import free_port
from tests.servers.process import Process
from tests.world import World

NOTHING = {"ended": 0, "resumed": 0, "settled": 0, "refunded": 0}


def sweep(monkeypatch: pytest.MonkeyPatch, world: World, *arguments: str) -> Result:
    """``show-goal sweep`` on a platform in memory."""

    in_place(monkeypatch, world)
    return CliRunner().invoke(show_goal, ["sweep", *arguments])


def a_world(holds: int = 0, **replaced: Any) -> World:
    """As many escrows with one overdue hold each, whose goals were never created."""
    world = World.make(**replaced)
    wallet = world.container.wallet()
    wallet.credit(VIEWER, 1_000)  # type: ignore[attr-defined]
    for number in range(holds):
        wallet.hold(a_hold(f"60a1{number:020x}", amount=1))
    world.clock.move_to(EXP + timedelta(seconds=60))
    return world


def test_it_prints_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(holds=2)
    world.clock.move_to(NOW)
    goal_id = world.invite().goal_id
    world.run_due()
    world.task_queue.purge()
    world.clock.move_to(EXP + timedelta(seconds=60))
    result = sweep(monkeypatch, world)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "1 ended, 0 resumed, 1 settled, 2 refunded\n", "")
    assert world.goal(goal_id).settled


def test_a_sweep_whose_time_is_over_says_that_another_is_needed(
    monkeypatch: pytest.MonkeyPatch, mocker: MockerFixture
) -> None:
    def run(*arguments: str) -> list[Result]:
        world = a_world(holds=3)
        find = world.wallet.find

        def slowly(transaction_id: str) -> Any:
            world.clock.advance(timedelta(seconds=8))
            return find(transaction_id)

        mocker.patch.object(world.wallet, "find", autospec=True, side_effect=slowly)
        return [sweep(monkeypatch, world, *arguments) for _ in range(2)]

    first, second = run()
    assert [first.exit_code, second.exit_code] == [0, 0]
    assert first.stdout.splitlines() == [
        "0 ended, 0 resumed, 0 settled, 2 refunded",
        "The time was over before everything was met, so sweep again.",
    ]
    assert second.stdout == "0 ended, 0 resumed, 0 settled, 1 refunded\n"
    documents = [json.loads(result.stdout) for result in run("--json")]
    assert documents == [
        {**NOTHING, "refunded": 2, "more": True, "failures": []},
        {**NOTHING, "refunded": 1, "more": False, "failures": []},
    ]


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_each_failure_is_on_its_own_line(
    monkeypatch: pytest.MonkeyPatch, mocker: MockerFixture, arguments: list[str]
) -> None:
    def fail(transaction_id: str) -> NoReturn:
        raise WalletUnavailable(f"mongodb://app:hunter2@store/ did not answer for {transaction_id}")

    world = a_world(holds=2)
    mocker.patch.object(world.wallet, "refund", autospec=True, side_effect=fail)
    result = sweep(monkeypatch, world, *arguments)
    transactions = [hold.transaction_id for hold in world.container.wallet().overdue(EXP, 10).items]
    reasons = [f"WalletUnavailable: mongodb://***@store/ did not answer for {one}" for one in transactions]
    assert result.exit_code == 1
    assert sorted(result.stderr.splitlines()) == sorted(reasons), "a sweep takes them in an order of its own"
    assert "hunter2" not in result.output
    if arguments:
        document = json.loads(result.stdout)
        assert sorted(document.pop("failures")) == sorted(reasons)
        assert document == {**NOTHING, "more": False}
    else:
        assert result.stdout == "0 ended, 0 resumed, 0 settled, 0 refunded\n"


def test_a_store_that_does_not_answer_is_named_for_each_list_that_it_has(
    monkeypatch: pytest.MonkeyPatch, mocker: MockerFixture
) -> None:
    world = a_world(holds=1)
    no_answer = StoreUnavailable("mongodb://store/ did not answer")
    for method in ("overdue", "unsettled"):
        mocker.patch.object(world.goals, method, autospec=True, side_effect=no_answer)
    result = sweep(monkeypatch, world, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        **NOTHING,
        "refunded": 1,
        "more": False,
        "failures": ["StoreUnavailable: mongodb://store/ did not answer"] * 3,  # goals overdue, ongoing and unsettled
    }, "the wallet answers"


def test_json_names_each_wrong_variable() -> None:
    result = CliRunner().invoke(show_goal, ["sweep", "--json"], env={"SHOW_GOAL_COOLDOWN": "soon"})
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    assert document.pop("failures") == result.stderr.splitlines()
    assert document == dict.fromkeys([*NOTHING, "more"])


def test_a_worker_with_beat_sweeps_by_itself_D26(servers: Servers, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        **ENVIRONMENT,
        "SHOW_GOAL_MONGODB_URI": servers.mongodb_uri,
        "SHOW_GOAL_MONGODB_DATABASE": f"show_goal_{uuid4().hex}",
        "SHOW_GOAL_BROKER_URL": servers.redis_url,
        "SHOW_GOAL_QUEUE": f"show_goal_test_{uuid4().hex}",
        "SHOW_GOAL_PUSHER_HOST": "127.0.0.1",
        "SHOW_GOAL_PUSHER_PORT": str(free_port()),
        "SHOW_GOAL_SWEEP_INTERVAL": "1",
    }
    log = tmp_path / "worker.log"
    command = [sys.executable, "-m", "show_goal.cli", "worker", "--beat", "--concurrency", "1"]
    worker = Process(command, log, env=environment, cwd=tmp_path)
    try:
        worker.wait_ready(lambda: log.read_text().count("Task show_goal.sweep[") >= 2, 60)
        wait_until(lambda: "succeeded" in log.read_text(), 20, "a sweep that succeeded")
    finally:
        worker.stop()
    assert [path.name for path in tmp_path.iterdir()] == ["worker.log"], "beat leaves no file behind"
