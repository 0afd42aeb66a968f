"""A broker in virtual time, and the worker that empties it on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

from attrs import evolve, field, frozen

from ...core.errors import Refused
from ...core.messages import Message
from ...core.trace import received, taken_along
from ...ports.clock import Clock

RETRY_AFTER = timedelta(seconds=1)
MAX_RETRIES = 20


@frozen
class Queued:
    """A message, when it may run, and what it takes along for telemetry."""

    message: Message
    due: datetime
    retries: int = 0
    headers: Mapping[str, str] = field(factory=dict)


class MemoryTaskQueue:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queued: list[Queued] = []
        self._lock = Lock()

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        with self._lock:
            self._queued.append(Queued(message, eta or self._clock.now(), headers=taken_along()))

    def queued(self) -> list[Queued]:
        """What waits, due or not, oldest first."""
        return list(self._queued)

    def purge(self) -> None:
        """Lose every message, as a broker without its disk does."""
        self._queued.clear()

    def take_due(self) -> Queued | None:
        """The message that has been due for longest; None when none is due."""
        with self._lock:
            due = [queued for queued in self._queued if queued.due <= self._clock.now()]
            if not due:
                return None
            first = min(due, key=lambda queued: queued.due)
            self._queued.remove(first)
            return first

    def retry(self, queued: Queued, due: datetime) -> None:
        """Queue a message that failed once more; after ``MAX_RETRIES`` it is given up, as a real worker gives up."""
        if queued.retries < MAX_RETRIES:
            with self._lock:
                self._queued.append(evolve(queued, due=due, retries=queued.retries + 1))


class MemoryWorker:
    """Runs due tasks in the calling thread, as a Celery worker would: refusals are final, other errors are retried."""

    def __init__(
        self, queue: MemoryTaskQueue, tasks: Mapping[type[Message], Callable[..., object]], clock: Clock
    ) -> None:
        self._queue = queue
        self._tasks = tasks
        self._clock = clock

    def run_due(self) -> int:
        """Run tasks until none is due, those that they trigger included. Returns how many ran.

        One that fails is due again a second later; errors are found in its trace (D28).
        """
        ran = 0
        while (queued := self._queue.take_due()) is not None:
            ran += 1
            try:
                with received(queued.headers):
                    self._tasks[type(queued.message)](queued.message)
            except Refused:
                continue
            except Exception:
                self._queue.retry(queued, self._clock.now() + RETRY_AFTER)
        return ran
