"""What waits costs a worker nothing: a transfer is as quick behind thousands of timers, or of retries, as without.

At the size of a platform: ``WAITING=10000 pytest tests/chaos/test_waiting.py -n 0 --log-cli-level INFO``.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from uuid import uuid4

import pytest

from show_goal.adapters.celery.settings import QUEUE_TYPES, QUORUM
from show_goal.core.messages import SettleEscrow

from ..adapters.celery.worker import RecordingWorker, own_settings, recording_worker
from ..servers import ALL_BROKERS, wait_until

_log = logging.getLogger(__name__)

WAITING = int(os.environ.get("WAITING", "300"))
ON_EACH = [(broker, kind) for broker in ALL_BROKERS for kind in QUEUE_TYPES if kind == QUORUM or "rabbit" in broker]
KINDS = ON_EACH if "WAITING" in os.environ else [("rabbitmq", "classic"), ("other-rabbitmq", QUORUM), ("redis", QUORUM)]
"""Redis has no types of queues."""
RETRIES = min(WAITING, 1_000)
TRANSFERS = 40
SLOWER = 1.5
NOISE = 0.01
"""Seconds by which a busy machine may be slower on the second occasion."""
TIMERS = 100
PUBLISHERS = 4


@pytest.fixture(scope="module", params=KINDS, ids="-".join)
def worker(
    request: pytest.FixtureRequest, brokers: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RecordingWorker]:
    broker, queue_type = request.param
    settings = own_settings(queue_type=queue_type, retry_backoff=3_600, retry_backoff_max=3_600)
    with recording_worker(brokers(broker), tmp_path_factory.mktemp("worker"), settings) as worker:
        seconds_of_a_message(worker)  # the first one connects, and creates the queues
        yield worker


def seconds_of_a_message(worker: RecordingWorker) -> float:
    """From publishing to the run of its task."""
    goal_id = uuid4().hex
    started = datetime.now(UTC)
    worker.task_queue.trigger(SettleEscrow(goal_id=goal_id))
    (run,) = worker.runs(goal_id, 1)
    return (run.at - started).total_seconds()


def typical(worker: RecordingWorker) -> float:
    return median(seconds_of_a_message(worker) for _ in range(TRANSFERS))


def publish(worker: RecordingWorker, count: int, eta: datetime | None = None) -> list[str]:
    goals = [uuid4().hex for _ in range(count)]
    with ThreadPoolExecutor(PUBLISHERS) as threads:
        list(threads.map(lambda goal_id: worker.task_queue.trigger(SettleEscrow(goal_id=goal_id), eta=eta), goals))
    return goals


def compare(what: str, without: float, behind: float) -> None:
    _log.info("%s: %.1f ms without, %.1f ms with (%.2f x)", what, 1000 * without, 1000 * behind, behind / without)
    assert behind <= SLOWER * without + NOISE


def test_a_message_behind_timers_is_as_quick_as_without(worker: RecordingWorker) -> None:
    without = typical(worker)
    publish(worker, WAITING, eta=datetime.now(UTC) + timedelta(hours=1))
    compare(f"{WAITING:,} timers", without, typical(worker))


def test_a_message_behind_retries_is_as_quick_as_without(worker: RecordingWorker) -> None:
    without = typical(worker)
    goals = [uuid4().hex for _ in range(RETRIES)]
    for goal_id in goals:
        worker.records.ask(goal_id, "fail")
    with ThreadPoolExecutor(PUBLISHERS) as threads:
        list(threads.map(lambda goal_id: worker.task_queue.trigger(SettleEscrow(goal_id=goal_id)), goals))
    wait_until(lambda: all(map(worker.records.of, goals)), 120, "each failed once")
    compare(f"{RETRIES:,} retries", without, typical(worker))


def test_timers_run_within_a_second_of_their_time(worker: RecordingWorker) -> None:
    """Among thousands that are due later: those of the test before."""
    begin = datetime.now(UTC) + timedelta(seconds=2)
    due = {uuid4().hex: begin + timedelta(milliseconds=30 * n) for n in range(TIMERS)}
    for goal_id, eta in due.items():
        worker.task_queue.trigger(SettleEscrow(goal_id=goal_id), eta=eta)
    wait_until(lambda: all(map(worker.records.of, due)), 60, "every timer")
    late = [(worker.records.of(goal_id)[0].at - eta).total_seconds() for goal_id, eta in due.items()]
    p99 = quantiles(late, n=100)[98]
    _log.info("%d timers: %.3f s to %.3f s late, p99 %.3f s", TIMERS, min(late), max(late), p99)
    assert min(late) >= 0
    assert p99 <= 1
