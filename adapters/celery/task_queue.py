"""The task queue: a published message makes a worker call a task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from celery import Celery

from ...core.messages import Message
from ...core.trace import taken_along
from .backlog import Backlog, messages_waiting, queues_of_invitations
from .messages import encode_arguments, encode_headers
from .publishing import Letter, Publisher
from .settings import CelerySettings


class CeleryTaskQueue:
    """Publishes messages. A request gets its answer in time, with any settings of the app."""

    def __init__(self, app: Celery, settings: CelerySettings) -> None:
        self._app = app
        self._settings = settings
        self._publisher = Publisher(app, settings)
        self._backlog = Backlog(settings.max_backlog, self._messages_waiting)

    def require_room(self) -> None:
        if self._settings.max_backlog and self._queues:
            self._backlog.require_room()

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        letter = Letter(
            task=self._settings.task_names[message.name],
            arguments=encode_arguments(message),
            headers={**taken_along(), **encode_headers(message)},
        )
        self._publisher.publish(letter, self._settings.queue_of(type(message)), eta)
        if eta is None:
            self._backlog.published()

    def close(self) -> None:
        """Close this process' connections. The next message opens new ones."""
        self._publisher.close()

    def _messages_waiting(self) -> int:
        return self._publisher.use(
            lambda connection: messages_waiting(connection, self._queues), "did not say what waits"
        )

    @cached_property
    def _queues(self) -> Sequence[str]:
        return queues_of_invitations(self._app, self._settings)
