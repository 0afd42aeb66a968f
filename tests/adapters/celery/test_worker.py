"""Real workers in processes of their own."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from uuid import uuid4

import pytest
from attrs import evolve
from celery import Celery
from celery.beat import ScheduleEntry, Scheduler

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app, schedule_sweeps
from show_goal.core.messages import DeactivateGoal, SettleEscrow, Sweep
from tests.builders import a_create_goal, a_transfer
from tests.servers import Servers, wait_until

from .records import Record, Records
from .worker import (
    DEADLINE,
    CeleryWorker,
    RecordingWorker,
    delete_queue,
    own_settings,
    queue_length,
    recording,
    recording_worker,
)


def test_a_refused_task_is_not_run_again(worker: RecordingWorker, goal_id: str) -> None:
    worker.records.ask(goal_id, "refuse", "refuse_twice")
    worker.task_queue.trigger(a_transfer(goal_id))
    worker.runs(goal_id, 1)
    worker.process.wait_for_output(f"goal_id={goal_id} transaction_id={a_transfer(goal_id).transaction_id} is refused")
    worker.task_queue.trigger(a_create_goal(goal_id=goal_id))
    worker.runs(goal_id, 2)
    worker.process.wait_for_output(f"goal_id={goal_id} is refused: GoalEnded: one; GoalUnknown: two")
    assert len(_after_a_further_one(worker, goal_id)) == 3


def test_a_malformed_message_is_not_run_and_named_in_the_log(worker: RecordingWorker, goal_id: str) -> None:
    message = a_transfer(goal_id, amount="90")
    worker.task_queue.trigger(message)
    worker.process.wait_for_output(f"goal_id={goal_id} transaction_id={message.transaction_id} is refused: Malformed")
    assert "invalid value for type, expected int @ transfer.amount" in worker.process.output
    assert len(_after_a_further_one(worker, goal_id)) == 1


@pytest.mark.parametrize("failure", ["fail", "fail_partly"])
def test_a_failed_task_is_run_again_with_the_same_message(worker: RecordingWorker, goal_id: str, failure: str) -> None:
    worker.records.ask(goal_id, failure, failure)
    message = a_transfer(goal_id, duration=90)
    worker.task_queue.trigger(message)
    assert worker.messages(goal_id, 3) == [message] * 3
    assert len(_after_a_further_one(worker, goal_id)) == 4


def test_a_task_that_fails_on_and_on_is_given_up(worker: RecordingWorker, goal_id: str) -> None:
    worker.records.ask(goal_id, "fail", "fail", "fail")
    worker.task_queue.trigger(DeactivateGoal(goal_id=goal_id))
    worker.process.wait_for_output(f"goal_id={goal_id} is given up after 2 retries: StoreUnavailable: mongodb://***@st")
    assert len(_after_a_further_one(worker, goal_id)) == 4


def test_a_process_that_is_killed_leaves_its_task_to_the_next(worker: RecordingWorker, goal_id: str) -> None:
    """kill -9 of a pool's process."""
    worker.records.ask(goal_id, "hang")
    worker.task_queue.trigger(a_transfer(goal_id))
    (first,) = worker.runs(goal_id, 1)
    os.kill(first.pid, signal.SIGKILL)
    _, second = worker.runs(goal_id, 2)
    assert second.message == first.message == a_transfer(goal_id)
    assert second.pid != first.pid


def test_a_task_may_publish_from_the_process_that_runs_it(worker: RecordingWorker, goal_id: str) -> None:
    worker.records.ask(goal_id, "trigger")
    worker.task_queue.trigger(a_create_goal(goal_id=goal_id))
    assert worker.messages(goal_id, 2)[1] == DeactivateGoal(goal_id=goal_id)


def test_a_task_runs_once_and_in_its_time(worker: RecordingWorker, goal_id: str) -> None:
    eta = datetime.now(UTC) + timedelta(seconds=2)
    worker.task_queue.trigger(SettleEscrow(goal_id=goal_id), eta=eta)
    late = eta + timedelta(seconds=2)
    wait_until(lambda: worker.now() >= late, DEADLINE, "the end of its time")
    worker.task_queue.trigger(DeactivateGoal(goal_id=goal_id))
    run, further = worker.runs(goal_id, 2)
    assert run.message == SettleEscrow(goal_id=goal_id), "what was sent 2 s after its eta did not wait for it"
    assert eta <= run.at < further.at


