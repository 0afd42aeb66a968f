"""docs/worst-hour.md shows what the commands print when something is wrong, and has an entry for each check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from shlex import split
from typing import Any

import pytest
from click.testing import CliRunner
from pymongo.database import Database

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app
from show_goal.adapters.environment import adapters_from
from show_goal.adapters.mongo import MongoGoals, MongoSettings, MongoSweeps, create_indexes
from show_goal.cli.check import checks_of
from show_goal.cli.commands import show_goal
from show_goal.core.last_sweep import LastSweep
from show_goal.core.messages import SettleEscrow
from tests.adapters.celery.worker import delete_queue
from tests.black_box.platform import environment
from tests.builders import EXP, NOW, a_goal
from tests.cli.check.test_check import one_dead_letter
from tests.cli.stages import in_place
from tests.servers import Servers
from tests.servers.ports import free_port
from tests.world import World

from .generated import WORST_HOUR
from .steps import shows
from .test_code_blocks import ENVIRONMENT

TEXT = WORST_HOUR.read_text()
SHOWN = dict(re.findall(r"^<!-- shown: ([\w ]+) -->\n```text\n\$ (.*?)```$", TEXT, re.DOTALL | re.MULTILINE))
"""By its name, a command and what it prints."""
AWAY = {
    "mongodb": ("SHOW_GOAL_MONGODB_URI", "mongodb://127.0.0.1:{}/"),
    "broker": ("SHOW_GOAL_BROKER_URL", "amqp://guest:guest@127.0.0.1:{}//"),
    "pusher": ("SHOW_GOAL_PUSHER_PORT", "{}"),
}
NOT_DONE = ("set aside", "workers", "sweeps")
BY_HAND = ("end", "refund", "sweep")


@pytest.fixture
def variables(servers: Servers, mongo_database: Database[dict[str, Any]]) -> dict[str, str]:
    create_indexes(mongo_database, MongoSettings(timeout_ms=30_000))
    slow = {"SHOW_GOAL_MONGODB_TIMEOUT_MS": "3000", "COLUMNS": "400"}
    return {**environment(servers, servers.rabbitmq_url, mongo_database), **slow}


@pytest.mark.parametrize("server", AWAY)
def test_it_shows_what_check_prints_when_a_server_is_away(server: str, variables: dict[str, str]) -> None:
    name, address = AWAY[server]
    assert_shown(server, printed_by_check({**variables, name: address.format(free_port())}))


def test_it_shows_what_check_prints_when_no_worker_runs_a_message_is_set_aside_and_no_sweep_runs(
    servers: Servers, variables: dict[str, str], mongo_database: Database[dict[str, Any]]
) -> None:
    patient = MongoSettings(timeout_ms=30_000)
    MongoGoals(mongo_database, patient).insert(a_goal())
    MongoSweeps(mongo_database, patient).record(LastSweep(began=NOW, ended=NOW, done={}, failed=0, more=False))
    queue = CelerySettings(queue=mongo_database.name, publish_timeout=10.0)
    with one_message_waiting(servers, queue), one_dead_letter(servers, queue):
        printed = printed_by_check(variables)
    for name in NOT_DONE:
        assert_shown(name, printed.replace(mongo_database.name, "show_goal"))


@contextmanager
def one_message_waiting(servers: Servers, settings: CelerySettings) -> Iterator[None]:
    with ExitStack() as stack:
        queue = CeleryTaskQueue(make_app(servers.rabbitmq_url, settings), settings)
        stack.callback(delete_queue, servers.rabbitmq_url, settings)
        stack.callback(queue.close)
        queue.trigger(SettleEscrow(goal_id="60a1"))
        yield


def printed_by_check(variables: dict[str, str]) -> str:
    return CliRunner().invoke(show_goal, ["check", "--timeout", "30"], env=variables).stdout


def assert_shown(name: str, printed: str) -> None:
    """Ports may differ."""
    _, _, shown = SHOWN[name].partition("\n")
    printed, shown = (re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:#", text) for text in (printed, shown))
    assert shows(printed, shown), f"{printed}\nis not what the page shows:\n{shown}"


@pytest.mark.parametrize("command", BY_HAND)
def test_it_shows_what_a_command_prints_that_acts(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World.make()
    world.invite()
    world.run_due()
    in_place(monkeypatch, world)
    if command == "sweep":
        world.task_queue.purge()
        world.clock.move_to(EXP + timedelta(seconds=60))
    typed = split(SHOWN[command].partition("\n")[0])
    result = CliRunner(env={"COLUMNS": None}).invoke(show_goal, typed[1:], input="y\n")
    assert result.exit_code == 0
    assert_shown(command, result.output)


def test_each_output_that_it_shows_is_compared() -> None:
    assert SHOWN.keys() == {*AWAY, *NOT_DONE, *BY_HAND}


def test_every_check_has_its_entry() -> None:
    headings = re.findall(r"^### (.+)$", TEXT.partition("## What the checks say")[2], re.MULTILINE)
    adapters = adapters_from(ENVIRONMENT)
    with adapters.providers["database"]().client:
        names = list(checks_of(adapters))
    assert headings[: len(names)] == names
    assert f"The first {['eight', 'nine', 'ten'][len(names) - 8]} are named" in TEXT
