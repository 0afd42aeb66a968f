"""One trace goes from the request through a broker and a worker's process to the receivers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from show_goal.adapters.container import Container
from show_goal.adapters.mongo import MongoGoals, MongoSessions, MongoSettings, MongoWallet, create_indexes
from show_goal.core.model import Viewer
from tests.adapters.celery.worker import DEADLINE, CeleryWorker
from tests.black_box.platform import add_session, environment
from tests.builders import an_invitation
from tests.servers import PusherSubscriber, Servers, wait_until

from .conftest import Telemetry

Document = dict[str, Any]
PATIENT = MongoSettings(timeout_ms=30_000)
UNITS = {"create_goal", "transfer", "increment_goal_progress"}
RECEIVERS = {
    "bind_trigger_private_goal_to_session",
    "trigger_notify_goal_added",
    "trigger_user_balance_updated",
    "progress_trigger_goals",
    "notify_goal_progress_updated",
    "invalidate_cached_pusher_channel_data",
}


@pytest.fixture
def variables(servers: Servers, broker_url: str, mongo_database: Database[Document]) -> dict[str, str]:
    create_indexes(mongo_database, PATIENT)
    patient = {"SHOW_GOAL_MONGODB_TIMEOUT_MS": str(PATIENT.timeout_ms)}
    return environment(servers, broker_url, mongo_database) | patient


@pytest.fixture
def spans(variables: dict[str, str], tmp_path: Path) -> Iterator[Path]:
    """The file into which the worker's process exports."""
    path = tmp_path / "spans"
    path.touch()
    worker_environment = {**variables, "SPANS": str(path)}
    with CeleryWorker("tests.adapters.telemetry.worker_app", tmp_path / "worker.log", worker_environment):
        yield path


def test_request_tasks_and_receivers_are_one_trace(
    servers: Servers,
    mongo_database: Database[Document],
    variables: dict[str, str],
    spans: Path,
    telemetry: Telemetry,
) -> None:
    with PusherSubscriber(servers.pusher_url) as listener:
        session = add_session(mongo_database, listener)
        viewer_id = str(mongo_database.users.insert_one({"tags": []}).inserted_id)
        MongoWallet(mongo_database, PATIENT).credit(viewer_id, 1_000)
        container = Container.from_env(
            variables,
            observer=telemetry.observer,
            sessions=MongoSessions(mongo_database, PATIENT),
            goals=MongoGoals(mongo_database, PATIENT),
            wallet=MongoWallet(mongo_database, PATIENT),
        )
        invite = container.trigger_private_session()
        accepted = invite(session.session_id, Viewer(id=viewer_id), an_invitation(container.clock().now()))
        container.task_queue().close()  # type: ignore[attr-defined]
        wait_until(
            lambda: {span["name"] for span in exported(spans)} >= UNITS | RECEIVERS,
            DEADLINE,
            "the spans of all tasks and receivers",
        )

    request = telemetry.span("trigger_private_session").context
    assert request is not None
    theirs = exported(spans)
    assert {span["context"]["trace_id"] for span in theirs} == {f"0x{request.trace_id:032x}"}
    above = {span["context"]["span_id"]: span["name"] for span in theirs}
    above[f"0x{request.span_id:016x}"] = "trigger_private_session"
    parents = {span["name"]: above[span["parent_id"]] for span in theirs}
    assert parents["create_goal"] == parents["transfer"] == "trigger_private_session"
    assert parents["bind_trigger_private_goal_to_session"] == "create_goal"
    assert parents["trigger_notify_goal_added"] == "bind_trigger_private_goal_to_session"
    assert parents["progress_trigger_goals"] == "trigger_user_balance_updated"
    assert parents["increment_goal_progress"] == "progress_trigger_goals"
    tasks = [span for span in theirs if span["name"] in UNITS]
    assert {span["kind"] for span in tasks} == {"SpanKind.CONSUMER"}
    assert {span["attributes"]["show_goal.goal_id"] for span in tasks} == {accepted.goal_id}
    assert {span["attributes"]["show_goal.session_id"] for span in tasks} == {session.session_id}
    assert viewer_id not in spans.read_text()


def exported(path: Path) -> list[dict[str, Any]]:
    """Each whole line: the worker may be writing one."""
    whole, _, _ = path.read_text().rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]
