"""Messages that Celery cannot read: without a task's name, of an unknown task, or no JSON. They are set aside (D45).

By itself Celery would acknowledge some of them and reject the others, which Redis drops.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from celery import Celery
from celery.bootsteps import StartStopStep
from kombu.message import Message

from ...core.trace import describe
from ...ports.errors import TaskQueueUnavailable
from .publishing import QUEUE, Publisher
from .queues import dead_queue, work_queues
from .running import ERROR
from .settings import CelerySettings

_log = logging.getLogger("show_goal.celery")

OUR_TASKS = "show_goal."
HANDLERS = ("on_unknown_message", "on_unknown_task", "on_invalid_task", "on_decode_error")
"""The methods of Celery's consumer that get such a message."""


def keep_unreadable(app: Celery, settings: CelerySettings) -> None:
    """Let the app's workers set aside what they cannot read, if it comes from the flow's own queues."""
    kept = {"settings": settings, "publisher": Publisher(app, settings)}
    steps: Any = app.steps
    steps["consumer"].add(type("KeepsUnreadable", (_KeepsUnreadable,), kept))


class _KeepsUnreadable(StartStopStep):  # type: ignore[misc]
    settings: ClassVar[CelerySettings]
    publisher: ClassVar[Publisher]

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        for name in HANDLERS:
            setattr(consumer, name, partial(self._keep, getattr(consumer, name)))

    def _keep(self, handle: Callable[..., None], *given: Any) -> None:
        message: Any = next(value for value in given if isinstance(value, Message))
        if not self._is_ours(message):
            handle(*given)
            return
        why = f"it cannot be read: {describe(given[-1]) if isinstance(given[-1], Exception) else 'it names no task'}"
        try:
            self.publisher.use(partial(self._set_aside, message, why), "did not take what cannot be read")
        except TaskQueueUnavailable as error:
            _log.warning("%s", error)
            message.requeue()
            return
        _log.error("A message is set aside in %s: %s", self.settings.dead_queue, why)
        message.ack()

    def _is_ours(self, message: Any) -> bool:
        """It came straight into one of our queues, or waited on its way, or names one of our tasks."""
        headers, place = message.headers or {}, message.delivery_info.get("routing_key")
        ours = [queue.name for queue in work_queues(self.settings)]
        return place in ours or QUEUE in headers or str(headers.get("task")).startswith(OUR_TASKS)

    def _set_aside(self, message: Any, why: str, connection: Any) -> None:
        body = message.body
        connection.Producer().publish(
            body.encode() if isinstance(body, str) else bytes(body),
            routing_key=self.settings.dead_queue,
            declare=[dead_queue(self.settings)],
            headers={**(message.headers or {}), ERROR: why},
            content_type=message.content_type or "application/octet-stream",
            content_encoding="binary",
            delivery_mode=2,
            mandatory=True,
        )
