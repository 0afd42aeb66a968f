"""The flow's tasks, registered on a host's app or on ours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from traceback import format_tb
from typing import Any, NoReturn

from attrs import frozen
from celery import Celery, Task
from celery.exceptions import Ignore, Reject
from celery.signals import celeryd_after_setup
from celery.utils.time import get_exponential_backoff_interval

from ...core.errors import Refused
from ...core.messages import Message
from ...core.trace import describe, received
from ..logs import log_ids
from .check import unsafe_settings
from .messages import MESSAGES, MalformedMessage, decode
from .settings import CelerySettings

_log = logging.getLogger("show_goal.celery")

IDS = ("goal_id", "transaction_id", "insert_id")
"""The arguments that the text of a log line shows."""

Tasks = Callable[[], Mapping[type[Message], Callable[[Any], object]]]


def register_tasks(app: Celery, tasks: Tasks, settings: CelerySettings) -> None:
    """Register the flow's tasks under ``settings.task_names``, only on this app.

    ``tasks`` is called in the worker's process for each message, never earlier, so what it builds connects after the
    fork. A refusal is final. Any other failure is retried ``max_retries`` times, with backoff and jitter (D19). The
    tasks bring safe settings of their own; the app's other unsafe settings are logged when a worker starts. If the app
    already has a task under one of the names, that task stays.
    """
    for kind in MESSAGES:
        _register(app, _Runner(kind, tasks, settings))

    def warn(instance: Any, **_: object) -> None:
        if instance.app is app:
            for problem in unsafe_settings(app, settings):
                _log.warning("Unsafe setting of %s: %s", app.main, problem)

    # The first signal of a starting worker after its logging is set up.
    celeryd_after_setup.connect(warn, weak=False, dispatch_uid=f"show_goal.unsafe_settings.{id(app)}")


def _register(app: Celery, runner: _Runner) -> None:
    def run(task: Task, **arguments: object) -> None:
        runner.run(task, arguments)

    run.__name__ = run.__qualname__ = runner.kind.name
    run.__doc__ = runner.kind.__doc__
    app.task(
        name=runner.settings.task_names[runner.kind.name],
        bind=True,
        shared=False,  # otherwise every other app of the process gets the task too
        acks_late=True,
        reject_on_worker_lost=True,
        acks_on_failure_or_timeout=False,
        ignore_result=True,
        serializer="json",
        soft_time_limit=runner.settings.soft_time_limit,
        time_limit=runner.settings.time_limit,
        max_retries=None,  # we count, so that we can log the last failure
    )(run)


@frozen
class _Runner:
    """Runs one kind of message."""

    kind: type[Message]
    tasks: Tasks
    settings: CelerySettings

    def run(self, task: Task, arguments: Mapping[str, object]) -> None:
        headers = task.request.headers or {}
        try:
            message = decode(self.kind, arguments, headers)
            with received(headers):
                self.tasks()[self.kind](message)
        except Exception as error:
            if not _final(error):
                self._retry(task, arguments, error)
            level = logging.ERROR if isinstance(error, MalformedMessage) else logging.INFO
            _log.log(level, "%s is refused: %s", _named(task, arguments), describe(error), extra=log_ids(arguments))
            raise Ignore from None  # acknowledge it, but log no success

    def _retry(self, task: Task, arguments: Mapping[str, object], error: Exception) -> NoReturn:
        settings, retries = self.settings, task.request.retries
        if retries >= settings.max_retries:
            where = "".join(line for leaf in _leaves(error) for line in format_tb(leaf.__traceback__))
            _log.error(
                "%s is given up after %d retries: %s\n%s",
                *(_named(task, arguments), retries, describe(error), where),
                extra=log_ids(arguments),
            )
            raise Reject(describe(error), requeue=False) from None  # goes to a dead-letter exchange if there is one
        wait = get_exponential_backoff_interval(
            settings.retry_backoff, retries, settings.retry_backoff_max, full_jitter=True
        )
        _log.warning(
            "%s failed, retry %d in %d s: %s",
            *(_named(task, arguments), retries + 1, wait, describe(error)),
            extra=log_ids(arguments),
        )
        _retry_or_requeue(task, wait)


def _retry_or_requeue(task: Task, countdown: int) -> NoReturn:
    try:
        raise task.retry(countdown=countdown)
    except Reject as unpublished:
        # The broker did not take the retry. Celery would drop the message; keep it in the queue.
        raise Reject(unpublished.reason, requeue=True) from unpublished


def _final(error: BaseException) -> bool:
    """Whether this is only refusals, of one or several receivers, which a repeat would not change."""
    return all(isinstance(leaf, Refused) for leaf in _leaves(error))


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for inner in error.exceptions:
        yield from _leaves(inner)


def _named(task: Task, arguments: Mapping[str, object]) -> str:
    ids = [f"{name}={value}" for name, value in arguments.items() if name in IDS]
    return " ".join([f"{task.name}[{task.request.id}]", *ids])
