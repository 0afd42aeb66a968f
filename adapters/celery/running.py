"""How a worker runs one message: once if it can, later if it must, and set aside if it never will.

A message is never acknowledged before it has run, been refused, or lies in another queue.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import current_thread, main_thread
from time import sleep
from traceback import format_tb
from typing import Any, NoReturn

from attrs import evolve, frozen
from celery import Task
from celery.exceptions import Ignore, Reject, Retry
from celery.utils.time import get_exponential_backoff_interval

from ...core.errors import OutOfTime, Refused
from ...core.messages import Message, Sweep
from ...core.trace import describe, leaves, received
from ...ports.errors import TaskQueueUnavailable
from ..logs import log_ids
from .messages import HEADER_PREFIX, MalformedMessage, decode
from .publishing import DUE, Letter, Publisher
from .queues import dead_queue, waiting
from .settings import CelerySettings

_log = logging.getLogger("show_goal.celery")

IDS = ("goal_id", "transaction_id", "insert_id")
"""The arguments that the text of a log line shows."""
DELIVERIES = f"{HEADER_PREFIX}deliveries"
"""Header: how many deliveries of this message have ended with its worker."""
ERROR = f"{HEADER_PREFIX}error"
"""Header of a dead letter: why it was set aside."""
BROKERS_HEADERS = "x-"
BEFORE_GOING_BACK = 1.0
"""Seconds. A quorum queue sets aside what has come back 20 times."""

Tasks = Callable[[], Mapping[type[Message], Callable[[Any], object]]]


@frozen
class Runner:
    """Runs one kind of message."""

    kind: type[Message]
    tasks: Tasks
    publisher: Publisher
    settings: CelerySettings

    def run(self, task: Task, nameless: Sequence[object], arguments: Mapping[str, object]) -> None:
        """``nameless`` are positional arguments, which no message of the flow has.

        Celery pickles what is raised here, with all its causes, into a pipe of 64 KB. A process that had to wait for
        room there could be interrupted by a time limit: half a result ends the worker. So no cause is passed on.
        """
        try:
            self._run(task, nameless, arguments)
        except (Ignore, Reject, Retry) as end:
            raise end.with_traceback(None) from None

    def _run(self, task: Task, nameless: Sequence[object], arguments: Mapping[str, object]) -> None:
        letter = _letter(task, arguments)
        if nameless:
            self._set_aside(letter, f"arguments without names: {[*nameless]}")
        due = _due(letter)
        if due is not None and due > datetime.now(UTC):  # it waited in a queue for as long as that one can
            self._publish(letter, due)
            raise Ignore
        if self.kind is Sweep and self._superseded():
            raise Ignore
        if (task.request.delivery_info or {}).get("redelivered"):
            self._count(letter)
        try:
            message = decode(self.kind, arguments, letter.headers)
            with received(letter.headers), _interrupted():
                self.tasks()[self.kind](message)
        except (SystemExit, KeyboardInterrupt):  # Celery gives the message back
            raise
        except BaseException as error:  # of any other that is no Exception, Celery would drop the message
            if not _final(error):
                self._retry(letter, error)
            _say(logging.INFO, "%s is refused: %s", _named(letter), describe(error), letter=letter)
            raise Ignore from None  # acknowledge it, but log no success

    def _superseded(self) -> bool:
        """A later sweep waits behind this one, and will find all that this one would."""
        ask = partial(waiting, name=self.settings.sweep_queue)
        try:
            behind = self.publisher.use(ask, "did not say what waits")
        except TaskQueueUnavailable:
            return False
        return behind is not None and behind.message_count > 0

    def _count(self, letter: Letter) -> NoReturn:
        """The message came before, and its worker did not survive it. Run it a little later, but not for ever (D46)."""
        before = letter.headers.get(DELIVERIES)
        deliveries = before + 1 if isinstance(before, int) else 1
        if deliveries >= self.settings.max_deliveries:
            self._set_aside(letter, f"{deliveries} workers that ran it were killed, by it or by a time limit")
        pause = timedelta(seconds=2 ** (deliveries - 1) // 2)  # most are innocent: the first time there is none
        _say(
            logging.WARNING,
            "%s came before and was not finished, delivery %d of %d: it runs again in %d s",
            *(_named(letter), deliveries, self.settings.max_deliveries, pause.total_seconds()),
            letter=letter,
        )
        self._publish(evolve(letter, headers={**letter.headers, DELIVERIES: deliveries}), datetime.now(UTC) + pause)
        raise Ignore

    def _retry(self, letter: Letter, error: BaseException) -> NoReturn:
        settings, retries = self.settings, letter.retries
        if self.kind is Sweep:  # the next one is on its way
            _say(logging.WARNING, "%s failed: %s", _named(letter), describe(error), letter=letter)
            raise Ignore
        if retries >= settings.max_retries:
            where = "".join(line for leaf in leaves(error) for line in format_tb(leaf.__traceback__))
            self._set_aside(letter, f"it failed after {retries} retries: {describe(error)}", where)
        wait = get_exponential_backoff_interval(
            settings.retry_backoff, retries, settings.retry_backoff_max, full_jitter=True
        )
        _say(
            logging.WARNING,
            "%s failed, retry %d in %d s: %s",
            *(_named(letter), retries + 1, wait, describe(error)),
            letter=letter,
        )
        headers = {name: value for name, value in letter.headers.items() if name != DELIVERIES}
        self._publish(evolve(letter, retries=retries + 1, headers=headers), datetime.now(UTC) + timedelta(seconds=wait))
        raise Retry(describe(error), when=wait)

    def _set_aside(self, letter: Letter, why: str, where: str = "") -> NoReturn:
        _say(
            logging.ERROR,
            "%s is set aside in %s: %s\n%s",
            *(_named(letter), self.settings.dead_queue, why, where),
            letter=letter,
        )
        self._publish(evolve(letter, headers={**letter.headers, ERROR: why}), queue=dead_queue(self.settings))
        raise Ignore

    def _publish(self, letter: Letter, due: datetime | None = None, queue: Any = None) -> None:
        """Publish it anew. While the broker does not take it, it goes back into its queue.

        There it is due at once, so it must not go back at once.
        """
        try:
            self.publisher.publish(letter, queue or self.settings.queue_of(self.kind), due)
        except Exception as error:
            why = describe(error)
            _say(
                logging.WARNING,
                "%s cannot be queued anew, and goes back into its queue: %s",
                *(_named(letter), why),
                letter=letter,
            )
            sleep(BEFORE_GOING_BACK)
            raise Reject(error, requeue=True) from error


def _say(level: int, text: str, *values: object, letter: Letter) -> None:
    """A log that fails keeps no message from its queue (D44)."""
    with suppress(Exception):
        _log.log(level, text, *values, extra=log_ids(letter.arguments))


def _letter(task: Task, arguments: Mapping[str, object]) -> Letter:
    request = task.request
    headers = {name: value for name, value in (request.headers or {}).items() if not name.startswith(BROKERS_HEADERS)}
    return Letter(task=str(task.name), arguments=arguments, headers=headers, id=request.id, retries=request.retries)


def _due(letter: Letter) -> datetime | None:
    """None also if the header says no time that there is."""
    due = letter.headers.get(DUE)
    try:
        return datetime.fromtimestamp(due, UTC) if isinstance(due, int | float) else None
    except (ValueError, OverflowError, OSError):
        return None


@contextmanager
def _interrupted() -> Iterator[None]:
    """Let the soft time limit raise OutOfTime. Celery's own error is an Exception, which a receiver may swallow."""

    def interrupt(_: int, __: object) -> NoReturn:
        raise OutOfTime

    if current_thread() is not main_thread():  # such pools have no time limits
        yield
        return
    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


def _final(error: BaseException) -> bool:
    """Whether this is only refusals, of one or several receivers, which a repeat would not change.

    A worker of another version may be able to read what this one cannot (D45).
    """
    return all(isinstance(leaf, Refused) and not isinstance(leaf, MalformedMessage) for leaf in leaves(error))


def _named(letter: Letter) -> str:
    ids = [f"{name}={value}" for name, value in letter.arguments.items() if name in IDS]
    return " ".join([f"{letter.task}[{letter.id}]", *ids])
