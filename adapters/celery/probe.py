"""Does the broker answer, and what does the queue look like?"""

from __future__ import annotations

from typing import Any

from attrs import frozen
from celery import Celery
from kombu import exceptions as kombu

from ...core.trace import describe
from ...ports.errors import TaskQueueUnavailable
from .app import driver_type, transport_options
from .settings import CelerySettings
from .task_queue import BROKER_ERRORS


@frozen
class QueueFacts:
    """``waiting`` messages and ``consumers`` (processes that take them); None where there is no such queue, or where
    the broker does not tell: Redis counts no consumers."""

    broker: str
    name: str
    waiting: int | None
    consumers: int | None


def queue_facts(app: Celery, settings: CelerySettings, timeout: float) -> QueueFacts:
    """Look, and change nothing; ``timeout`` (seconds) is for each answer. Raises TaskQueueUnavailable."""
    broker = app.connection_for_write().as_uri()
    connection = app.connection_for_write(
        connect_timeout=timeout,
        transport_options={**transport_options(app, timeout, settings), "max_retries": 0},
    )
    try:
        facts = _look(app, settings.queue or app.conf.task_default_queue, connection, broker)
    except BROKER_ERRORS as error:
        connection.collect()  # to close it in good order would wait for a broker that may not answer
        raise TaskQueueUnavailable(f"{broker} does not answer: {describe(error.__cause__ or error)}") from error
    connection.release()
    return facts


def _look(app: Celery, name: str, connection: Any, broker: str) -> QueueFacts:
    channel = connection.default_channel
    try:
        found = channel.queue_declare(name, passive=True)
    except kombu.ChannelError:  # there is no queue of this name yet
        return QueueFacts(broker, name, None, None)
    return QueueFacts(broker, name, found.message_count, found.consumer_count if driver_type(app) == "amqp" else None)
