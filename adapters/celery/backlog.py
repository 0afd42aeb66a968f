"""How much waits for the workers, so that an invitation is refused before it is accepted and comes to nothing (D27).

The broker is asked about once a second, so most requests cost no round trip. What this process publishes meanwhile is
added; what others publish shows in the broker's next answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from math import inf
from threading import Lock
from time import monotonic
from typing import Any

from celery import Celery

from ...core.messages import CreateGoal, Transfer
from ...core.trace import describe
from ...ports.errors import TaskQueueFull
from .queues import waiting
from .settings import CelerySettings

_log = logging.getLogger("show_goal.celery")

ASK_AGAIN_AFTER = 1.0
"""Seconds for which an answer of the broker counts."""
ASK_SOONER_AFTER = 0.25
"""The same when it is more than half full: then what other processes publish in a second would be too much."""


class Backlog:
    """``ask`` returns how many messages wait at the broker. ``most`` may wait before invitations are refused."""

    def __init__(self, most: int, ask: Callable[[], int]) -> None:
        self._most = most
        self._ask = ask
        self._lock = Lock()
        self._asked_at = -inf
        self._waited = 0
        self._published = 0
        self._published_before = 0

    def published(self) -> None:
        """This process has published one more message."""
        with self._lock:
            self._published += 1

    def require_room(self) -> None:
        """Raise TaskQueueFull if ``most`` messages wait, and what ``ask`` raises."""
        if self._is_my_turn():
            self._ask_again()
        if self._waiting >= self._most:
            raise TaskQueueFull(f"about {self._waiting} messages wait for the workers, and {self._most} may")

    @property
    def _waiting(self) -> int:
        return self._waited + self._published - self._published_before

    def _is_my_turn(self) -> bool:
        """True for the one thread that has to ask. The others go on with what is known."""
        with self._lock:
            now = monotonic()
            after = ASK_SOONER_AFTER if self._waiting * 2 > self._most else ASK_AGAIN_AFTER
            if now - self._asked_at < after:
                return False
            self._asked_at = now
            return True

    def _ask_again(self) -> None:
        before = self._published  # what is published while the broker answers may be counted twice, never left out
        try:
            waited = self._ask()
        except Exception:
            self._asked_at = -inf  # whoever comes next asks
            raise
        with self._lock:
            self._waited, self._published_before = waited, before


def queues_of_invitations(app: Celery, settings: CelerySettings) -> Sequence[str]:
    """The queues that an invitation's messages go to; none if the app's routes find no queue by a task's name alone."""
    if settings.queue is not None:
        return [settings.queue]
    names = [settings.task_names[kind.name] for kind in (CreateGoal, Transfer)]
    try:
        routes = [app.amqp.router.route({}, name) for name in names]
        return list(dict.fromkeys(str(route["queue"].name) for route in routes))
    except Exception as error:  # a route may be any function of the host's
        _log.warning("Invitations are never refused for a full queue: no route of %s: %s", names, describe(error))
        return []


def messages_waiting(connection: Any, queues: Sequence[str]) -> int:
    connection.default_channel  # noqa: B018 - connects within the time that the connection has; the next line would not
    found = [waiting(connection, queue) for queue in queues]
    return sum(queue.message_count for queue in found if queue is not None)
