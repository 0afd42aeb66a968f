"""The task queue: one message published is one call of a task by a worker."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from time import monotonic
from typing import Any

from attrs import frozen
from celery import Celery
from kombu import exceptions as kombu

from ...core.messages import Message
from ...core.trace import describe, taken_along
from ...ports.errors import TaskQueueUnavailable
from .app import publishing_options, transport_options
from .messages import MESSAGES, encode_arguments, encode_headers
from .prepared import PreparedTask, prepare
from .settings import CelerySettings

BROKER_ERRORS = (
    kombu.OperationalError,  # what any kind of broker may raise in passing, in kombu's words
    kombu.ConnectionError,  # what RabbitMQ will not have at all: a login, a virtual host,
    kombu.ChannelError,  # a queue that stands with other arguments
    kombu.LimitExceeded,  # all connections are busy
    OSError,
)


class CeleryTaskQueue:
    """Publishes on connections of its own, so that a request gets its answer in time whatever the app's settings are.

    Threads may share it, and so may forked processes: each process connects at its first message.
    """

    def __init__(self, app: Celery, settings: CelerySettings) -> None:
        self._app = app
        self._settings = settings
        self._processes: dict[int, _Process] = {}

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        started = monotonic()
        try:
            try:
                self._publish(message, eta)
            except BROKER_ERRORS:
                # A kept connection may have died since its last use. That shows at once; a broker that hangs does not.
                if monotonic() - started > self._settings.publish_timeout / 2:
                    raise
                self._publish(message, eta)
        except BROKER_ERRORS as error:
            broker = self._app.connection_for_write().as_uri()
            cause = describe(error.__cause__ or error)
            raise TaskQueueUnavailable(f"{broker} did not take {message.name}: {cause}") from error

    def close(self) -> None:
        """Close this process' connections; the next message opens new ones."""
        process = self._processes.pop(os.getpid(), None)
        if process is not None:
            process.pool.force_close_all()

    def _publish(self, message: Message, eta: datetime | None) -> None:
        process = self._process()
        with process.pool.acquire(block=True, timeout=self._settings.publish_timeout) as connection:
            try:
                prepared = process.prepared[message.name]
                if prepared is None or eta is not None or self._app.current_worker_task:
                    self._send_task(connection, message, eta)
                else:
                    prepared.publish(connection, encode_arguments(message), _headers(message))
            except (
                *BROKER_ERRORS,
                *connection.recoverable_connection_errors,
                *connection.recoverable_channel_errors,
            ) as error:
                # Drop it as it is: to close it in good order would wait for a broker that may not answer.
                connection.collect()
                if isinstance(error, BROKER_ERRORS):
                    raise
                raise kombu.OperationalError(str(error)) from error

    def _send_task(self, connection: Any, message: Message, eta: datetime | None) -> None:
        """Celery's own way, for what it alone knows: routes, ETAs, and whose child a task of a worker's task is."""
        options: dict[str, Any] = {} if self._settings.queue is None else {"queue": self._settings.queue}
        self._app.send_task(
            self._settings.task_names[message.name],
            kwargs=encode_arguments(message),
            headers=_headers(message),
            eta=eta,
            connection=connection,
            retry=False,
            serializer="json",
            ignore_result=True,
            mandatory=True,  # or RabbitMQ confirms what no queue takes
            **options,
        )

    def _process(self) -> _Process:
        """This process' connections. A parent's are kept for it: to drop them here would close them there."""
        process = self._processes.get(os.getpid())
        return process or self._processes.setdefault(os.getpid(), self._new_process())

    def _new_process(self) -> _Process:
        timeout = self._settings.publish_timeout
        hosts = self._app.connection_for_write().alt
        connection = self._app.connection_for_write(
            connect_timeout=timeout,
            transport_options={
                **transport_options(self._app, timeout, self._settings),
                **publishing_options(self._app),
                # One attempt to connect, to each host of a cluster. Without this, kombu waits 2 s and 4 s in between.
                "max_retries": max(len(hosts) - 1, 0),
            },
        )
        names = self._settings.task_names
        return _Process(
            pool=connection.Pool(limit=self._settings.publish_connections),
            prepared={kind.name: prepare(self._app, names[kind.name], self._settings) for kind in MESSAGES},
        )


def passing_errors(connection: Any) -> tuple[type[Exception], ...]:
    """What the library behind this kind of broker raises, in its own words."""
    return (*connection.recoverable_connection_errors, *connection.recoverable_channel_errors)


@frozen
class _Process:
    """What belongs to one process: its connections, and the form of its messages."""

    pool: Any
    prepared: Mapping[str, PreparedTask | None]


def _headers(message: Message) -> dict[str, object]:
    """The message's own, and what the trace's observer wants taken along."""
    return {**taken_along(), **encode_headers(message)}
