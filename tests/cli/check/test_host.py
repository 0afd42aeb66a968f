"""What ``show-goal check`` says of a host's own Celery app, and of the workers that take the flow's queues."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from celery import Celery
from click.testing import CliRunner
from pymongo.database import Database

from show_goal.adapters.celery import CelerySettings, make_app, register_tasks
from show_goal.cli.commands import show_goal
from tests.adapters.celery.worker import CeleryWorker
from tests.servers import Servers

from .conftest import Check, Document

host_app = Celery("monolith", broker="amqp://broker", set_as_current=False)


def test_a_hosts_app_with_unsafe_settings(check: Check) -> None:
    checked = check("--app", "tests.cli.check.test_host:host_app", "--timeout", "3")
    assert checked.findings["celery"]["status"] == "failure"
    assert "broker_transport_options lacks confirm_publish" in checked.words("celery")
    assert "set it to True" in checked.words("celery")


def test_a_hosts_app_is_checked_with_the_settings_that_the_host_has_given_it(check: Check, servers: Servers) -> None:
    """Its worker imports the module that registers our tasks, and its routes say which queues are ours."""
    checked = check("--app", "tests.cli.check.host:app", HOST_BROKER_URL=servers.rabbitmq_url)
    assert "queue monolith: does not exist yet; queue show_goal.sweeps: " in checked.words("broker")
    assert "the flow's tasks" not in checked.words("celery")


def test_a_hosts_app_whose_workers_could_not_start(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    app = Celery("monolith", broker="amqp://broker", include=["monolith.nothing"], set_as_current=False)
    monkeypatch.setattr(sys.modules[__name__], "host_app", app)
    result = CliRunner().invoke(show_goal, ["check", "--app", f"{__name__}:host_app"], env=variables)
    assert result.exit_code == 2
    assert "its workers cannot start: ModuleNotFoundError: No module named 'monolith'" in result.output


def test_a_hosts_app_without_our_tasks(check: Check) -> None:
    checked = check("--app", "tests.cli.check.test_host:host_app", "--timeout", "3")
    assert "the app lacks the flow's tasks" in checked.words("celery")


def test_a_route_that_needs_a_message_is_said_to_be_unknown(
    check: Check, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(servers.rabbitmq_url, CelerySettings())
    app.conf.task_routes = [lambda name, args, kwargs, options, **_: kwargs["goal_id"]]
    register_tasks(app, dict, CelerySettings(queue=None))
    monkeypatch.setattr(sys.modules[__name__], "host_app", app)
    checked = check("--app", f"{__name__}:host_app")
    assert checked.findings["broker"]["status"] == "warning"
    assert "The queue of show_goal.transfer is not looked at: KeyError: 'goal_id'." in checked.words("broker")


def test_on_redis_too_a_queue_without_a_worker_is_named(
    check: Check, variables: dict[str, str], servers: Servers, tmp_path: Path, mongo_database: Database[Document]
) -> None:
    """Redis does not know who takes what, so workers are asked. This one has no time limits, either."""
    changes = {"SHOW_GOAL_BROKER_URL": servers.redis_url}
    nobody = check(**changes)
    assert nobody.findings["workers"]["status"] == "warning"
    assert nobody.words("workers").startswith("no worker of the flow answers Start one: show-goal worker.")
    app, environment = "tests.adapters.telemetry.worker_app", {**variables, **changes, "SPANS": str(tmp_path / "spans")}
    log, queue = tmp_path / "worker.log", mongo_database.name
    with CeleryWorker(app, log, environment, queue=queue, pool="threads") as worker:
        checked = check(**changes)
    assert checked.words("workers").startswith(f"1 worker of the flow answered No worker takes {queue}.sweeps: run")
    assert "runs tasks in a pool of thread. It keeps no time limits" in checked.words("workers")
    assert "Unsafe setting of show_goal: the pool thread keeps no time limits" in worker.output


def test_a_worker_that_holds_a_hosts_own_tasks_until_their_time_is_named(
    check: Check, variables: dict[str, str], tmp_path: Path, mongo_database: Database[Document], servers: Servers
) -> None:
    """On RabbitMQ such tasks take the places of messages, and no setting of ours helps."""
    app = make_app(servers.rabbitmq_url, CelerySettings(queue=mongo_database.name))
    with CeleryWorker(
        "tests.adapters.telemetry.worker_app", tmp_path / "worker.log", {**variables, "SPANS": str(tmp_path / "spans")}
    ) as worker:
        app.send_task("show_goal.sweep", countdown=600)
        worker.wait_for_output("Task show_goal.sweep[")
        checked = check()
    assert checked.findings["workers"]["status"] == "warning"
    assert "holds 1 task of yours. They have an eta or a countdown." in checked.words("workers")
    assert "worker of their own" in checked.words("workers")
