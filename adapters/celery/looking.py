"""What an operator asks of the broker: does it answer, what waits, who takes it, what was set aside?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import frozen
from celery import Celery

from ...core.trace import describe
from ...ports.errors import TaskQueueUnavailable
from .app import transport_options
from .publishing import BROKER_ERRORS
from .queues import driver_type, waiting
from .routes import routes_of
from .running import ERROR
from .settings import CelerySettings

T = TypeVar("T")

LETTERS = 5
"""How many dead letters are shown."""


@frozen
class QueueFacts:
    """``waiting`` messages, and ``consumers``: worker processes that take them.

    None if the queue does not exist, or if the broker does not say: Redis does not count consumers.
    """

    name: str
    waiting: int | None
    consumers: int | None


@frozen
class BrokerFacts:
    """``unseen`` are the tasks whose queue is not among the ``queues``, each with the reason."""

    broker: str
    queues: Sequence[QueueFacts]
    unseen: Mapping[str, str]


@frozen
class DeadLetters:
    """The first few messages that were set aside, each with its ids and why it is there, and how many there are."""

    count: int
    first: Sequence[str]


def broker_facts(app: Celery, settings: CelerySettings, timeout: float) -> BrokerFacts:
    """Look at the queues. ``timeout`` (seconds) is for each of the broker's answers. Raises TaskQueueUnavailable."""
    return asked(app, settings, timeout, lambda connection: _look(app, settings, connection))


def dead_letters(app: Celery, settings: CelerySettings, timeout: float) -> DeadLetters:
    """Take a few messages that were set aside, and give them back. Who looks at the same moment may miss them.

    ``timeout`` (seconds) is for each of the broker's answers. Raises TaskQueueUnavailable.
    """
    return asked(app, settings, timeout, lambda connection: _dead_letters(settings, connection))


def asked(app: Celery, settings: CelerySettings, timeout: float, ask: Callable[[Any], T]) -> T:
    """What ``ask`` finds out on a connection of its own. Raises TaskQueueUnavailable."""
    broker = app.connection_for_write().as_uri()
    connection = app.connection_for_write(
        connect_timeout=timeout,
        transport_options={**transport_options(app, timeout, settings), "max_retries": 0},
    )
    try:
        answer = ask(connection)
    except BROKER_ERRORS as error:
        connection.collect()  # closing it properly would wait for a broker that may not answer
        raise TaskQueueUnavailable(f"{broker} does not answer: {describe(error.__cause__ or error)}") from error
    connection.release()
    return answer


def _look(app: Celery, settings: CelerySettings, connection: Any) -> BrokerFacts:
    counts, routes = driver_type(app) == "amqp", routes_of(app, settings)
    queues = []
    for name in routes.queues:
        found = waiting(connection, name)
        consumers = found.consumer_count if counts and found else None
        queues.append(QueueFacts(name, found.message_count if found else None, consumers))
    return BrokerFacts(connection.as_uri(), queues, {**routes.unusable, **routes.unknown})


def _dead_letters(settings: CelerySettings, connection: Any) -> DeadLetters:
    dead = waiting(connection, settings.dead_queue)
    if dead is None:
        return DeadLetters(0, [])
    first = _letters(connection.default_channel, settings)
    # RabbitMQ's count of a quorum queue may be a moment old.
    return DeadLetters(max(dead.message_count, len(first)), first)


def _letters(channel: Any, settings: CelerySettings) -> list[str]:
    taken = [message for _ in range(LETTERS) if (message := channel.basic_get(settings.dead_queue)) is not None]
    messages = [
        channel.message_to_python(message) if hasattr(channel, "message_to_python") else message for message in taken
    ]
    for message in messages:
        channel.basic_reject(message.delivery_tag, requeue=True)
    return [_described(message.headers or {}) for message in messages]


def _described(headers: Mapping[str, Any]) -> str:
    """For example ``show_goal.transfer {'goal_id': ...}: why``. RabbitMQ says why in a header of its own."""
    died = headers.get("x-death") or [{}]
    why = headers.get(ERROR) or f"RabbitMQ: {died[0].get('reason', 'unknown')}"
    return f"{headers.get('task', 'a message')} {headers.get('kwargsrepr', '')}: {why}"
