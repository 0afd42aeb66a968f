"""Real workers in processes of their own: one for each broker, which the tests share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from show_goal.adapters.celery import CeleryTaskQueue, dead_letters, make_app
from show_goal.adapters.celery.publishing import DUE, Letter, Publisher
from show_goal.adapters.celery.versions import LOOKS_OFTEN
from show_goal.core.messages import DeactivateGoal, SettleEscrow, Sweep
from tests.builders import a_create_goal, a_transfer
from tests.servers import ALL_BROKERS, wait_until

from .worker import DEADLINE, RecordingWorker, own_settings, recording_process, recording_worker

SETTINGS = own_settings(
    max_retries=2,
    max_deliveries=3,
    retry_backoff_max=1,
    sweep_interval=timedelta(seconds=1),
    soft_time_limit=4,
    time_limit=5,
    visibility_timeout=timedelta(seconds=6),
)
WAITING_SWEEPS = 5


@pytest.fixture(scope="module")
def worker(broker_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingWorker]:
    """A worker with beat. Some sweeps wait for it when it starts."""
    task_queue = CeleryTaskQueue(make_app(broker_url, SETTINGS), SETTINGS)
    for _ in range(WAITING_SWEEPS):
        task_queue.trigger(Sweep())
    task_queue.close()
    with recording_worker(broker_url, tmp_path_factory.mktemp("worker"), SETTINGS, beat=True) as worker:
        yield worker


def set_aside(worker: RecordingWorker, broker_url: str, goal_id: str) -> str:
    """Why the message of this goal was set aside. It stays there."""
    app, found = make_app(broker_url, SETTINGS), ""

    def there() -> bool:
        nonlocal found
        letters = dead_letters(app, SETTINGS, 10).first
        found = next((letter for letter in letters if goal_id in letter), "")
        return bool(found)

    wait_until(there, DEADLINE, f"a dead letter of {goal_id} {worker.process.output[-3000:]}")
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge(SETTINGS.dead_queue)
    return found


def test_of_the_sweeps_that_wait_one_runs_and_beat_asks_for_more_D47(worker: RecordingWorker) -> None:
    swept = worker.messages("sweep", 2)
    assert swept == [Sweep()] * len(swept)
    logs = [log.read_text() for log in worker.records.folder.glob("*.log")]
    asked = sum(log.count("Sending due task show_goal.sweep") for log in logs)
    assert len(swept) < asked + WAITING_SWEEPS, "each of those that waited ran"


def test_a_refused_task_is_not_run_again(worker: RecordingWorker, goal_id: str) -> None:
    worker.records.ask(goal_id, "refuse", "refuse_twice")
    transfer, create = a_transfer(goal_id), a_create_goal(goal_id=goal_id)
    worker.task_queue.trigger(transfer)
    worker.task_queue.trigger(create)
    assert worker.messages(goal_id, 2) == [transfer, create]
    worker.process.wait_for_output(f"goal_id={goal_id} transaction_id={transfer.transaction_id} is refused")
    worker.process.wait_for_output(f"goal_id={goal_id} is refused: GoalEnded: one; GoalUnknown: two")
    assert worker.all_messages(goal_id) == [transfer, create]


def test_a_message_that_cannot_be_read_is_kept_for_a_worker_that_can_D45(
    worker: RecordingWorker, broker_url: str, goal_id: str
) -> None:
    message = a_transfer(goal_id, amount="90")
    worker.task_queue.trigger(message)
    why = set_aside(worker, broker_url, goal_id)
    assert "it failed after 2 retries" in why
    assert "invalid value for type, expected int @ transfer.amount" in why
    assert f"goal_id={goal_id} transaction_id={message.transaction_id} is set aside in" in worker.process.output
    assert worker.all_messages(goal_id) == []


@pytest.mark.parametrize(
    ("headers", "body", "why"),
    [
        ({}, b"no JSON", "it cannot be read"),
        ({}, b"[1]", "it names no task"),
        ({"task": "show_goal.of_a_newer_version", "id": "1"}, b"[[], {}, {}]", "show_goal.of_a_newer_version"),
        ({"task": "show_goal.transfer", "id": "1"}, b'[["GOAL"], {}, {}]', "arguments without names"),
        ({"task": "show_goal.transfer", "id": "1"}, b'[[], {"task": "GOAL"}, {}]', "goal_id"),
    ],
    ids=["no JSON", "no task", "an unknown task", "without names", "names that Celery uses"],
)
def test_what_celery_cannot_read_is_kept_D45(
    worker: RecordingWorker, broker_url: str, goal_id: str, headers: dict[str, str], body: bytes, why: str
) -> None:
    headers = {**headers, "kwargsrepr": goal_id}
    with make_app(broker_url, SETTINGS).connection_for_write() as connection:
        publish = connection.Producer().publish
        publish(
            body.replace(b"GOAL", goal_id.encode()),
            routing_key=SETTINGS.queue,
            headers=headers,
            content_type="application/json",
        )
    assert why in set_aside(worker, broker_url, goal_id)
    worker.task_queue.trigger(a_transfer(goal_id))
    assert worker.messages(goal_id, 1) == [a_transfer(goal_id)], "the worker goes on"


def test_an_unknown_task_that_waited_is_kept_D45(worker: RecordingWorker, broker_url: str, goal_id: str) -> None:
    publisher = Publisher(make_app(broker_url, SETTINGS), SETTINGS)
    letter = Letter(task="show_goal.of_a_newer_version", arguments={"goal_id": goal_id})
    publisher.publish(letter, SETTINGS.queue, datetime.now(UTC) + timedelta(milliseconds=100))
    publisher.close()
    assert "show_goal.of_a_newer_version" in set_aside(worker, broker_url, goal_id)


@pytest.mark.parametrize("due", [1e20, "soon"])
def test_a_due_time_that_is_none_is_due_now(
    worker: RecordingWorker, broker_url: str, goal_id: str, due: object
) -> None:
    publisher = Publisher(make_app(broker_url, SETTINGS), SETTINGS)
    letter = Letter(task="show_goal.settle_escrow", arguments={"goal_id": goal_id}, headers={DUE: due})
    publisher.publish(letter, SETTINGS.queue)
    publisher.close()
    assert worker.messages(goal_id, 1) == [SettleEscrow(goal_id=goal_id)]


def test_a_failed_task_is_run_again_with_the_same_message(worker: RecordingWorker, goal_id: str) -> None:
    partly = f"partly-{goal_id}"
    worker.records.ask(goal_id, "fail", "fail")
    worker.records.ask(partly, "fail_partly", "fail_partly")
    messages = {goal: a_transfer(goal, duration=90) for goal in (goal_id, partly)}
    for message in messages.values():
        worker.task_queue.trigger(message)
    for goal, message in messages.items():
        assert worker.messages(goal, 3) == [message] * 3
        assert worker.all_messages(goal) == [message] * 3


def test_a_task_that_keeps_failing_is_set_aside_with_its_reason(
    worker: RecordingWorker, broker_url: str, goal_id: str
) -> None:
    worker.records.ask(goal_id, "fail", "fail", "fail")
    message = DeactivateGoal(goal_id=goal_id)
    worker.task_queue.trigger(message)
    assert "it failed after 2 retries: StoreUnavailable: mongodb://***@st" in set_aside(worker, broker_url, goal_id)
    assert worker.all_messages(goal_id) == [message] * 3


def test_a_task_that_fails_with_more_text_than_the_broker_takes_is_set_aside_at_once(
    worker: RecordingWorker, broker_url: str, goal_id: str
) -> None:
    worker.records.ask(goal_id, *["fail_at_length"] * 3)
    message = DeactivateGoal(goal_id=goal_id)
    worker.task_queue.trigger(message)
    assert "it failed after 2 retries: StoreUnavailable: xxx" in set_aside(worker, broker_url, goal_id)
    assert worker.all_messages(goal_id) == [message] * 3


def test_a_task_that_fails_with_what_is_no_exception_is_run_again_and_set_aside_with_its_reason(
    worker: RecordingWorker, broker_url: str, goal_id: str
) -> None:
    worker.records.ask(goal_id, *["cancel"] * 3)
    message = DeactivateGoal(goal_id=goal_id)
    worker.task_queue.trigger(message)
    assert "it failed after 2 retries: CancelledError" in set_aside(worker, broker_url, goal_id)
    assert worker.all_messages(goal_id) == [message] * 3


def test_a_message_that_kills_its_worker_is_set_aside_and_holds_up_no_other_D46(
    worker: RecordingWorker, broker_url: str, goal_id: str
) -> None:
    other = f"other-{goal_id}"
    worker.records.ask(goal_id, "die", "die", "die", "die")
    worker.task_queue.trigger(a_transfer(goal_id))
    worker.runs(goal_id, 2)
    started = monotonic()
    worker.task_queue.trigger(a_transfer(other))
    worker.runs(other, 1)
    assert monotonic() - started < 10
    assert "3 workers that ran it were killed" in set_aside(worker, broker_url, goal_id)
    assert len(worker.all_messages(goal_id)) == 3


def test_the_soft_time_limit_interrupts_code_that_catches_every_exception_D44(
    worker: RecordingWorker, goal_id: str
) -> None:
    worker.records.ask(goal_id, "swallow")
    worker.task_queue.trigger(a_transfer(goal_id))
    first, second = worker.runs(goal_id, 2)
    assert second.pid == first.pid, "it was killed instead"
    worker.process.wait_for_output("failed, retry 1")


def test_a_task_may_publish_from_the_process_that_runs_it(worker: RecordingWorker, goal_id: str) -> None:
    worker.records.ask(goal_id, "trigger")
    worker.task_queue.trigger(a_create_goal(goal_id=goal_id))
    assert worker.messages(goal_id, 2)[1] == DeactivateGoal(goal_id=goal_id)


def test_a_task_with_an_eta_runs_once_and_before_what_is_sent_a_second_later(
    worker: RecordingWorker, goal_id: str
) -> None:
    eta = datetime.now(UTC) + timedelta(seconds=1)
    message = DeactivateGoal(goal_id=goal_id)
    worker.task_queue.trigger(message, eta=eta)
    wait_until(lambda: datetime.now(UTC) >= eta + timedelta(seconds=1), DEADLINE, "a second after the eta")
    assert worker.all_messages(goal_id) == [message]
    assert worker.runs(goal_id, 1)[0].at >= eta


@pytest.mark.parametrize("broker_url", [name for name in ALL_BROKERS if "redis" in name], indirect=True)
def test_a_message_that_does_not_say_when_it_is_due_holds_up_none_that_does(
    worker: RecordingWorker, broker_url: str, goal_id: str
) -> None:
    with make_app(broker_url, SETTINGS).connection_for_write() as connection:
        for headers in ({}, {"show_goal_due": "soon"}):
            connection.Producer().publish({}, routing_key=SETTINGS.delay_queue, headers=headers)
    worker.task_queue.trigger(DeactivateGoal(goal_id=goal_id), eta=datetime.now(UTC) + timedelta(milliseconds=100))
    assert worker.messages(goal_id, 1) == [DeactivateGoal(goal_id=goal_id)]


@pytest.mark.parametrize("broker_url", [name for name in ALL_BROKERS if "redis" in name], indirect=True)
def test_a_message_that_is_moved_back_from_the_dead_letters_is_tried_once_more(
    worker: RecordingWorker, broker_url: str, goal_id: str
) -> None:
    worker.records.ask(goal_id, *["fail"] * 4)
    with make_app(broker_url, SETTINGS).connection_for_write() as connection:
        redis, back = connection.default_channel.client, (SETTINGS.dead_queue, SETTINGS.queue, "RIGHT", "LEFT")
        redis.delete(SETTINGS.dead_queue)  # what others have left
        worker.task_queue.trigger(DeactivateGoal(goal_id=goal_id))
        wait_until(lambda: redis.lmove(*back), DEADLINE, "a dead letter")
    worker.runs(goal_id, 4)
    assert "it failed after 2 retries" in set_aside(worker, broker_url, goal_id)


def test_a_killed_process_leaves_its_task_to_the_next_one(worker: RecordingWorker, goal_id: str) -> None:
    """kill -9 of a process of the pool."""
    worker.records.ask(goal_id, "hang")
    worker.task_queue.trigger(a_transfer(goal_id))
    (first,) = worker.runs(goal_id, 1)
    os.kill(first.pid, signal.SIGKILL)
    _, second = worker.runs(goal_id, 2)
    assert second.message == first.message == a_transfer(goal_id)
    assert second.pid != first.pid


@pytest.mark.parametrize("broker_url", ["rabbitmq"], indirect=True)
def test_a_task_that_ignores_the_soft_time_limit_is_killed_and_run_again(worker: RecordingWorker, goal_id: str) -> None:
    worker.records.ask(goal_id, "hang_on")
    worker.task_queue.trigger(a_transfer(goal_id))
    first, second = worker.runs(goal_id, 2)
    assert second.pid != first.pid


def test_a_killed_worker_leaves_its_tasks_to_the_next_one(
    worker: RecordingWorker, broker_url: str, goal_id: str
) -> None:
    """kill -9 of the whole worker: at once on RabbitMQ, after the visibility timeout on Redis."""
    if broker_url.startswith("redis") and not LOOKS_OFTEN:
        pytest.skip("before kombu 5.7 a worker on Redis looks for such tasks every 100 s only, as check says")
    worker.records.ask(goal_id, "hang")
    worker.task_queue.trigger(a_transfer(goal_id))
    worker.runs(goal_id, 1)
    worker.process.kill()
    worker.process = recording_process(broker_url, SETTINGS, worker.records.folder, beat=True).ready()
    assert worker.messages(goal_id, 2) == [a_transfer(goal_id)] * 2
