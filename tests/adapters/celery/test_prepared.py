"""A message whose form was prepared is the message that Celery itself would have sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from celery.signals import after_task_publish, before_task_publish
from kombu.entity import Exchange, Queue

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app, register_tasks
from show_goal.adapters.celery.prepared import prepare
from show_goal.core.messages import Message
from tests.builders import a_create_goal, a_transfer
from tests.servers.process import wait_until

from .worker import DEADLINE, CeleryWorker, delete_queue, own_settings

TRANSFER = "show_goal.transfer"
TOPIC: Any = Queue("show_goal", Exchange("money", type="topic"), routing_key="money.#")  # type: ignore[no-untyped-call]
ITS_OWN = {"id", "root_id", "origin"}
"""The headers in which two messages differ."""


@pytest.fixture
def settings(broker_url: str) -> Iterator[CelerySettings]:
    settings = own_settings()
    yield settings
    delete_queue(broker_url, settings)


def published(broker_url: str, settings: CelerySettings, message: Message) -> Any:
    """The message as it lies in the queue."""
    app = make_app(broker_url, settings)
    task_queue = CeleryTaskQueue(app, settings)
    task_queue.trigger(message)
    task_queue.close()
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(settings.queue, no_ack=True)
        received = queue.get(timeout=10)
        queue.close()
    return received


@pytest.mark.parametrize("message", [a_transfer(), a_create_goal()], ids=["transfer", "create_goal"])
def test_it_is_the_message_that_send_task_sends(broker_url: str, settings: CelerySettings, message: Message) -> None:
    ours = published(broker_url, settings, message)
    celerys = published(broker_url, evolve(settings, prepare_messages=False), message)

    assert ours.payload == celerys.payload
    assert (ours.content_type, ours.content_encoding) == (celerys.content_type, celerys.content_encoding)
    assert ours.headers.keys() == celerys.headers.keys()
    different = {name for name, value in ours.headers.items() if value != celerys.headers[name]}
    assert different <= ITS_OWN
    assert ours.headers["id"] == ours.headers["root_id"] == ours.properties["correlation_id"]
    assert ours.properties.keys() == celerys.properties.keys()
    assert ours.properties["delivery_mode"] == celerys.properties["delivery_mode"] == 2


def test_a_plain_celery_worker_runs_it(broker_url: str, settings: CelerySettings, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    environment = {"PLAIN_BROKER": broker_url, "PLAIN_QUEUE": str(settings.queue), "PLAIN_NOTES": str(notes)}
    task_queue = CeleryTaskQueue(make_app(broker_url, settings), settings)
    with CeleryWorker("tests.adapters.celery.plain_app", tmp_path / "worker.log", environment):
        task_queue.trigger(a_transfer())
        wait_until(lambda: notes.exists() and notes.read_text().endswith("\n"), DEADLINE, "a note of the worker's")
    task_queue.close()
    note = json.loads(notes.read_text())
    assert note["arguments"] == a_transfer().arguments()
    assert note["id"] == note["root_id"]
    assert note["headers"]["show_goal_duration"] == 90


def test_who_listens_to_celerys_signals_hears_of_it_and_adds_headers(broker_url: str, settings: CelerySettings) -> None:
    heard: list[tuple[str, str]] = []

    def before(sender: str, headers: dict[str, object], body: Any, **_: object) -> None:
        headers["traceparent"] = "00-1"
        heard.append(("before", body[1]["transaction_id"]))

    def after(sender: str, headers: dict[str, object], **_: object) -> None:
        heard.append(("after", str(headers["traceparent"])))

    before_task_publish.connect(before, sender=TRANSFER)
    after_task_publish.connect(after, sender=TRANSFER)
    try:
        message = published(broker_url, settings, a_transfer())
    finally:
        before_task_publish.disconnect(before, sender=TRANSFER)
        after_task_publish.disconnect(after, sender=TRANSFER)
    assert message.headers["traceparent"] == "00-1"
    assert heard == [("before", a_transfer().transaction_id), ("after", "00-1")]


def test_one_messages_headers_are_not_the_next_ones(broker_url: str, settings: CelerySettings) -> None:
    task_queue = CeleryTaskQueue(make_app(broker_url, settings), settings)
    task_queue.trigger(a_transfer())
    task_queue.trigger(evolve(a_transfer(), duration=None))
    with make_app(broker_url, settings).connection_for_read() as connection:
        queue = connection.SimpleQueue(settings.queue, no_ack=True)
        first, second = queue.get(timeout=10), queue.get(timeout=10)
        queue.close()
    task_queue.close()
    assert "show_goal_duration" in first.headers
    assert "show_goal_duration" not in second.headers
    assert first.headers["id"] != second.headers["id"]


@pytest.mark.parametrize("prepare_messages", [True, False])
def test_a_queue_that_is_gone_meanwhile_is_declared_anew_and_has_the_message(
    broker_url: str, settings: CelerySettings, prepare_messages: bool
) -> None:
    app = make_app(broker_url, settings)
    task_queue = CeleryTaskQueue(app, evolve(settings, prepare_messages=prepare_messages))
    task_queue.trigger(a_transfer())
    delete_queue(broker_url, settings)
    task_queue.trigger(a_transfer())
    task_queue.close()
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(settings.queue, no_ack=True)
        assert queue.get(timeout=5).payload[1] == a_transfer().arguments()
        queue.close()


@pytest.mark.parametrize("registered", [False, True])
def test_the_flows_own_tasks_are_prepared(registered: bool) -> None:
    settings = CelerySettings()
    app = make_app("amqp://broker", settings)
    if registered:
        register_tasks(app, dict, settings)
    assert prepare(app, TRANSFER, settings) is not None


@pytest.mark.parametrize(
    "wish",
    [
        {"task_send_sent_event": True},
        {"task_compression": "gzip"},
        {"task_protocol": 1},
        {"task_annotations": {TRANSFER: {"priority": 5}}},
        {"task_queues": [TOPIC]},
        {"task_routes": {TRANSFER: {"priority": 5}}},
    ],
    ids=lambda wish: next(iter(wish)),
)
def test_what_an_app_wants_for_its_messages_is_left_to_celery(wish: dict[str, object]) -> None:
    settings = CelerySettings()
    app = make_app("amqp://broker", settings)
    app.conf.update(wish)
    register_tasks(app, dict, settings)
    assert prepare(app, TRANSFER, settings) is None


def test_routes_are_left_to_celery() -> None:
    settings = CelerySettings(queue=None)
    assert prepare(make_app("amqp://broker", settings), TRANSFER, settings) is None
