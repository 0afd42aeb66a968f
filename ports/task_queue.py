"""The way to the workers."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ..core.messages import Message


class TaskQueue(Protocol):
    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        """Queue one call of the message's task, to run at once or not before ``eta``.

        When it returns, the broker has the message. Delivery is at least once, late and in any order (D19). The message
        arrives as it was triggered, with its header. It arrives not before its ``eta``. What waits for its ``eta``
        holds nothing up. A message that is triggered again arrives again: repeats are for the tasks to see through.
        Raises TaskQueueUnavailable within 3 s (D27): the message may have been queued all the same.
        """
        ...
