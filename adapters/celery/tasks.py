"""The flow's tasks, registered on a host's app or on ours."""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery, Task
from celery.signals import celeryd_after_setup

from ...core.messages import Sweep
from .check import unsafe_pool, unsafe_settings
from .heartbeats import wait_for_no_heartbeat
from .messages import MESSAGES
from .publishing import Publisher
from .queues import know_queues
from .running import Runner, Tasks
from .settings import SWEEP_LIMITS, CelerySettings
from .starting import prepare_workers
from .unreadable import keep_unreadable

_log = logging.getLogger("show_goal.celery")


def register_tasks(app: Celery, tasks: Tasks, settings: CelerySettings) -> None:
    """Register the flow's tasks under ``settings.task_names``, only on this app.

    ``tasks`` is called in the worker's process for each message, never earlier, so what it builds connects after the
    fork. A refusal is final. Any other failure is retried ``max_retries`` times, with backoff and jitter (D19); then
    the message is set aside. The tasks bring safe settings of their own; the app's other unsafe settings are logged
    when a worker starts. If the app already has a task under one of the names, that task stays.
    """
    publisher = Publisher(app, settings)
    for kind in MESSAGES:
        _register(app, Runner(kind, tasks, publisher, settings))
    know_queues(app, settings)
    prepare_workers(app, settings)
    keep_unreadable(app, settings)
    wait_for_no_heartbeat(app)

    def warn(instance: Any, **_: object) -> None:
        if instance.app is app:
            for problem in (*unsafe_settings(app, settings), *unsafe_pool(instance)):
                _log.warning("Unsafe setting of %s: %s", app.main, problem)

    # The first signal of a starting worker after its logging is set up.
    celeryd_after_setup.connect(warn, weak=False, dispatch_uid=f"show_goal.unsafe_settings.{id(app)}")


def _register(app: Celery, runner: Runner) -> None:
    def run(task: Task, /, *nameless: object, **arguments: object) -> None:
        runner.run(task, nameless, arguments)

    settings = runner.settings
    soft, hard = SWEEP_LIMITS if runner.kind is Sweep else (settings.soft_time_limit, settings.time_limit)
    run.__name__ = run.__qualname__ = runner.kind.name
    run.__doc__ = runner.kind.__doc__
    app.task(
        name=settings.task_names[runner.kind.name],
        bind=True,
        shared=False,  # otherwise every other app of the process gets the task too
        acks_late=True,
        reject_on_worker_lost=True,
        acks_on_failure_or_timeout=False,
        acks_on_failure=False,
        acks_on_timeout=False,
        rate_limit=0,  # none; None would take the app's
        ignore_result=True,
        serializer="json",
        soft_time_limit=soft,
        time_limit=hard,
        autoretry_for=(),  # we retry, whatever the app's own task class does
        max_retries=None,
    )(run)
