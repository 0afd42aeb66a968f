"""Task queues that break a promise."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.core.messages import Message, Transfer
from show_goal.ports.errors import TaskQueueFull, TaskQueueUnavailable
from show_goal.testing.conformance import TaskQueueConformance, TaskQueueUnderTest
from show_goal.testing.conformance.task_queue import ROOM
from tests.contracts.far_ends import MemoryConsumer

from .breaking import WrongAdapters


class Queue(MemoryTaskQueue):
    """Right. It is unavailable on request."""

    def __init__(self, max_backlog: int = 0) -> None:
        super().__init__(MemoryClock(), max_backlog)
        self.unavailable = False

    def require_room(self) -> None:
        if self.unavailable:
            raise TaskQueueUnavailable("no broker answers")
        super().require_room()

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        if self.unavailable:
            raise TaskQueueUnavailable("no broker answers")
        super().trigger(message, eta=eta)


def under_test(queue: Any) -> TaskQueueUnderTest:
    unavailable = type(queue)()
    unavailable.unavailable = True
    return TaskQueueUnderTest(
        task_queue=queue,
        consumer=MemoryConsumer(queue, queue._clock),
        unavailable=unavailable,
        limited=type(queue)(ROOM),
    )


WRONG = WrongAdapters(TaskQueueConformance, Queue, under_test)


def full(right: Any) -> None:
    raise TaskQueueFull("always")


def refuse_when_full(right: Any, message: Message, eta: datetime | None = None) -> None:
    right.__self__.require_room()
    right(message, eta=eta)


WRONG.add("require_room.room", "TaskQueueFull(", require_room=full)
WRONG.add("require_room.full", "and there is room", require_room=lambda right: None)
WRONG.add("require_room.takes", "TaskQueueFull(", trigger=refuse_when_full)
WRONG.add(
    "require_room.unavailable",
    "DID NOT RAISE",
    require_room=lambda right: right.__self__.unavailable or right(),
)
WRONG.add(
    "trigger.arrives",
    "another message arrived",
    trigger=lambda right, message, eta=None: right(
        evolve(message, duration=None) if isinstance(message, Transfer) else message, eta=eta
    ),
)
WRONG.add(
    "trigger.eta",
    "it arrived too early",
    trigger=lambda right, message, eta=None: right(message, eta=eta and eta - timedelta(milliseconds=1)),
)


@WRONG.breaks("trigger.free", "waited for the one that is not")
class FirstInFirstOut(Queue):
    def take_due(self) -> Any:
        waiting = self.queued()
        return self._queued.pop(0) if waiting and waiting[0].due <= self._clock.now() else None


WRONG.add(
    "trigger.again",
    "TimeoutError(",
    trigger=lambda right, message, eta=None: (
        message in [queued.message for queued in right.__self__.queued()] or right(message, eta=eta)
    ),
)
WRONG.add(
    "trigger.unavailable",
    "DID NOT RAISE",
    trigger=lambda right, message, eta=None: right.__self__.unavailable or right(message, eta=eta),
)
