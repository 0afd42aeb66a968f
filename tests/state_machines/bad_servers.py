"""A broker that delivers anything again and in any order, and a channel service that comes and goes."""

from __future__ import annotations

from datetime import datetime

from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.core.messages import Message
from show_goal.ports.errors import NotifierUnavailable
from show_goal.ports.notifier import Notification


class BadBroker(MemoryTaskQueue):
    """Remembers every message it ever had, because any of them may come again."""

    def __init__(self, clock: MemoryClock) -> None:
        super().__init__(clock)
        self.ever: list[Message] = []

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        self.ever.append(message)
        super().trigger(message, eta=eta)

    def take(self, position: int) -> Message:
        """Take any message out of the queue, due or not."""
        queued = self.queued()
        taken = queued.pop(position % len(queued))
        self.purge()
        for other in queued:
            super().trigger(other.message, eta=other.due)
        return taken.message


class BadNotifier:
    down = False

    def notify(self, notification: Notification) -> None:
        if self.down:
            raise NotifierUnavailable("no answer")
