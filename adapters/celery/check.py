"""What an operator asks of an app and its broker: is a setting unsafe, does the broker answer, what is in the queue?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen
from celery import Celery
from kombu import exceptions as kombu

from ...core.trace import describe
from ...ports.errors import TaskQueueUnavailable
from .app import driver_type, transport_options
from .settings import CelerySettings
from .task_queue import BROKER_ERRORS

PICKLE = {"pickle", "application/x-python-serialize"}
JSON = {"json", "application/json"}


def unsafe_settings(app: Celery, settings: CelerySettings) -> list[str]:
    """The settings of the app, and of the flow's tasks on it, that could lose or repeat a message about money.

    Each text says what is wrong and what to set. Connects to nothing. CeleryTaskQueue publishes safely despite them;
    Celery's own retries and the worker do not.
    """
    return [*_of_the_app(app), *_of_the_broker(app, settings), *_of_the_tasks(app, settings)]


@frozen
class QueueFacts:
    """``waiting`` messages, and ``consumers``: worker processes that take them.

    None if the queue does not exist, or if the broker does not say: Redis does not count consumers.
    """

    broker: str
    name: str
    waiting: int | None
    consumers: int | None


def queue_facts(app: Celery, settings: CelerySettings, timeout: float) -> QueueFacts:
    """Look at the queue without changing anything. ``timeout`` (seconds) applies to each answer.

    Raises TaskQueueUnavailable.
    """
    broker = app.connection_for_write().as_uri()
    connection = app.connection_for_write(
        connect_timeout=timeout,
        transport_options={**transport_options(app, timeout, settings), "max_retries": 0},
    )
    try:
        facts = _look(app, settings.queue or app.conf.task_default_queue, connection, broker)
    except BROKER_ERRORS as error:
        connection.collect()  # closing it properly would wait for a broker that may not answer
        raise TaskQueueUnavailable(f"{broker} does not answer: {describe(error.__cause__ or error)}") from error
    connection.release()
    return facts


def _look(app: Celery, name: str, connection: Any, broker: str) -> QueueFacts:
    channel = connection.default_channel
    try:
        found = channel.queue_declare(name, passive=True)
    except kombu.ChannelError:  # there is no such queue yet
        return QueueFacts(broker, name, None, None)
    return QueueFacts(broker, name, found.message_count, found.consumer_count if driver_type(app) == "amqp" else None)


def _of_the_app(app: Celery) -> Iterator[str]:
    conf = app.conf
    accepted = set(conf.accept_content or ())
    if not conf.broker_write_url:
        yield "broker_url is not set: Celery connects to a broker on localhost; set broker_url"
    if conf.task_always_eager:
        yield "task_always_eager is on: tasks run inside the request, at once and only once; set it to False"
    if accepted & PICKLE:
        yield "accept_content has pickle: anyone who reaches the broker can run code in the workers; set it to ['json']"
    if not accepted & JSON:
        yield "accept_content lacks json: the worker throws the flow's messages away; add 'json'"
    if not conf.broker_pool_limit:
        yield f"broker_pool_limit is {conf.broker_pool_limit}: every retry opens a connection; set it to 10 or more"


def _of_the_broker(app: Celery, settings: CelerySettings) -> Iterator[str]:
    redis = driver_type(app) == "redis"
    options = app.conf.broker_transport_options
    needed = ("socket_timeout", "socket_connect_timeout") if redis else ("read_timeout", "write_timeout")
    for name in needed:
        if not options.get(name):
            yield f"broker_transport_options lacks {name}: a broker that hangs blocks the worker for ever; set it to 10"
    if not redis and not options.get("confirm_publish"):
        yield "broker_transport_options lacks confirm_publish: a retry can be lost with the broker; set it to True"
    least = settings.visibility_timeout.total_seconds()
    if redis and options.get("visibility_timeout", 3600) < least:
        yield (
            "broker_transport_options has a visibility_timeout shorter than a message may wait and run: it is "
            f"delivered again meanwhile; set it to {least:.0f} or more"
        )


def _of_the_tasks(app: Celery, settings: CelerySettings) -> Iterator[str]:
    for name in settings.task_names.values():
        task = app.tasks.get(name)
        if task is None:
            continue
        if not task.acks_late:
            yield f"{name} has acks_late off: a killed worker's messages are lost; set it to True"
        if not task.reject_on_worker_lost:
            yield f"{name} has reject_on_worker_lost off: a killed process' message is lost; set it to True"
        if not task.ignore_result:
            yield f"{name} has ignore_result off: nobody reads its results, which pile up; set it to True"
