"""``show-goal check --container``: a host's own container, with its database, its Celery app and its adapters."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import Celery
from click.testing import CliRunner, Result
from pymongo.database import Database
from pytest_mock import MockerFixture

from show_goal.adapters.celery import CelerySettings
from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryNotifier, MemorySessions, MemoryWallet
from show_goal.adapters.mongo import MongoSettings
from show_goal.adapters.pusher import PusherSettings
from show_goal.cli.commands import show_goal
from show_goal.core.decision import Rule
from show_goal.core.messages import Sweep
from show_goal.core.rules.settlement import Deposit, Facts, Verdict
from show_goal.ports.errors import WalletUnavailable
from tests.builders import GOAL, VIEWER, a_goal, a_hold
from tests.servers import Servers
from tests.servers.ports import free_port

Document = dict[str, Any]
container: Container


def wired(servers: Servers, database: Database[Document], **replaced: Any) -> Container:
    """A host whose SHOW_GOAL_* variables are not set. The settings' address is wrong where it is not used."""
    adapters: dict[str, Any] = {"notifier": MemoryNotifier(), "wallet": MemoryWallet(), **replaced}
    app = Celery("monolith", broker=servers.rabbitmq_url, set_as_current=False)
    app.conf.task_default_queue = database.name
    return Container.from_settings(
        mongo=MongoSettings(database=database.name, timeout_ms=20_000, uri=f"mongodb://127.0.0.1:{free_port()}/"),
        celery=CelerySettings(queue=None),
        celery_app=app,
        pusher=PusherSettings(app_id="9", key="key", secret="sesame"),
        database=database,
        **adapters,
    )


def run(monkeypatch: pytest.MonkeyPatch, made: Container, command: str = "check --timeout 30") -> Result:
    monkeypatch.setattr(sys.modules[__name__], "container", made, raising=False)
    return CliRunner().invoke(show_goal, [*command.split(), "--json", "--container", f"{__name__}:container"])


def found(result: Result) -> dict[str, tuple[str, str]]:
    """The status of each check, and its words."""
    assert result.exit_code in (0, 1), result.output
    checks = json.loads(result.stdout)["checks"]
    return {one["name"]: (one["status"], " ".join([one["summary"], *one["advice"]])) for one in checks}


def test_its_own_database_app_and_adapters_are_checked(
    monkeypatch: pytest.MonkeyPatch, servers: Servers, mongo_database: Database[Document]
) -> None:
    made = wired(servers, mongo_database)
    made.worker()
    made.create_indexes()
    checked = found(run(monkeypatch, made))
    assert checked["mongodb"][0] == "ok"
    assert checked["indexes"] == ("ok", "all there")
    assert checked["pusher"] == ("ok", "not asked: your MemoryNotifier notifies")
    assert f"queue {mongo_database.name}: does not exist yet" in checked["broker"][1]
    assert "lacks confirm_publish" in checked["celery"][1]
    assert "lacks the flow's tasks" not in checked["celery"][1]
    assert mongo_database.command("ping")["ok"], "the host's database stays open"


def test_money_in_a_wallet_of_its_own_is_what_sweeps_are_late_with(
    monkeypatch: pytest.MonkeyPatch, servers: Servers, mongo_database: Database[Document]
) -> None:
    wallet = MemoryWallet()
    wallet.credit(VIEWER, 1_000)
    wallet.hold(a_hold(exp=datetime.now(UTC) - timedelta(hours=1)))
    status, words = found(run(monkeypatch, wired(servers, mongo_database, wallet=wallet)))["sweeps"]
    assert status == "failure"
    assert "1 hold past its time" in words


def test_a_wallet_of_its_own_that_does_not_answer_is_named(
    monkeypatch: pytest.MonkeyPatch, mocker: MockerFixture, servers: Servers, mongo_database: Database[Document]
) -> None:
    wallet = MemoryWallet()
    away = WalletUnavailable("the bank did not answer")
    mocker.patch.object(wallet, "overdue", autospec=True, side_effect=away)
    status, words = found(run(monkeypatch, wired(servers, mongo_database, wallet=wallet)))["sweeps"]
    assert status == "failure"
    assert (
        words == "WalletUnavailable: the bank did not answer Bring the wallet back: until it answers, no money moves."
    )


def test_an_app_on_which_nobody_has_registered_the_tasks_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, servers: Servers, mongo_database: Database[Document]
) -> None:
    status, words = found(run(monkeypatch, wired(servers, mongo_database)))["celery"]
    assert status == "failure"
    assert "the app lacks the flow's tasks" in words


def test_sessions_of_its_own_are_not_looked_for_in_mongodb(
    monkeypatch: pytest.MonkeyPatch, servers: Servers, mongo_database: Database[Document]
) -> None:
    for _ in range(2):
        mongo_database["sessions"].insert_one({"user": "sid", "active": True})
    assert found(run(monkeypatch, wired(servers, mongo_database)))["sessions"][0] == "warning"
    checked = found(run(monkeypatch, wired(servers, mongo_database, sessions=MemorySessions())))
    assert checked["sessions"] == ("ok", "not looked at: your MemorySessions has them")


def test_an_app_that_runs_the_tasks_instead_is_checked(
    monkeypatch: pytest.MonkeyPatch, servers: Servers, mongo_database: Database[Document]
) -> None:
    theirs = Celery("theirs", broker="sentinel://127.0.0.1:26379", set_as_current=False)
    checked = found(run(monkeypatch, wired(servers, mongo_database, worker=theirs)))
    assert "broker_url has sentinel://" in checked["celery"][1]


def test_an_app_whose_workers_could_not_start_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, servers: Servers, mongo_database: Database[Document]
) -> None:
    theirs = Celery("theirs", broker="amqp://broker", include=["monolith.nothing"], set_as_current=False)
    result = run(monkeypatch, wired(servers, mongo_database, worker=theirs))
    assert result.exit_code == 2
    assert "--container: its workers cannot start" in result.stderr


@pytest.mark.parametrize("command", ["check", "migrate"])
def test_a_container_in_memory_stands_on_no_servers(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    result = run(monkeypatch, Container.in_memory(), command)
    assert result.exit_code == 2
    assert "it was made by neither from_settings nor from_env" in result.stderr


def test_migrate_moves_in_the_hosts_database(
    monkeypatch: pytest.MonkeyPatch, servers: Servers, mongo_database: Database[Document]
) -> None:
    one_pass = {"nbf": datetime(2026, 1, 1, tzinfo=UTC), "duration": 90}
    mongo_database["sessions"].insert_one({"viewers": {"ann": one_pass}})
    result = run(monkeypatch, wired(servers, mongo_database), "migrate")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"goals": 0, "sessions": 1})
    assert mongo_database["passes"].count_documents({}) == 1


class Never:
    """A host's rule that never says that a deposit is due."""

    metered = True

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        return Verdict(due=facts.now + timedelta(days=1), released=0, rule=Rule.SHOW_BEGAN)


def test_hosts_rule_that_settles_no_show_is_named(
    monkeypatch: pytest.MonkeyPatch, servers: Servers, mongo_database: Database[Document]
) -> None:
    made = wired(servers, mongo_database, settlement_rule=Never())
    long_ago = datetime.now(UTC) - timedelta(hours=2)
    made.goals().insert(a_goal(active=False, exp=long_ago, metadata={**a_goal().metadata, "agreed": long_ago}))
    made.sweep()(Sweep())
    _, words = found(run(monkeypatch, made))["sweeps"]
    assert f"goal {GOAL}" in words
    assert "the settlement rule Never does not say" in words
