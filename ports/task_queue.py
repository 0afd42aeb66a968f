"""The way to the workers."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ..core.messages import Message


class TaskQueue(Protocol):
    def require_room(self) -> None:
        """Raise TaskQueueFull if the workers are so far behind that a new invitation would come to nothing (D27).

        An invitation asks this before it claims the session, and before it costs the store anything. The answer may be
        a second old: a queue that is asked need not look each time. Raises TaskQueueUnavailable.

        Promises:
            - room: Nothing is raised while few messages wait.
            - full: TaskQueueFull is raised, at most a second later, once as many wait as the adapter allows.
            - takes: A full queue still takes every message, for whatever goes on already must go on.
            - unavailable: TaskQueueUnavailable is raised within 3 s if the broker does not answer.
        """
        ...

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        """Queue one call of the message's task, to run now or not before ``eta``.

        When the call returns, the broker has the message. A message is delivered at least once, maybe late and in any
        order (D19). Raises TaskQueueUnavailable; the message may have been queued, and it is safe to trigger it again.

        Promises:
            - arrives: The message arrives with every argument and header.
            - eta: It does not arrive before ``eta``.
            - free: A message that waits for its ``eta`` does not delay others. An ``eta`` in the past is due now.
            - again: A message that is triggered again arrives again. The tasks ignore repeats.
            - unavailable: TaskQueueUnavailable is raised within 3 s if the broker does not answer (D27).
        """
        ...
