"""``show-goal check`` on real servers: everything healthy, and each thing that can be wrong."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from bson import ObjectId
from dependency_injector import providers
from pymongo.database import Database

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, broker_facts, make_app, versions
from show_goal.adapters.celery.publishing import Letter, Publisher
from show_goal.adapters.celery.queues import dead_queue
from show_goal.adapters.celery.running import ERROR
from show_goal.adapters.environment import adapters_from
from show_goal.adapters.mongo import MongoSettings, MongoSweeps
from show_goal.cli.check import Finding, Status, checks_of, run_checks
from show_goal.core.last_sweep import LastSweep
from show_goal.core.messages import SettleEscrow
from tests.adapters.celery.worker import CeleryWorker, delete_queue
from tests.adapters.mongo.test_goal_documents import WRITTEN
from tests.servers import Servers
from tests.servers.mongod import LoneMongod
from tests.servers.ports import free_port

from .conftest import Check, Document

NAMES = ["mongodb", "indexes", "clock", "sessions", "broker", "set aside", "workers", "celery", "pusher", "sweeps"]


@pytest.fixture
def deaf() -> Iterator[int]:
    """The port of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_healthy_platform_is_ok(
    check: Check, variables: dict[str, str], broker_url: str, tmp_path: Path, mongo_database: Database[Document]
) -> None:
    changes = {"SHOW_GOAL_BROKER_URL": broker_url}
    app, now = "tests.adapters.telemetry.worker_app", datetime.now(UTC)
    last = LastSweep(began=now, ended=now, done={}, failed=0, more=False)
    MongoSweeps(mongo_database, MongoSettings(timeout_ms=30_000)).record(last)
    with CeleryWorker(app, tmp_path / "worker.log", {**variables, **changes, "SPANS": str(tmp_path / "spans")}):
        checked = check(SHOW_GOAL_SWEEP_INTERVAL="600", **changes)
    assert checked.statuses() == dict.fromkeys(NAMES, "ok"), checked
    assert (checked.exit_code, checked.status) == (0, "ok")
    if broker_url.startswith("amqp"):
        assert checked.words("broker").endswith(".sweeps: 0 waiting, 1 worker")


def test_an_older_kombu_is_a_warning_that_says_what_it_does_less_well(
    check: Check, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "LOOKS_OFTEN", False)
    checked = check(SHOW_GOAL_BROKER_URL=servers.redis_url)
    assert checked.statuses()["celery"] == "warning"
    assert "looks every 100 s" in checked.words("celery")


def test_a_streamer_with_two_active_sessions_is_named_D41(check: Check, mongo_database: Database[Document]) -> None:
    ours, other = ObjectId(), ObjectId()
    for user, active in ((ours, True), (ours, True), (other, True), (other, False)):
        mongo_database["sessions"].insert_one({"user": user, "active": active})
    checked = check()
    assert checked.statuses()["sessions"] == "warning"
    assert checked.findings["sessions"]["summary"] == f"more than one active session: {ours}"


def test_a_warning_is_not_a_failure(check: Check) -> None:
    checked = check()
    assert (checked.exit_code, checked.status) == (0, "warning")
    assert checked.findings["broker"]["status"] == "warning"
    assert "does not exist yet" in checked.words("broker")


def test_a_queue_without_a_worker(check: Check, servers: Servers, mongo_database: Database[Document]) -> None:
    settings = CelerySettings(queue=mongo_database.name, publish_timeout=10.0)
    queue = CeleryTaskQueue(make_app(servers.rabbitmq_url, settings), settings)
    queue.trigger(SettleEscrow(goal_id="60a1"))
    queue.close()
    try:
        assert "1 waiting, 0 workers" in check().words("broker")
    finally:
        delete_queue(servers.rabbitmq_url, settings)


@pytest.mark.parametrize("how", ["dead", "hung"])
def test_a_mongodb_that_does_not_answer(check: Check, deaf: int, how: str) -> None:
    port = deaf if how == "hung" else free_port()
    begin = time.monotonic()
    checked = check(
        SHOW_GOAL_MONGODB_URI=f"mongodb://admin:sesame@127.0.0.1:{port}/", SHOW_GOAL_MONGODB_TIMEOUT_MS="1000"
    )
    assert time.monotonic() - begin < 5
    broken = [name for name, status in checked.statuses().items() if status == "failure"]
    assert (checked.exit_code, broken) == (1, ["mongodb", "indexes", "clock", "sessions", "sweeps"])
    assert "SHOW_GOAL_MONGODB_URI" in checked.words("mongodb")
    assert checked.words("indexes") == "unknown, because MongoDB does not answer"
    assert checked.findings["pusher"]["status"] == "ok"
    assert "sesame" not in str(checked)


