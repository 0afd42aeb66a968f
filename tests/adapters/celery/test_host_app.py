"""Real workers of a host's own Celery app: under its names, on its queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from attrs import evolve
from celery import Celery

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue
from show_goal.core.messages import DeactivateGoal
from tests.builders import a_create_goal, a_transfer
from tests.servers import ALL_BROKERS, wait_until

from .records import Records
from .worker import DEADLINE, CeleryWorker, delete_queue, own_settings, recording

QUORUM_QUEUE = {"x-queue-type": "quorum"}


@pytest.mark.parametrize("broker_url", ["rabbitmq"], indirect=True)
def test_a_hosts_own_app_names_queue_and_task(broker_url: str, tmp_path: Path, goal_id: str) -> None:
    """In a monolith: what runs under its names, and what its worker warns of when it starts."""
    queue = f"monolith_{uuid4().hex}"
    settings = CelerySettings(queue=None, task_names={"create_goal": "goals.create", "transfer": "wallet.transfer"})
    app = Celery("monolith", broker=broker_url, set_as_current=False)
    app.conf.task_default_queue = queue
    task_queue = CeleryTaskQueue(app, settings)
    environment = {**recording(broker_url, settings, tmp_path), "HOST_QUEUE": queue}
    records = Records(tmp_path)
    try:
        with CeleryWorker("tests.adapters.celery.host_app", tmp_path / "worker.log", environment) as process:
            task_queue.trigger(a_create_goal(goal_id=goal_id))
            task_queue.trigger(a_transfer(goal_id, duration=90))
            task_queue.trigger(DeactivateGoal(goal_id=goal_id))
            wait_until(lambda: len(records.of(goal_id)) == 3, DEADLINE, "three runs")
            for name in ("goals.create", "wallet.transfer", "show_goal.deactivate_goal"):
                process.wait_for_output(f"Task {name}[")
            assert [record.message for record in records.of(goal_id)] == [
                a_create_goal(goal_id=goal_id),
                a_transfer(goal_id, duration=None, escrow_id="the host's own"),
                DeactivateGoal(goal_id=goal_id),
            ]
            assert "Unsafe setting of monolith: broker_transport_options lacks confirm_publish" in process.output
            assert "Unsafe setting of monolith: wallet.transfer has acks_late off" in process.output
            assert "goals.create has" not in process.output
    finally:
        task_queue.close()
        delete_queue(broker_url, evolve(settings, queue=queue))


@pytest.mark.parametrize("broker_url", [name for name in ALL_BROKERS if "rabbitmq" in name], indirect=True)
def test_a_hosts_own_quorum_queue_is_used_as_it_is_N9(broker_url: str, tmp_path: Path, goal_id: str) -> None:
    """It brings what is due now and what is due later. More timers wait than its worker takes at once."""
    settings = own_settings()
    app = Celery("monolith", broker=broker_url, set_as_current=False)
    app.conf.update(task_default_queue=settings.queue, task_default_queue_type="quorum")
    task_queue = CeleryTaskQueue(app, settings)
    environment = {**recording(broker_url, settings, tmp_path), "HOST_QUEUE": settings.queue or ""}
    records, log, now = Records(tmp_path), tmp_path / "worker.log", datetime.now(UTC)
    try:
        with CeleryWorker("tests.adapters.celery.host_app", log, {**environment, "HOST_QUEUE_TYPE": "quorum"}):
            for number in range(6):
                task_queue.trigger(DeactivateGoal(goal_id=f"{goal_id}{number}"), eta=now + timedelta(minutes=4))
            task_queue.trigger(DeactivateGoal(goal_id=goal_id), eta=datetime.now(UTC) + timedelta(seconds=3))
            task_queue.trigger(a_create_goal(goal_id=goal_id))
            wait_until(lambda: len(records.of(goal_id)) == 2, DEADLINE, "two runs")
        assert [record.message for record in records.of(goal_id)] == [
            a_create_goal(goal_id=goal_id),
            DeactivateGoal(goal_id=goal_id),
        ]
        with app.connection_for_write() as connection:  # other arguments would be refused
            channel = connection.default_channel
            channel.queue_declare(settings.queue, durable=True, auto_delete=False, arguments=QUORUM_QUEUE)
    finally:
        task_queue.close()
        delete_queue(broker_url, settings)
