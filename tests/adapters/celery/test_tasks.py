"""Registration, and how a task decides between retry and giving up. ``test_worker.py`` has its runs in real workers."""

from __future__ import annotations

import logging
import pickle
from typing import Any

import pytest
from billiard.einfo import ExceptionInfo
from celery import Celery, Task
from celery.exceptions import Reject

from show_goal.adapters.celery import CelerySettings, make_app, register_tasks
from show_goal.adapters.celery.messages import encode_arguments
from show_goal.adapters.celery.settings import SWEEP_LIMITS
from show_goal.core.messages import Message, Transfer
from show_goal.ports.errors import StoreUnavailable
from tests.builders import GOAL, SESSION, a_transfer
from tests.servers.ports import free_port

SETTINGS = CelerySettings(max_retries=5)
FLOW = set(SETTINGS.task_names.values())
LIMITS = {"show_goal.sweep": SWEEP_LIMITS}
STORE = "mongodb://app:secret@store/"  # apart from the line that raises, which the log shows


def fail(_: Message) -> None:
    raise StoreUnavailable(f"{STORE} did not answer")


def a_failing_transfer(retries: int) -> Task[Any, Any]:
    """A task as a worker runs it, but with no broker that takes its retry."""
    app = make_app(f"redis://127.0.0.1:{free_port()}", SETTINGS)
    app.conf.task_publish_retry_policy = {"max_retries": 0}
    register_tasks(app, lambda: {Transfer: fail}, SETTINGS)
    task = app.tasks["show_goal.transfer"]
    task.push_request(called_directly=False, id="1", retries=retries, headers={}, delivery_info={})
    return task


def test_the_tasks_are_registered_on_the_given_app_only() -> None:
    other = Celery("other", broker="amqp://broker", set_as_current=False)
    app = Celery("host", broker="amqp://broker", set_as_current=False)
    register_tasks(app, dict, SETTINGS)
    assert app.tasks.keys() >= FLOW
    assert not FLOW & other.tasks.keys()
    assert not FLOW & Celery("later", broker="amqp://broker", set_as_current=False).tasks.keys()


def test_the_tasks_have_safe_settings_whatever_the_apps_defaults_are() -> None:
    app = Celery("host", broker="amqp://broker", set_as_current=False)
    app.conf.update(task_acks_late=False, task_ignore_result=False, task_serializer="yaml", task_time_limit=3600)
    app.conf.update(task_acks_on_failure=True, task_acks_on_timeout=True, task_default_rate_limit="1/m")
    register_tasks(app, dict, SETTINGS)
    for name in FLOW:
        task = app.tasks[name]
        assert task.acks_late
        assert task.reject_on_worker_lost
        assert (task.acks_on_failure_or_timeout, task.acks_on_failure, task.acks_on_timeout) == (False,) * 3
        assert not task.rate_limit
        assert task.ignore_result
        assert task.serializer == "json"
        assert (task.soft_time_limit, task.time_limit) == LIMITS.get(name, (6, 9))


def test_nothing_is_built_at_registration() -> None:
    """A worker's processes connect after the fork."""

    def tasks() -> dict[type[Message], Any]:
        raise AssertionError("the tasks were built in the parent")

    app = make_app("amqp://broker", SETTINGS)
    register_tasks(app, tasks, SETTINGS)
    app.finalize()


@pytest.mark.parametrize(
    ("retries", "requeue", "level", "says"),
    [
        (0, True, logging.WARNING, "failed, retry 1"),
        (5, True, logging.ERROR, "is set aside in show_goal.dead: it failed after 5 retries"),
    ],
    ids=["the broker does not take the retry", "the broker does not take the dead letter"],
)
def test_a_failed_message_stays_in_its_queue_until_another_has_it_and_is_logged_with_its_ids_and_without_passwords(
    retries: int, requeue: bool, level: int, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Celery would drop a message whose retry the broker does not take."""
    with pytest.raises(Reject) as rejected:
        a_failing_transfer(retries).run(**encode_arguments(a_transfer()))
    assert rejected.value.requeue is requeue
    record = next(record for record in caplog.records if record.levelno == level)
    transaction_id = a_transfer().transaction_id
    assert f"goal_id={GOAL} transaction_id={transaction_id} {says}" in record.getMessage()
    assert "StoreUnavailable" in record.getMessage()
    assert ("in fail" in record.getMessage()) == (level == logging.ERROR), "where it failed"
    fields = vars(record)
    assert [fields[name] for name in ("goal_id", "session_id", "transaction_id")] == [GOAL, SESSION, transaction_id]
    assert "secret" not in caplog.text + str(rejected.value)


@pytest.mark.parametrize("retries", [0, 5])
def test_a_log_that_fails_keeps_no_message_from_its_queue_D44(retries: int) -> None:
    def fail(_: logging.LogRecord) -> bool:
        raise OSError("disk full")

    log = logging.getLogger("show_goal.celery")
    log.addFilter(fail)
    try:
        with pytest.raises(Reject):
            a_failing_transfer(retries).run(**encode_arguments(a_transfer()))
    finally:
        log.removeFilter(fail)


def test_what_a_process_tells_its_worker_of_a_failure_fits_into_the_pipe_between_them() -> None:
    """64 KB. A process that waits for room there may be interrupted by a time limit in the middle of a result."""
    with pytest.raises(Reject) as rejected:
        a_failing_transfer(0).run(**encode_arguments(a_transfer()))
    told = ExceptionInfo((rejected.type, rejected.value, rejected.tb))
    assert len(pickle.dumps(told)) < 16_000
