"""A broker in the time of a clock, and a worker that empties it on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

from attrs import evolve, field, frozen

from ...core.errors import Refused
from ...core.messages import Message
from ...core.trace import received, taken_along
from ...ports.clock import Clock
from ...ports.errors import TaskQueueFull

RETRY_AFTER = timedelta(seconds=1)
MAX_RETRIES = 20


@frozen
class Queued:
    """A message, when it may run, and its headers for telemetry."""

    message: Message
    due: datetime
    retries: int = 0
    headers: Mapping[str, str] = field(factory=dict)


class MemoryTaskQueue:
    """``max_backlog`` messages may be due before it is full; 0 for any number."""

    def __init__(self, clock: Clock, max_backlog: int = 0) -> None:
        self._clock = clock
        self._max_backlog = max_backlog
        self._queued: list[Queued] = []
        self._lock = Lock()

    def require_room(self) -> None:
        due = len(self._due()) if self._max_backlog else 0
        if due > 0 and due >= self._max_backlog:
            raise TaskQueueFull(f"{due} messages wait for the workers, and {self._max_backlog} may")

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        with self._lock:
            self._queued.append(Queued(message, eta or self._clock.now(), headers=taken_along()))

    def queued(self) -> list[Queued]:
        """Every message that waits, due or not, the oldest first."""
        return list(self._queued)

    def purge(self) -> None:
        """Lose every message, like a broker that lost its disk."""
        self._queued.clear()

    def take_due(self) -> Queued | None:
        """Remove and return the message that has been due for longest, or None if none is due."""
        with self._lock:
            due = self._due()
            if not due:
                return None
            first = min(due, key=lambda queued: queued.due)
            self._queued.remove(first)
            return first

    def _due(self) -> list[Queued]:
        now = self._clock.now()
        return [queued for queued in self._queued if queued.due <= now]

    def retry(self, queued: Queued, due: datetime) -> None:
        """Queue a failed message again. After ``MAX_RETRIES`` it is dropped, like a real worker does."""
        if queued.retries < MAX_RETRIES:
            with self._lock:
                self._queued.append(evolve(queued, due=due, retries=queued.retries + 1))


class MemoryWorker:
    """Runs due tasks in the calling thread. Like a Celery worker, it drops what is refused and retries what fails."""

    def __init__(
        self, queue: MemoryTaskQueue, tasks: Mapping[type[Message], Callable[..., object]], clock: Clock
    ) -> None:
        self._queue = queue
        self._tasks = tasks
        self._clock = clock

    def run_due(self, *, quiet: bool = False) -> int:
        """Run tasks until none is due, including those that they trigger. Return how many ran.

        A task that fails is due again a second later. At the end, raises an ExceptionGroup of the failures, so that no
        test passes over them; unless you ask for ``quiet``. Each error is also in its task's trace (D28).
        """
        ran = 0
        failures: list[tuple[str, Exception]] = []
        while (queued := self._queue.take_due()) is not None:
            ran += 1
            try:
                with received(queued.headers):
                    self._tasks[type(queued.message)](queued.message)
            except Refused:
                continue
            except Exception as error:
                self._queue.retry(queued, self._clock.now() + RETRY_AFTER)
                failures.append((queued.message.name, error))
        if failures and not quiet:
            names = ", ".join(dict.fromkeys(name for name, _ in failures))
            raise ExceptionGroup(f"tasks failed: {names}", [error for _, error in failures])
        return ran
