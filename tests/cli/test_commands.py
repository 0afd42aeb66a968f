"""``show-goal`` as a command: how it starts, and what it says when it cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryWallet
from show_goal.cli.commands import show_goal
from show_goal.core.model import Hold
from show_goal.core.settings import Settings
from show_goal.ports.errors import StoreUnavailable, WalletUnavailable
from tests.builders import EXP, NOW, VIEWER, a_hold
from tests.servers import Servers, wait_until
from tests.servers.ports import free_port
from tests.servers.process import Process
from tests.world import World


class FailingWallet(MemoryWallet):
    """It finds what is due, and will not give it back."""

    def refund(self, transaction_id: str) -> Hold:
        raise WalletUnavailable(f"mongodb://app:hunter2@store/ did not answer for {transaction_id}")


MODULE = [sys.executable, "-m", "show_goal.cli"]

WITHOUT = """
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, NotInstalled())
from show_goal.cli import main
main()
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def run_without(missing: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-c", WITHOUT.format(missing=missing), *arguments)


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_its_extra_it_says_what_to_install(missing: str) -> None:
    result = run_without(missing)
    assert result.returncode == 1
    assert result.stderr == "The show-goal command needs click and rich: pip install 'show-goal[cli]'\n"


def test_the_demo_needs_no_driver_and_no_framework() -> None:
    for missing in ("flask", "pymongo", "celery", "pusher"):
        assert run_without(missing, "demo").returncode == 0


def test_serve_without_flask_says_what_to_install() -> None:
    result = run_without("flask", "serve", "--in-memory")
    assert result.returncode == 2
    assert result.stderr == "flask is not installed: pip install 'show-goal[flask]'\n"


def test_it_runs_as_a_module() -> None:
    result = run(*MODULE, "demo")
    assert result.returncode == 0
    assert "1. Alice invites Sid" in result.stdout


def test_an_ascii_only_output_is_no_error() -> None:
    result = subprocess.run(
        [*MODULE, "demo"], env={"PYTHONIOENCODING": "ascii"}, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr


def test_help_tells_the_exit_statuses() -> None:
    assert "Exit status:\n" in CliRunner().invoke(show_goal, ["--help"]).stdout


@pytest.mark.parametrize("command", ["serve", "worker", "sweep", "indexes"])
def test_every_wrong_variable_is_named_on_its_own_line(command: str) -> None:
    environment = {"SHOW_GOAL_MONGODB_URI": "", "SHOW_GOAL_BROKER_URL": "", "SHOW_GOAL_COOLDOWN": "soon"}
    result = CliRunner().invoke(show_goal, [command], env=environment)
    assert result.exit_code == 2
    named = [line.split()[0] for line in result.stderr.splitlines()]
    assert {"SHOW_GOAL_MONGODB_URI", "SHOW_GOAL_BROKER_URL", "SHOW_GOAL_COOLDOWN"} <= set(named)
    assert "Traceback" not in result.output


def sweep(monkeypatch: pytest.MonkeyPatch, world: World, *arguments: str) -> Result:
    """``show-goal sweep`` on a platform in memory."""

    def in_its_place(trace_sink: Any) -> Container:
        world.container.trace_sink.override(trace_sink)
        world.container.reset_singletons()
        return world.container

    monkeypatch.setattr(Container, "from_env", in_its_place)
    return CliRunner().invoke(show_goal, ["sweep", *arguments])


def a_world(holds: int = 0, **replaced: Any) -> World:
    """One hold in each of so many escrows, whose goals were never created, and whose time is over."""
    world = World.make(**replaced)
    wallet = world.container.wallet()
    wallet.credit(VIEWER, 1_000)  # type: ignore[attr-defined]
    for number in range(holds):
        wallet.hold(a_hold(f"60a1{number:020x}", amount=1))
    world.clock.move_to(EXP + timedelta(seconds=60))
    return world


def test_a_sweep_says_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(holds=2)
    world.clock.move_to(NOW)
    goal_id = world.invite().goal_id
    world.run_due()
    world.task_queue.purge()
    world.clock.move_to(EXP + timedelta(seconds=60))
    result = sweep(monkeypatch, world)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "1 ended, 0 resumed, 1 settled, 2 refunded\n", "")
    assert world.goal(goal_id).settled


def test_a_sweep_with_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    result = sweep(monkeypatch, a_world())
    assert (result.exit_code, result.stdout) == (0, "0 ended, 0 resumed, 0 settled, 0 refunded\n")


def test_a_sweep_that_reaches_its_limit_says_that_another_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(holds=3, settings=Settings(sweep_limit=2))
    first, second = sweep(monkeypatch, world), sweep(monkeypatch, world)
    assert first.exit_code == second.exit_code == 0
    assert first.stdout.splitlines()[1] == "The limit of 2 was reached: there may be more, sweep again."
    assert second.stdout == "0 ended, 0 resumed, 0 settled, 1 refunded\n"


def test_a_sweep_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(holds=3, settings=Settings(sweep_limit=2))
    counts = {"ended": 0, "resumed": 0, "settled": 0, "refunded": 2}
    result = sweep(monkeypatch, world, "--json")
    assert json.loads(result.stdout) == {**counts, "limit": 2, "more": True, "failures": []}


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_what_could_not_be_swept_is_named_line_by_line(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    world = a_world(holds=2, wallet=FailingWallet())
    result = sweep(monkeypatch, world, *arguments)
    transactions = [hold.transaction_id for hold in world.container.wallet().overdue(EXP, 10)]
    reasons = [
        f"WalletUnavailable: mongodb://***@store/ did not answer for {transaction}" for transaction in transactions
    ]
    assert result.exit_code == 1
    assert result.stderr.splitlines() == reasons
    assert "hunter2" not in result.output
    if arguments:
        assert json.loads(result.stdout)["failures"] == reasons
    else:
        assert result.stdout == "0 ended, 0 resumed, 0 settled, 0 refunded\n"


def test_a_sweep_that_finds_no_store_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class DeadGoals:
        def overdue(self, *_: object) -> None:
            raise StoreUnavailable("mongodb://store/ did not answer")

    result = sweep(monkeypatch, World.make(goals=DeadGoals()))
    assert result.exit_code == 1
    assert "mongodb://store/ did not answer" in result.stderr
    assert "SHOW_GOAL_" in result.stderr


def test_a_worker_with_beat_sweeps_by_itself(servers: Servers, tmp_path: Path) -> None:
    """D26"""
    environment = {
        **os.environ,
        "SHOW_GOAL_MONGODB_URI": servers.mongodb_uri,
        "SHOW_GOAL_MONGODB_DATABASE": f"show_goal_{uuid4().hex}",
        "SHOW_GOAL_BROKER_URL": servers.redis_url,
        "SHOW_GOAL_QUEUE": f"show_goal_test_{uuid4().hex}",
        "SHOW_GOAL_PUSHER_APP_ID": "1",
        "SHOW_GOAL_PUSHER_KEY": "key",
        "SHOW_GOAL_PUSHER_SECRET": "secret",
        "SHOW_GOAL_PUSHER_HOST": "127.0.0.1",
        "SHOW_GOAL_PUSHER_PORT": str(free_port()),
        "SHOW_GOAL_SWEEP_INTERVAL": "1",
    }
    log = tmp_path / "worker.log"
    worker = Process([*MODULE, "worker", "--beat", "--concurrency", "1"], log, env=environment, cwd=tmp_path)
    try:
        worker.wait_ready(lambda: log.read_text().count("Task show_goal.sweep[") >= 2, 60)
        wait_until(lambda: "succeeded" in log.read_text(), 20, "a sweep that succeeded")
    finally:
        worker.stop()
    assert [path.name for path in tmp_path.iterdir()] == ["worker.log"], "beat leaves no file behind"