def test_a_mongodb_that_refuses_the_password(check: Check, variables: dict[str, str]) -> None:
    uri = variables["SHOW_GOAL_MONGODB_URI"].replace("mongodb://", "mongodb://nobody:sesame@")
    checked = check(SHOW_GOAL_MONGODB_URI=uri)
    assert "Authentication failed" in checked.words("mongodb")
    assert "sesame" not in str(checked)


def test_a_mongodb_without_a_replica_set(check: Check) -> None:
    with LoneMongod() as mongod:
        checked = check(SHOW_GOAL_MONGODB_URI=mongod.uri)
    assert checked.findings["mongodb"]["status"] == "warning"
    assert "without a replica set" in checked.words("mongodb")


def test_an_index_that_is_missing_or_different(check: Check, mongo_database: Database[Document]) -> None:
    mongo_database["goals"].drop_index("ongoing_goals_by_exp_and_id")
    mongo_database["accounts"].drop_index("one_account_a_transaction")
    mongo_database["accounts"].create_index(
        "holds.transaction_id",
        name="one_account_a_transaction",
        partialFilterExpression={"holds.transaction_id": {"$exists": True}},
    )
    checked = check()
    assert (checked.exit_code, checked.findings["indexes"]["status"]) == (1, "failure")
    assert checked.words("indexes").startswith(
        "missing or different: goals.ongoing_goals_by_exp_and_id, accounts.one_account_a_transaction "
    )
    assert "show-goal indexes" in checked.words("indexes")


def test_an_empty_database(check: Check, mongo_database: Database[Document]) -> None:
    checked = check(SHOW_GOAL_MONGODB_DATABASE=f"{mongo_database.name}_nothing")
    assert checked.words("indexes").count(".") >= 10
    assert checked.words("sweeps").startswith("0 goals past exp, 0 claims")


@pytest.mark.parametrize(("seconds", "status"), [(0, "ok"), (-5, "warning"), (5, "warning"), (90, "failure")])
def test_clocks_that_differ(variables: dict[str, str], seconds: int, status: str) -> None:
    class Late:
        def now(self) -> datetime:
            return datetime.now(UTC) - timedelta(seconds=seconds)

    adapters = adapters_from(variables)
    adapters.providers["clock"].override(providers.Object(Late()))
    begin = time.monotonic()
    with adapters.providers["database"]().client:
        finding = run_checks({"clock": checks_of(adapters)["clock"]}, 30)["clock"]
    took = time.monotonic() - begin
    assert finding.status == status
    skew = re.search(r"differ by (\S+) s", finding.summary)
    assert skew is not None
    least = max(abs(seconds) - took, 0)  # the time that asking took may explain some of it
    assert least - 0.05 <= float(skew[1]) <= abs(seconds) + 0.05, "to the tenth of a second"
    assert bool(finding.advice) is (status != "ok")


@pytest.mark.parametrize(
    ("name", "variable", "value", "words"),
    [
        ("broker", "BROKER_URL", "amqp://guest:sesame@127.0.0.1:{dead}/0", "127.0.0.1:{dead}"),
        ("broker", "BROKER_URL", "amqp://guest:sesame@127.0.0.1:{hung}/0", "127.0.0.1:{hung}"),
        ("broker", "BROKER_URL", "redis://guest:sesame@127.0.0.1:{dead}/0", "127.0.0.1:{dead}"),
        ("broker", "BROKER_URL", "redis://guest:sesame@127.0.0.1:{hung}/0", "127.0.0.1:{hung}"),
        ("broker", "BROKER_URL", "amqp://nobody:sesame@{rabbitmq}//", "ACCESS_REFUSED"),
        ("pusher", "PUSHER_SECRET", "wrong-sesame", "check key, secret and this machine's clock"),
        ("pusher", "PUSHER_KEY", "wrong", "check key, secret and this machine's clock"),
        ("pusher", "PUSHER_APP_ID", "9", "check app id, cluster and host"),
        ("pusher", "PUSHER_PORT", "{dead}", "ConnectionError"),
        ("pusher", "PUSHER_PORT", "{hung}", "ReadTimeout"),
    ],
)
def test_a_broker_or_pusher_that_refuses_or_does_not_answer(
    check: Check, servers: Servers, deaf: int, name: str, variable: str, value: str, words: str
) -> None:
    rabbitmq = servers.rabbitmq_url.partition("@")[2].rstrip("/")
    real = {"dead": free_port(), "hung": deaf, "rabbitmq": rabbitmq}
    checked = check(**{f"SHOW_GOAL_{variable}": value.format(**real)})
    assert checked.exit_code == 1
    failed = [failed for failed, status in checked.statuses().items() if status == "failure"]
    assert failed == (["broker", "set aside", "workers"] if name == "broker" else [name])
    assert words.format(**real) in checked.words(name)
    assert "SHOW_GOAL_" in checked.words(name) or name == "pusher", "it did not only reach the deadline"
    assert checked.findings[name]["advice"]
    assert "sesame" not in str(checked)


