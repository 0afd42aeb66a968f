"""Where the flow's messages go: into the queue of the settings, or wherever the app's own routes lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen
from celery import Celery
from celery.exceptions import QueueNotFound

from ...core.messages import Message
from ...core.trace import describe
from .messages import MESSAGES
from .publishing import queue_of_route
from .settings import CelerySettings


@frozen
class Routes:
    """``queues`` has the sweeps' last. The others say why, by the name of the task.

    A route is ``unusable`` if it names no queue: what waits, and what is retried, must know one. It is ``unknown`` if
    it needs a message's arguments, as a function of the host's may.
    """

    queues: Sequence[str]
    unusable: Mapping[str, str]
    unknown: Mapping[str, str]


def routes_of(app: Celery, settings: CelerySettings) -> Routes:
    queues: dict[str, None] = {}
    unusable: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for kind in MESSAGES:
        name = settings.task_names[kind.name]
        try:
            queues[_queue(app, settings, kind)] = None
        except QueueNotFound as error:
            unusable[name] = str(error.args[0])
        except Exception as error:  # it is the host's
            unknown[name] = describe(error)
    return Routes([*queues], unusable, unknown)


def _queue(app: Celery, settings: CelerySettings, kind: type[Message]) -> str:
    return settings.queue_of(kind) or queue_of_route(app, settings.task_names[kind.name], {})
