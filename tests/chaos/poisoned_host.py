"""A host's Celery app whose receiver kills its process for one viewer, and hangs for another, whatever interrupts it.

``POISON`` names the two viewers, with a comma between.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from threading import Event

from show_goal.adapters.celery import CelerySettings, CeleryTaskQueue, make_app, register_tasks, schedule_sweeps
from show_goal.adapters.container import Container
from show_goal.core import names

KILLS, HANGS = os.environ["POISON"].split(",")


def poison(_: object, **event: object) -> None:
    if event["from_account"] == KILLS:
        os.kill(os.getpid(), signal.SIGKILL)
    while event["from_account"] == HANGS:
        with suppress(BaseException):
            Event().wait(60)


settings = CelerySettings(queue=os.environ["SHOW_GOAL_QUEUE"], soft_time_limit=4, time_limit=5, max_deliveries=3)
app = make_app(os.environ["SHOW_GOAL_BROKER_URL"], settings)
container = Container.from_env(task_queue=CeleryTaskQueue(app, settings), worker=app)
register_tasks(app, container.tasks, settings)
schedule_sweeps(app, settings)
container.namespace().signal(names.EXT_WALLET).connect(poison, sender=names.TRANSACTION_CREATED)
