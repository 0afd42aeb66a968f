"""The task queue: a published message makes a worker call a task."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from time import monotonic
from typing import Any, TypeVar

from celery import Celery
from kombu import exceptions as kombu

from ...core.messages import Message
from ...core.trace import describe, taken_along
from ...ports.errors import TaskQueueUnavailable
from .app import transport_options
from .backlog import Backlog, messages_waiting, queues_of_invitations
from .messages import encode_arguments, encode_headers
from .settings import CelerySettings

T = TypeVar("T")

BROKER_ERRORS = (
    kombu.OperationalError,  # kombu's name for what may pass: any broker's lost connections and time-outs
    kombu.ConnectionError,  # RabbitMQ refuses the login or the virtual host
    kombu.ChannelError,  # the queue exists with other arguments
    kombu.LimitExceeded,  # all connections are busy
    OSError,
)

ARGUMENTS_SHOWN = 1_024
"""Characters of the arguments that a header shows to tools like Flower."""


class CeleryTaskQueue:
    """Publishes through ``Celery.send_task``, on connections that it keeps apart from the app's.

    A request gets its answer in time, with any settings of the app. Threads and forked processes may share it: each
    process connects at its first message.
    """

    def __init__(self, app: Celery, settings: CelerySettings) -> None:
        self._app = app
        self._settings = settings
        self._pools: dict[int, Any] = {}
        self._backlog = Backlog(settings.max_backlog, self._messages_waiting)

    def require_room(self) -> None:
        if self._settings.max_backlog and self._queues:
            self._backlog.require_room()

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        self._use(lambda connection: self._send(connection, message, eta), f"did not take {message.name}")
        self._backlog.published()

    def _messages_waiting(self) -> int:
        return self._use(lambda connection: messages_waiting(connection, self._queues), "did not say what waits")

    @cached_property
    def _queues(self) -> Sequence[str]:
        return queues_of_invitations(self._app, self._settings)

    def _use(self, act: Callable[[Any], T], what_failed: str) -> T:
        started = monotonic()
        try:
            try:
                return self._act(act)
            except BROKER_ERRORS:
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
        with self._pool().acquire(block=True, timeout=self._settings.publish_timeout) as connection:
            try:
                return act(connection)
            except (
                *BROKER_ERRORS,
                *connection.recoverable_connection_errors,
                *connection.recoverable_channel_errors,
            ) as error:
                # Drop the connection: closing it properly would wait for a broker that may not answer.
                connection.collect()
                if isinstance(error, BROKER_ERRORS):
                    raise
                raise kombu.OperationalError(str(error)) from error

    def _send(self, connection: Any, message: Message, eta: datetime | None) -> None:
        arguments = encode_arguments(message)
        queue: dict[str, Any] = {} if self._settings.queue is None else {"queue": self._settings.queue}
        self._app.send_task(
            self._settings.task_names[message.name],
            kwargs=arguments,
            kwargsrepr=repr(arguments)[:ARGUMENTS_SHOWN],  # Celery's own takes a tenth of the whole publish
            headers={**taken_along(), **encode_headers(message)},
            eta=eta,
            connection=connection,
            retry=False,
            serializer="json",
            ignore_result=True,
            mandatory=True,  # otherwise RabbitMQ confirms a message that no queue takes
            **queue,
        )

    def _pool(self) -> Any:
        """This process' connections. A parent's stay in the dictionary: dropping them here would close them there."""
        pool = self._pools.get(os.getpid())
        return self._pools.setdefault(os.getpid(), self._new_pool()) if pool is None else pool

    def _new_pool(self) -> Any:
        timeout = self._settings.publish_timeout
        options = transport_options(self._app, timeout, self._settings)
        # Connect once to each host of a cluster. By default kombu tries again after 2 s and 4 s.
        options["max_retries"] = max(len(self._app.connection_for_write().alt) - 1, 0)
        connection = self._app.connection_for_write(connect_timeout=timeout, transport_options=options)
        return connection.Pool(limit=self._settings.publish_connections)
