"""Publishing: on connections kept apart from the app's, with confirms, within the time that a request has."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from time import monotonic, time
from typing import Any, TypeVar

from attrs import field, frozen
from celery import Celery
from celery.exceptions import QueueNotFound
from kombu import exceptions as kombu

from ...core.trace import describe
from ...ports.errors import TaskQueueUnavailable
from .app import transport_options
from .delays import declare_delays, way
from .queues import FlowQueue, work_queue
from .settings import CelerySettings

T = TypeVar("T")

BROKER_ERRORS = (
    kombu.OperationalError,  # kombu's name for what may pass: any broker's lost connections and time-outs
    kombu.ConnectionError,  # RabbitMQ refuses the login or the virtual host
    kombu.ChannelError,  # the queue cannot be created
    kombu.LimitExceeded,  # all connections are busy
    QueueNotFound,  # the app's routes lead to a queue that it does not know
    OSError,
)
LONGEST = 2.4
"""Seconds that all brokers of a list have together to answer a request."""
ARGUMENTS_SHOWN = 1_024
"""Characters of the arguments that a header shows to tools like Flower."""
PERSISTENT = 2
DUE, QUEUE = "show_goal_due", "show_goal_queue"
"""Headers of a message that waits: when it is due (seconds since 1970), and in which queue."""


@frozen(kw_only=True)
class Letter:
    """A call of a task, as it is published: its name, keyword arguments and headers, and how often it was retried."""

    task: str
    arguments: Mapping[str, object]
    headers: Mapping[str, object] = field(factory=dict)
    id: str | None = None
    retries: int = 0


class Publisher:
    """Publishes through ``Celery.send_task``. Threads and forked processes may share it.

    Each process connects at its first message.
    """

    def __init__(self, app: Celery, settings: CelerySettings) -> None:
        self._app = app
        self._settings = settings
        self._pools: dict[int, Any] = {}
        self._delayed_to: set[str] = set()
        """The queues to which the delay queues lead."""

    def publish(self, letter: Letter, queue: str | FlowQueue | None, due: datetime | None = None) -> None:
        """Returns when the broker has the message. With ``queue`` None the app's routes decide.

        Raises TaskQueueUnavailable; the message may have been queued.
        """
        self.use(lambda connection: self._send(connection, letter, queue, due), f"did not take {letter.task}")

    def use(self, act: Callable[[Any], T], what_failed: str) -> T:
        """``act`` with a connection. Raises TaskQueueUnavailable if the broker does not answer in time."""
        started = monotonic()
        try:
            try:
                return self._act(act)
            except BROKER_ERRORS:
                self._delayed_to.clear()  # perhaps the broker was set up anew
                # A kept connection may have died since its last use, which shows at once. Try another one, unless
                # the time is used up: then the broker hangs.
                if monotonic() - started > self._settings.publish_timeout / 2:
                    raise
                return self._act(act)
        except BROKER_ERRORS as error:
            broker = self._app.connection_for_write().as_uri()
            cause = describe(error.__cause__ or error)
            raise TaskQueueUnavailable(f"{broker} {what_failed}: {cause}") from error

    def close(self) -> None:
        """Close this process' connections. The next message opens new ones."""
        pool = self._pools.pop(os.getpid(), None)
        if pool is not None:
            pool.force_close_all()

    def _act(self, act: Callable[[Any], T]) -> T:
        acquired = self._pool().acquire(block=True, timeout=self._settings.publish_timeout)
        with acquired as connection, _dropped_after_errors(connection):
            return act(connection)

    def _send(self, connection: Any, letter: Letter, queue: str | FlowQueue | None, due: datetime | None) -> None:
        name = self._name(letter, queue)
        place: dict[str, Any] = {} if queue is None else _straight_into(self._queue(queue))
        headers = letter.headers
        if due is not None and due.timestamp() > time():
            headers = {**headers, DUE: due.timestamp(), QUEUE: name}
            place = self._waiting_place(connection, headers, due)
        self._app.send_task(
            letter.task,
            kwargs=dict(letter.arguments),
            kwargsrepr=repr(letter.arguments)[:ARGUMENTS_SHOWN],  # Celery's own takes a tenth of the whole publish
            headers=dict(headers),
            task_id=letter.id,
            retries=letter.retries,
            connection=connection,
            retry=False,
            serializer="json",
            ignore_result=True,
            delivery_mode=PERSISTENT,
            mandatory=True,  # otherwise RabbitMQ confirms a message that no queue takes
            **place,
        )

    def _waiting_place(self, connection: Any, headers: Mapping[str, object], due: datetime) -> dict[str, Any]:
        """Where a message waits until it is due. With a broker that we do not know, that is in a worker."""
        queue = str(headers[QUEUE])
        match connection.transport.driver_type:
            case "amqp":
                self._declare_delays(connection, queue)
                exchange, key = way(self._settings, due.timestamp() - time(), queue)
                return {"exchange": exchange, "routing_key": key, "declare": []}
            case "redis":
                # Those of another priority would be in another list.
                return {**_straight_into(FlowQueue(self._settings.delay_queue)), "priority": 0}
            case _:
                return {"queue": self._queue(queue), "eta": due}

    def _declare_delays(self, connection: Any, queue: str) -> None:
        if queue not in self._delayed_to:
            declare_delays(connection.default_channel, self._settings, queue)
            self._delayed_to.add(queue)

    def _queue(self, queue: str | FlowQueue) -> FlowQueue:
        return queue if isinstance(queue, FlowQueue) else work_queue(queue, self._settings)

    def _name(self, letter: Letter, queue: str | FlowQueue | None) -> str:
        if queue is None:
            return queue_of_route(self._app, letter.task, letter.arguments)
        return queue if isinstance(queue, str) else str(queue.name)

    def _pool(self) -> Any:
        """This process' connections. A parent's stay in the dictionary: dropping them here would close them there."""
        pool = self._pools.get(os.getpid())
        return self._pools.setdefault(os.getpid(), self._new_pool()) if pool is None else pool

    def _new_pool(self) -> Any:
        hosts = max(len(self._app.connection_for_write().alt), 1)
        timeout = min(self._settings.publish_timeout, LONGEST / hosts)
        # Connect once to each host of a list. By default kombu tries each again after 2 s and 4 s.
        options = transport_options(self._app, self._settings.publish_timeout, self._settings)
        options |= {"max_retries": hosts - 1, "connect_retries_timeout": timeout * hosts}
        connection = self._app.connection_for_write(connect_timeout=timeout, transport_options=options)
        return connection.Pool(limit=self._settings.publish_connections)


def queue_of_route(app: Celery, task: str, arguments: Mapping[str, object]) -> str:
    """The queue to which the app's routes lead. Raises QueueNotFound, and what a host's route raises."""
    route = app.amqp.router.route({}, task, (), dict(arguments))
    if "queue" not in route:
        raise QueueNotFound(f"the route of {task} leads to an exchange, and names no queue")
    return str(route["queue"].name)


def _straight_into(queue: FlowQueue) -> dict[str, Any]:
    """Through the exchange that every queue has. The app's routes do not count."""
    return {"queue": queue, "exchange": "", "routing_key": queue.name}


@contextmanager
def _dropped_after_errors(connection: Any) -> Iterator[None]:
    try:
        yield
    except (*BROKER_ERRORS, *connection.recoverable_connection_errors, *connection.recoverable_channel_errors) as error:
        # Drop the connection: closing it properly would wait for a broker that may not answer.
        connection.collect()
        if isinstance(error, BROKER_ERRORS):
            raise
        raise kombu.OperationalError(str(error)) from error