def test_work_that_no_sweep_handles_is_a_failure(check: Check, mongo_database: Database[Document]) -> None:
    overdue = {"exp": datetime.now(UTC) - timedelta(minutes=10), "conditions": {"session_id": ObjectId()}}
    mongo_database["goals"].insert_one({**WRITTEN, **overdue})
    checked = check()
    assert (checked.exit_code, checked.findings["sweeps"]["status"]) == (1, "failure")
    assert checked.findings["sweeps"]["summary"].startswith("1 goal past exp, 0 claims")
    assert "--beat" in checked.words("sweeps")


def test_with_everything_dead_every_finding_comes_in_time(check: Check, deaf: int) -> None:
    begin = time.monotonic()
    checked = check(
        patiently=False,
        SHOW_GOAL_MONGODB_URI=f"mongodb://127.0.0.1:{deaf}/",
        SHOW_GOAL_MONGODB_TIMEOUT_MS="60000",
        SHOW_GOAL_BROKER_URL=f"redis://127.0.0.1:{deaf}/0",
        SHOW_GOAL_PUSHER_PORT=str(deaf),
    )
    assert time.monotonic() - begin < 9
    assert [name for name, status in checked.statuses().items() if status != "failure"] == ["celery"]
    assert list(checked.findings) == NAMES
    assert checked.words("mongodb").startswith("no answer within 5 s")


def test_a_check_that_hangs_does_not_hold_up_the_others() -> None:
    never = Event()
    checks: dict[str, Any] = {
        "hangs": lambda: never.wait(60) and Finding(Status.OK, "never"),
        "breaks": lambda: 1 / 0,
        "answers": lambda: Finding(Status.OK, "well"),
    }
    begin = time.monotonic()
    findings = run_checks(checks, 2)
    never.set()
    assert time.monotonic() - begin < 4
    hangs = findings.pop("hangs")
    assert (hangs.status, hangs.summary) == (Status.FAILURE, "no answer within 2 s")
    assert findings == {
        "breaks": Finding(Status.FAILURE, "ZeroDivisionError: division by zero"),
        "answers": Finding(Status.OK, "well"),
    }


@contextmanager
def one_dead_letter(servers: Servers, settings: CelerySettings) -> Iterator[None]:
    publisher = Publisher(make_app(servers.rabbitmq_url, settings), settings)
    letter = Letter(task="show_goal.transfer", arguments={"goal_id": "60a1"}, headers={ERROR: "it ended five workers"})
    publisher.publish(letter, dead_queue(settings))
    publisher.close()
    try:
        yield
    finally:
        delete_queue(servers.rabbitmq_url, settings)


def test_a_message_that_no_worker_can_run_is_listed_with_its_reason(
    check: Check, servers: Servers, mongo_database: Database[Document]
) -> None:
    with one_dead_letter(servers, CelerySettings(queue=mongo_database.name, publish_timeout=10.0)):
        for _ in range(2):  # looking changes nothing
            checked = check()
            assert checked.findings["set aside"]["status"] == "warning"
            assert checked.words("set aside").startswith("1 message that no worker could run")
            assert "show_goal.transfer {'goal_id': '60a1'}: it ended five workers" in checked.words("set aside")


def test_looking_at_the_queues_takes_no_dead_letter_from_who_looks_at_them(
    servers: Servers, mongo_database: Database[Document]
) -> None:
    settings = CelerySettings(queue=mongo_database.name, publish_timeout=10.0)
    with one_dead_letter(servers, settings):
        app = make_app(servers.rabbitmq_url, settings)
        broker_facts(app, settings, 10)
        with app.connection_for_write() as connection:
            letter = connection.default_channel.basic_get(settings.dead_queue)
        assert not letter.delivery_info["redelivered"]
