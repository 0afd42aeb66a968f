"""What a worker does when it starts: it creates the flow's queues, and on Redis it looks after messages that wait."""

from __future__ import annotations

import logging
from functools import partial
from threading import Event, Thread
from typing import Any, ClassVar

from celery import Celery
from celery.bootsteps import StartStopStep

from ...core.messages import Sweep
from ...core.trace import describe
from ...ports.errors import TaskQueueUnavailable
from .delays import declare_delays
from .publishing import Publisher
from .queues import FlowQueue, driver_type
from .redis_delays import deliver_due
from .settings import CelerySettings

_log = logging.getLogger("show_goal.celery")

INTERVAL = 0.2
"""Seconds between two looks at what has become due on Redis."""
INTERVAL_AFTER_FAILURE = 1.0


def prepare_workers(app: Celery, settings: CelerySettings) -> None:
    """Let each worker of the app prepare itself."""
    steps: Any = app.steps
    name = f"show_goal.preparation_of_{settings.task_names[Sweep.name]}"  # one for each container of the app
    steps["worker"].add(type("Preparation", (_Preparation,), {"settings": settings, "name": name}))


class _Preparation(StartStopStep):  # type: ignore[misc]
    # Whoever forks should have no threads.
    requires = ("celery.worker.components:Pool",)
    settings: ClassVar[CelerySettings]

    def start(self, parent: Any) -> None:
        self._over = Event()
        queues = [queue for queue in parent.app.amqp.queues.consume_from.values() if isinstance(queue, FlowQueue)]
        if driver_type(parent.app) == "amqp":
            _create(parent.app, self.settings, queues)
            for queue in queues:
                # Makes Celery limit what each consumer gets: quorum queues know nothing else. Said earlier, it would
                # make Celery create 28 delay queues of its own.
                queue.queue_arguments = {"x-queue-type": "quorum"}
        else:
            Thread(target=self._deliver, args=(parent.app,), name="show_goal timers", daemon=True).start()

    def stop(self, parent: Any) -> None:
        self._over.set()

    terminate = stop

    def _deliver(self, app: Celery) -> None:
        publisher = Publisher(app, self.settings)
        deliver = partial(deliver_due, settings=self.settings)
        pause = INTERVAL
        while not self._over.wait(pause):
            try:
                publisher.use(deliver, "did not deliver what is due")
                pause = INTERVAL
            except Exception as error:  # whatever it is, the next time may be better
                _log.warning("Messages that are due must wait: %s", describe(error))
                pause = INTERVAL_AFTER_FAILURE
        publisher.close()


def _create(app: Celery, settings: CelerySettings, queues: list[FlowQueue]) -> None:
    """Name the queues that cannot be created. Celery tries again, and says no more than the broker's code."""
    publisher = Publisher(app, settings)
    for queue in queues:
        try:
            publisher.use(partial(_declare, settings, queue), f"cannot use {queue.name}")
        except TaskQueueUnavailable as error:
            _log.error("Queue %s cannot be used: %s", queue.name, describe(error))
    publisher.close()


def _declare(settings: CelerySettings, queue: FlowQueue, connection: Any) -> None:
    queue.declare(channel=connection.default_channel)
    declare_delays(connection.default_channel, settings, queue.name)
