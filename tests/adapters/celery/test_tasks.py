"""Registration, and the decisions that a task takes; its runs in a real worker are in ``test_worker.py``."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from celery import Celery, Task
from celery.exceptions import Reject

from show_goal.adapters.celery import CelerySettings, make_app, register_tasks
from show_goal.adapters.celery.messages import encode_arguments
from show_goal.core.messages import Message, Transfer
from show_goal.ports.errors import StoreUnavailable
from tests.builders import GOAL, SESSION, a_transfer
from tests.servers.ports import free_port

SETTINGS = CelerySettings(max_retries=5)
FLOW = {
    f"show_goal.{name}"
    for name in ("create_goal", "transfer", "deactivate_goal", "increment_goal_progress", "settle_escrow", "sweep")
}


STORE = "mongodb://app:secret@store/"


def fail(_: Message) -> None:
    raise StoreUnavailable(f"{STORE} did not answer")


def a_failing_transfer(retries: int) -> Task[Any, Any]:
    """As a worker would run it, save that no broker is there to take its retry."""
    app = make_app(f"redis://127.0.0.1:{free_port()}", SETTINGS)
    app.conf.task_publish_retry_policy = {"max_retries": 0}
    register_tasks(app, lambda: {Transfer: fail}, SETTINGS)
    task = app.tasks["show_goal.transfer"]
    task.push_request(called_directly=False, id="1", retries=retries, headers={}, delivery_info={})
    return task


def test_the_tasks_are_on_the_app_that_is_handed_in_and_on_no_other() -> None:
    other = Celery("other", broker="amqp://broker", set_as_current=False)
    app = Celery("host", broker="amqp://broker", set_as_current=False)
    register_tasks(app, dict, SETTINGS)
    assert app.tasks.keys() >= FLOW
    assert not FLOW & other.tasks.keys()
    assert not FLOW & Celery("later", broker="amqp://broker", set_as_current=False).tasks.keys()


def test_the_tasks_bring_their_safe_settings_to_an_app_with_others() -> None:
    app = Celery("host", broker="amqp://broker", set_as_current=False)
    app.conf.update(task_acks_late=False, task_ignore_result=False, task_serializer="yaml", task_time_limit=3600)
    register_tasks(app, dict, SETTINGS)
    for name in FLOW:
        task = app.tasks[name]
        assert task.acks_late
        assert task.reject_on_worker_lost
        assert task.acks_on_failure_or_timeout is False
        assert task.ignore_result
        assert task.serializer == "json"
        assert (task.soft_time_limit, task.time_limit) == (30, 45)


def test_nothing_is_built_at_registration() -> None:
    """The worker's processes connect after the fork."""

    def tasks() -> dict[type[Message], Any]:
        raise AssertionError("the tasks were built in the parent")

    app = make_app("amqp://broker", SETTINGS)
    register_tasks(app, tasks, SETTINGS)
    app.finalize()


def test_a_retry_that_the_broker_does_not_take_leaves_the_message_where_it_is() -> None:
    """Celery itself would drop it."""
    with pytest.raises(Reject) as rejected:
        a_failing_transfer(retries=0).run(**encode_arguments(a_transfer()))
    assert rejected.value.requeue is True


def test_after_its_last_retry_a_task_is_given_up_with_its_ids_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Reject) as rejected:
        a_failing_transfer(retries=5).run(**encode_arguments(a_transfer()))
    assert rejected.value.requeue is False
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "given up after 5 retries" in record.message
    assert "in fail" in record.message
    assert f"goal_id={GOAL} transaction_id={a_transfer().transaction_id}" in record.message


def test_no_password_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    for retries in (0, 5):
        with pytest.raises(Reject) as rejected:
            a_failing_transfer(retries).run(**encode_arguments(a_transfer()))
        assert "secret" not in str(rejected.value)
    assert "StoreUnavailable" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("retries", [0, 5])
def test_its_log_lines_are_found_by_goal_session_and_transaction(
    retries: int, caplog: pytest.LogCaptureFixture
) -> None:
    """One that is tried again, and one that is given up."""
    task = a_failing_transfer(retries)
    with caplog.at_level(logging.WARNING, "show_goal.celery"), pytest.raises(Reject):
        task.run(**encode_arguments(a_transfer()))
    record = caplog.records[0].__dict__
    ids = (record["goal_id"], record["session_id"], record["transaction_id"])
    assert ids == (GOAL, SESSION, a_transfer().transaction_id)
