"""A host's Celery app in which something that only observes hangs, or ends its process, for one viewer each.

``OBSERVING`` names them: ``log hangs=6a1...,log exits=6a2...``.
"""

from __future__ import annotations

import logging
import os
from threading import Event

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app, register_tasks, schedule_sweeps
from show_goal.adapters.container import Container
from show_goal.core import names
from show_goal.ports.notifier import Notification, Notifier

VIEWERS = dict(pair.split("=") for pair in os.environ["OBSERVING"].split(","))


def observe(part: str, text: str) -> None:
    for how in ("hangs", "exits"):
        if VIEWERS[case := f"{part} {how}"] in text:
            os.write(2, f"OBSERVING: {case}\n".encode())
            Event().wait(60 if how == "hangs" else 0)
            raise SystemExit


class Channels:
    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    def notify(self, notification: Notification) -> None:
        observe("channels", " ".join(notification.channels))
        self._notifier.notify(notification)


class Log(logging.Handler):
    """Gets the trace of every unit (D28)."""

    def emit(self, record: logging.LogRecord) -> None:
        observe("log", record.getMessage())


def on_refund(_: object, *, user_id: str, **__: object) -> None:
    observe("receiver", user_id)


settings = CelerySettings(queue=os.environ["SHOW_GOAL_QUEUE"], soft_time_limit=4, time_limit=5)
app = make_app(os.environ["SHOW_GOAL_BROKER_URL"], settings)
given = Container.from_env(task_queue=CeleryTaskQueue(app, settings), worker=app)
container = Container(given, notifier=Channels(given.notifier()))
register_tasks(app, container.tasks, settings)
schedule_sweeps(app, settings)
container.namespace().signal(names.USER).connect(on_refund, sender=names.BALANCE_INCREMENTED)
logging.getLogger("show_goal.trace").addHandler(Log())
