"""What is in the queue, byte for byte: another program may read it (D3, D4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app
from show_goal.core.messages import DeactivateGoal, IncrementGoalProgress, SettleEscrow
from tests.builders import EXP, GOAL, SESSION, STREAMER, VIEWER, a_create_goal, a_transfer

from .worker import delete_queue, own_settings

Peek = Callable[[], Any]


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
    """A function that takes the next message out of the queue, past Celery."""
    with make_app(broker_url, settings).connection_for_read() as connection:

        def take() -> Any:
            queue = connection.SimpleQueue(settings.queue, no_ack=True)
            message = queue.get(timeout=10)
            queue.close()
            return message

        yield take


def test_create_goal(task_queue: CeleryTaskQueue, peek: Peek) -> None:
    task_queue.trigger(a_create_goal())
    message = peek()
    assert message.headers["task"] == "show_goal.create_goal"
    assert message.headers["eta"] is None
    assert message.payload[:2] == [
        [],
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
    ]


def test_transfer(task_queue: CeleryTaskQueue, peek: Peek) -> None:
    task_queue.trigger(a_transfer())
    message = peek()
    assert message.headers["task"] == "show_goal.transfer"
    assert message.headers["show_goal_duration"] == 90
    assert message.payload[:2] == [
        [],
        {
            "goal_id": GOAL,
            "transaction_id": f"session:trigger-private:{GOAL}:{VIEWER}",
            "from_user_id": VIEWER,
            "to_user_id": STREAMER,
            "amount": 90,
            "tags": [f"swag::livestream.session:{SESSION}.trigger_private:{GOAL}"],
            "escrow_id": f"trigger_private:{GOAL}",
        },
    ]


def test_deactivate_goal_with_its_eta(task_queue: CeleryTaskQueue, peek: Peek) -> None:
    """D26"""
    eta = datetime.now(UTC) + timedelta(minutes=3)
    task_queue.trigger(DeactivateGoal(goal_id=GOAL, exp=EXP), eta=eta)
    message = peek()
    assert message.headers["task"] == "show_goal.deactivate_goal"
    assert message.headers["eta"] == eta.isoformat()
    assert message.payload[:2] == [[], {"goal_id": GOAL, "exp": "2026-01-01T00:05:00+00:00"}]


def test_deactivate_goal_by_an_agreement(task_queue: CeleryTaskQueue, peek: Peek) -> None:
    """L2"""
    message = DeactivateGoal(
        goal_id=GOAL,
        filters={"active": True, "metadata.user_id": STREAMER},
        triggerer=STREAMER,
        metadata={"agreed": EXP.isoformat()},
    )
    task_queue.trigger(message)
    assert peek().payload[:2] == [
        [],
        {
            "goal_id": GOAL,
            "filters": {"active": True, "metadata.user_id": STREAMER},
            "triggerer": STREAMER,
            "metadata": {"agreed": "2026-01-01T00:05:00+00:00"},
        },
    ]


def test_increment_goal_progress(task_queue: CeleryTaskQueue, peek: Peek) -> None:
    """L1"""
    task_queue.trigger(
        IncrementGoalProgress(goal_id=GOAL, amount=1, cost=90, breakdown_id=VIEWER, insert_id="transaction")
    )
    message = peek()
    assert message.headers["task"] == "show_goal.increment_goal_progress"
    assert message.payload[:2] == [
        [],
        {"goal_id": GOAL, "amount": 1, "cost": 90, "breakdown_id": VIEWER, "insert_id": "transaction"},
    ]


def test_settle_escrow(task_queue: CeleryTaskQueue, peek: Peek) -> None:
    """L3"""
    task_queue.trigger(SettleEscrow(goal_id=GOAL))
    message = peek()
    assert message.headers["task"] == "show_goal.settle_escrow"
    assert message.payload[:2] == [[], {"goal_id": GOAL}]


def test_a_message_survives_the_broker_and_is_json(task_queue: CeleryTaskQueue, peek: Peek) -> None:
    task_queue.trigger(a_transfer())
    message = peek()
    assert message.content_type == "application/json"
    assert message.properties["delivery_mode"] == 2


def test_nobody_is_to_keep_a_result(task_queue: CeleryTaskQueue, peek: Peek) -> None:
    task_queue.trigger(a_transfer())
    assert peek().headers["ignore_result"] is True


def test_the_hosts_own_name_is_on_the_message(broker_url: str, settings: CelerySettings, peek: Peek) -> None:
    settings = evolve(settings, task_names={"transfer": "wallet.transfer"})
    task_queue = CeleryTaskQueue(make_app(broker_url, settings), settings)
    task_queue.trigger(a_transfer())
    assert peek().headers["task"] == "wallet.transfer"
    task_queue.close()
    delete_queue(broker_url, settings)


def test_the_hosts_routes_decide_when_no_queue_is_set(broker_url: str, settings: CelerySettings, peek: Peek) -> None:
    app = make_app(broker_url, settings)
    app.conf.task_default_queue = "another"
    app.conf.task_routes = {"show_goal.transfer": {"queue": settings.queue}}
    task_queue = CeleryTaskQueue(app, evolve(settings, queue=None))
    task_queue.trigger(a_transfer())
    assert peek().headers["task"] == "show_goal.transfer"
    task_queue.close()
    delete_queue(broker_url, settings)
