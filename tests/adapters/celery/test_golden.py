"""Today's worker runs what version 0.1 sent: ``golden/`` has each of its messages, written by its own code (D45)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from show_goal.adapters.celery import CelerySettings, make_app
from show_goal.core.messages import Message, Sweep
from tests.builders import GOAL, a_transfer
from tests.servers import BROKERS

from .worker import RecordingWorker, own_settings, recording_worker
from .write_golden import GOLDEN, messages

SETTINGS = own_settings()
FILES = sorted(GOLDEN.glob("*.json"))
LATER = timedelta(seconds=1)


@pytest.fixture(scope="module")
def worker(broker_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingWorker]:
    with recording_worker(broker_url, tmp_path_factory.mktemp("worker"), SETTINGS) as worker:
        yield worker


def golden(name: str, goal_id: str, due: datetime) -> dict[str, Any]:
    """The message, for this goal. What was to run at some time is due at this one."""
    text = (GOLDEN / f"{name}.json").read_text()
    wire: dict[str, Any] = json.loads(text.replace(GOAL, goal_id))
    if wire["headers"]["eta"]:
        wire["headers"]["eta"] = due.isoformat()
    if wire["headers"]["expires"]:
        wire["headers"]["expires"] = (due + timedelta(minutes=1)).isoformat()
    return wire


def send(broker_url: str, settings: CelerySettings, wire: dict[str, Any]) -> None:
    with make_app(broker_url, settings).connection_for_write() as connection:
        properties = {**wire["properties"]}
        expiration = float(properties.pop("expiration", 60_000)) / 1_000  # kombu wants seconds
        producer = connection.Producer(routing_key=settings.queue)
        producer.publish(json.dumps(wire["body"]), headers=wire["headers"], expiration=expiration, **properties)


def meant(name: str, goal_id: str) -> Message:
    others = {"transfer_retried": a_transfer(goal_id), "sweep": Sweep()}
    return {**messages(goal_id), **others}[name]


@pytest.mark.parametrize("broker_url", BROKERS, indirect=True)
@pytest.mark.parametrize("name", [file.stem for file in FILES])
@pytest.mark.parametrize("unknown", [{}, {"colour": "red"}], ids=["as it was", "with an unknown argument"])
def test_todays_worker_runs_it_when_it_is_due(
    worker: RecordingWorker, broker_url: str, goal_id: str, name: str, unknown: dict[str, str]
) -> None:
    due = datetime.now(UTC) + LATER
    wire = golden(name, goal_id, due)
    wire["body"][1].update(unknown)

    send(broker_url, SETTINGS, wire)

    *_, run = worker.runs("sweep" if name == "sweep" else goal_id, 1)
    assert run.message == meant(name, goal_id)
    assert wire["headers"]["eta"] is None or run.at >= due


def test_every_message_of_the_flow_is_there() -> None:
    assert {file.stem for file in FILES} == {*messages(GOAL), "transfer_retried", "sweep"}