def test_with_beat_a_sweep_happens_by_itself(broker_url: str, tmp_path: Path) -> None:
    """D26"""
    settings = own_settings(sweep_interval=timedelta(seconds=1))
    with recording_worker(broker_url, tmp_path, settings, beat=True) as worker:
        assert worker.messages("sweep", 2)[:2] == [Sweep(), Sweep()]


def test_a_sweep_that_no_worker_took_in_time_is_not_run(broker_url: str, tmp_path: Path, goal_id: str) -> None:
    """They do not pile up while no worker runs."""
    settings = own_settings(sweep_interval=timedelta(seconds=1))
    app = make_app(broker_url, settings)
    schedule_sweeps(app, settings)
    entry = ScheduleEntry(name="sweep", app=app, **app.conf.beat_schedule["show_goal.sweep"])
    for _ in range(3):
        Scheduler(app=app, lazy=True).apply_async(entry)
    assert queue_length(broker_url, settings) == 3
    expired = monotonic() + 1
    wait_until(lambda: monotonic() > expired, DEADLINE, "the end of the interval")
    with recording_worker(broker_url, tmp_path, settings) as worker:
        worker.task_queue.trigger(SettleEscrow(goal_id=goal_id))
        worker.runs(goal_id, 1)
        assert worker.records.of("sweep") == []


def test_a_worker_that_is_killed_leaves_its_tasks_to_the_next_one(
    broker_url: str, tmp_path: Path, goal_id: str
) -> None:
    """kill -9 of the whole worker: at once on RabbitMQ, after the visibility timeout on Redis."""
    settings = own_settings(
        soft_time_limit=5,  # the worker is to be killed before its task is interrupted
        time_limit=6,
        visibility_timeout=timedelta(seconds=7),
        max_retries=0,
    )
    with recording_worker(broker_url, tmp_path, settings) as worker:
        worker.records.ask(goal_id, "hang")
        worker.task_queue.trigger(a_transfer(goal_id))
        worker.runs(goal_id, 1)
        worker.process.kill()
        environment = recording(broker_url, settings, tmp_path)
        with CeleryWorker("tests.adapters.celery.recording_app", tmp_path / "next.log", environment):
            assert worker.messages(goal_id, 2) == [a_transfer(goal_id)] * 2


def test_a_task_that_no_time_limit_interrupts_is_killed_and_run_again(
    servers: Servers, tmp_path: Path, goal_id: str
) -> None:
    settings = own_settings(soft_time_limit=1, time_limit=2)
    with recording_worker(servers.rabbitmq_url, tmp_path, settings) as worker:
        worker.records.ask(goal_id, "hang_on")
        worker.task_queue.trigger(a_transfer(goal_id))
        first, second = worker.runs(goal_id, 2)
        assert second.pid != first.pid


def test_a_hosts_own_app_names_queue_and_task(broker_url: str, tmp_path: Path, goal_id: str) -> None:
    """Embedded in a monolith: what it runs under its names, and what its worker warns of as it starts."""
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
            lacking = "confirm_publish" if broker_url.startswith("amqp") else "socket_timeout"
            assert f"Unsafe setting of monolith: broker_transport_options lacks {lacking}" in process.output
            assert "Unsafe setting of monolith: wallet.transfer has acks_late off" in process.output
            assert "goals.create has" not in process.output
    finally:
        task_queue.close()
        delete_queue(broker_url, evolve(settings, queue=queue))


def _after_a_further_one(worker: RecordingWorker, goal_id: str) -> list[Record]:
    """All runs of the goal, once a message that was sent after them has been run as well.

    The worker takes one message at a time: it gets this one when it has acknowledged those before.
    """
    before = len(worker.records.of(goal_id))
    worker.task_queue.trigger(DeactivateGoal(goal_id=goal_id))
    return worker.runs(goal_id, before + 1)
