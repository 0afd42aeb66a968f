"""A platform whose world misbehaves: its broker forgets, repeats and reorders, its channel service comes and goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from attrs import frozen

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.core.errors import Refused
from show_goal.core.messages import Message
from show_goal.core.model import Session
from show_goal.core.settings import Settings
from show_goal.ports.errors import NotifierUnavailable, Unavailable
from show_goal.ports.notifier import Notification

SETTINGS = Settings(
    cooldown=timedelta(seconds=10), settle_delay=timedelta(seconds=30), eta_horizon=timedelta(seconds=120)
)


class BadBroker(MemoryTaskQueue):
    """Remembers every message that it ever had: any of them may come again."""

    def __init__(self, clock: MemoryClock) -> None:
        super().__init__(clock)
        self.ever: list[Message] = []

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        self.ever.append(message)
        super().trigger(message, eta=eta)

    def take(self, position: int) -> Message:
        """Take one that waits, due or not."""
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


@frozen(kw_only=True)
class Stores:
    """Sessions, goals and wallet of some kind, empty, and what only a host does to them."""

    ports: dict[str, Any]
    add_session: Callable[[Session], object]
    end_session: Callable[[str], object]
    credit: Callable[[str, int], None]


class Platform:
    def __init__(self, stores: Stores) -> None:
        self.clock = MemoryClock()
        self.broker = BadBroker(self.clock)
        self.notifier = BadNotifier()
        self.stores = stores
        self.container = Container.in_memory(
            clock=self.clock,
            task_queue=self.broker,
            notifier=self.notifier,
            settings=SETTINGS,
            trace_sink=lambda _: None,
            **stores.ports,
        )

    def deliver(self, message: Message) -> None:
        """Run its task now, whatever its time; what fails may come again, as anything may."""
        try:
            self.container.tasks()[type(message)](message)
        except (Refused, Unavailable):
            return
        except ExceptionGroup as failed:
            if failed.split((Refused, Unavailable))[1] is not None:
                raise
