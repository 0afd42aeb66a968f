"""What is in the queue, exactly: another program may read it (D3, D4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from attrs import evolve

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app
from show_goal.adapters.celery.queues import work_queue
from show_goal.adapters.celery.redis_delays import deliver_due
from show_goal.core.messages import DeactivateGoal, IncrementGoalProgress, Message, SettleEscrow, Sweep
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import EXP, GOAL, SESSION, STREAMER, VIEWER, a_create_goal, a_transfer
from tests.servers import ALL_BROKERS, wait_until

from .worker import delete_queue, own_settings, queue_length

Peek = Callable[..., Any]
TRANSACTION = f"session:trigger-private:{GOAL}:{VIEWER}"
FILTERS = {"active": True, "metadata.user_id": STREAMER}
AGREED = {"agreed": "2026-01-01T00:05:00+00:00"}


@pytest.fixture
def settings() -> CelerySettings:
    return own_settings()


@pytest.fixture
def task_queue(broker_url: str, settings: CelerySettings) -> Iterator[CeleryTaskQueue]:
    task_queue = CeleryTaskQueue(make_app(broker_url, settings), settings)
    yield task_queue
    task_queue.close()
    delete_queue(broker_url, settings)


@pytest.fixture
def peek(broker_url: str, settings: CelerySettings) -> Iterator[Peek]:
    """A function that takes the next message out of the queue with kombu alone."""
    with make_app(broker_url, settings).connection_for_read() as connection:
        channel = connection.default_channel

        def take(name: str = settings.queue or "") -> Any:
            messages: list[Any] = []

            def came() -> bool:
                message = channel.basic_get(name, no_ack=True)
                messages.extend([] if message is None else [channel.message_to_python(message)])
                return bool(messages)

            wait_until(came, 10, f"a message in {name}")
            return messages[0]

        yield take


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        (
            a_create_goal(),
            {
                "goal_id": GOAL,
                "active": True,
                "_cls": "TriggerPrivateGoal",
                "conditions": {"session_id": SESSION},
                "levels": [],
                "context": {"type": "trigger-private"},
                "metadata": {"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90},
                "exp": "2026-01-01T00:05:00+00:00",
            },
        ),
        (
            a_transfer(),
            {
                "goal_id": GOAL,
                "transaction_id": TRANSACTION,
                "from_user_id": VIEWER,
                "to_user_id": STREAMER,
                "amount": 90,
                "tags": [f"swag::livestream.session:{SESSION}.trigger_private:{GOAL}"],
                "escrow_id": f"trigger_private:{GOAL}",
            },
        ),
        (DeactivateGoal(goal_id=GOAL, exp=EXP), {"goal_id": GOAL, "exp": "2026-01-01T00:05:00+00:00"}),
        (
            DeactivateGoal(goal_id=GOAL, filters=FILTERS, triggerer=STREAMER, metadata=AGREED),
            {"goal_id": GOAL, "filters": FILTERS, "triggerer": STREAMER, "metadata": AGREED},
        ),
        (
            IncrementGoalProgress(goal_id=GOAL, amount=1, cost=90, breakdown_id=VIEWER, insert_id=TRANSACTION),
            {"goal_id": GOAL, "amount": 1, "cost": 90, "breakdown_id": VIEWER, "insert_id": TRANSACTION},
        ),
        (SettleEscrow(goal_id=GOAL), {"goal_id": GOAL}),
        (Sweep(), {}),
    ],
    ids=["create_goal", "transfer", "deactivate_goal", "agreement_L2", "progress_L1", "settle_escrow_L3", "sweep"],
)
def test_a_message_is_persistent_json_with_the_tasks_name_and_arguments(
    task_queue: CeleryTaskQueue, settings: CelerySettings, peek: Peek, message: Message, arguments: dict[str, object]
) -> None:
    task_queue.trigger(message)
    sent = peek(settings.queue_of(type(message)) or "")
    assert sent.headers["task"] == f"show_goal.{message.name}"
    assert sent.payload[:2] == [[], arguments]
    assert sent.headers["eta"] is None
    assert sent.headers["ignore_result"] is True
    assert sent.headers["kwargsrepr"] == str(arguments)
    assert sent.content_type == "application/json"
    assert sent.properties["delivery_mode"] == 2


def test_the_duration_is_a_header_of_its_message_only(task_queue: CeleryTaskQueue, peek: Peek) -> None:
    """D16"""
    task_queue.trigger(a_transfer())
    assert peek().headers["show_goal_duration"] == 90
    task_queue.trigger(a_transfer(duration=None))
    assert "show_goal_duration" not in peek().headers


def test_a_message_that_waits_says_when_it_is_due_and_where_and_no_worker_sees_it_D26(
    task_queue: CeleryTaskQueue, peek: Peek, settings: CelerySettings, broker_url: str
) -> None:
    eta = datetime.now(UTC) + timedelta(minutes=3)
    task_queue.trigger(SettleEscrow(goal_id=GOAL), eta=eta)
    # 64 s is the longest delay queue that fits twice into 180 s, so it waits there first.
    waits_in = f"{settings.delay_queue}.8" if broker_url.startswith("amqp") else settings.delay_queue
    sent = peek(waits_in)
    assert sent.headers["eta"] is None
    assert sent.headers["show_goal_due"] == eta.timestamp()
    assert sent.headers["show_goal_queue"] == settings.queue
    assert queue_length(broker_url, settings) == 0


def test_the_host_names_the_task_and_its_routes_decide_when_no_queue_is_set(
    broker_url: str, settings: CelerySettings, peek: Peek
) -> None:
    app = make_app(broker_url, settings)
    app.conf.task_default_queue = "another"
    app.conf.task_routes = {"wallet.transfer": {"queue": settings.queue}}
    task_queue = CeleryTaskQueue(app, evolve(settings, queue=None, task_names={"transfer": "wallet.transfer"}))
    task_queue.trigger(a_transfer())
    assert peek().headers["task"] == "wallet.transfer"
    task_queue.close()
    delete_queue(broker_url, settings)


def test_the_defaults_and_routes_of_a_hosts_app_change_nothing_of_a_message(
    broker_url: str, settings: CelerySettings, peek: Peek
) -> None:
    app = make_app(broker_url, settings)
    app.conf.update(
        task_default_priority=5,
        task_default_delivery_mode="transient",
        task_routes={"*": {"exchange": "amq.topic", "routing_key": "flow", "exchange_type": "topic"}},
    )
    task_queue = CeleryTaskQueue(app, settings)
    task_queue.trigger(a_transfer())
    assert peek().properties["delivery_mode"] == 2
    task_queue.trigger(a_transfer(), eta=datetime.now(UTC) + timedelta(seconds=1))
    if broker_url.startswith("redis"):
        with make_app(broker_url, settings).connection_for_read() as connection:
            deliver = partial(deliver_due, connection, settings)
            wait_until(lambda: deliver() == 1, 10, "a message that waited")
    assert peek().properties["delivery_mode"] == 2
    task_queue.close()
    delete_queue(broker_url, settings)


def test_a_route_that_names_no_queue_is_refused_with_its_task(broker_url: str, settings: CelerySettings) -> None:
    app = make_app(broker_url, settings)
    app.conf.task_routes = {"show_goal.*": {"exchange": "host.x", "routing_key": "flow", "exchange_type": "topic"}}
    task_queue = CeleryTaskQueue(app, evolve(settings, queue=None))
    for eta in (None, datetime.now(UTC) + timedelta(seconds=1)):
        with pytest.raises(TaskQueueUnavailable, match=r"show_goal\.transfer leads to an exchange, and names no queue"):
            task_queue.trigger(a_transfer(), eta=eta)
    task_queue.close()


@pytest.mark.parametrize("broker_url", [name for name in ALL_BROKERS if "rabbitmq" in name], indirect=True)
def test_a_queue_that_was_made_anew_gets_what_waited_for_it(
    broker_url: str, settings: CelerySettings, task_queue: CeleryTaskQueue, peek: Peek
) -> None:
    task_queue.trigger(a_transfer(), eta=datetime.now(UTC) + timedelta(seconds=1))
    assert peek().payload[1]["goal_id"] == GOAL
    with make_app(broker_url, settings).connection_for_write() as connection:
        connection.default_channel.queue_delete(settings.queue)
        work_queue(settings.queue or "", settings).declare(channel=connection.default_channel)
    task_queue.trigger(a_transfer(), eta=datetime.now(UTC) + timedelta(seconds=1))
    assert peek().payload[1]["goal_id"] == GOAL


def test_a_deleted_queue_is_declared_again_and_gets_the_message(
    broker_url: str, settings: CelerySettings, task_queue: CeleryTaskQueue, peek: Peek
) -> None:
    task_queue.trigger(a_transfer())
    delete_queue(broker_url, settings)
    task_queue.trigger(a_transfer())
    assert peek().payload[1]["goal_id"] == GOAL
