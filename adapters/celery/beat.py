"""The periodic sweep, which is the guarantee that nothing stays undone (D26)."""

from __future__ import annotations

from celery import Celery

from ...core.messages import Sweep
from .settings import CelerySettings

SWEEP = "show_goal.sweep"
"""The entry's key in ``beat_schedule``."""


def schedule_sweeps(app: Celery, settings: CelerySettings) -> None:
    """Add ``beat_schedule["show_goal.sweep"]`` to the app: a sweep each ``settings.sweep_interval``.

    For the app that a host's ``celery beat`` runs on, whether or not it has the tasks; one beat is enough, and a second
    does no harm. A sweep that no worker took within the interval expires: they never pile up, and the next does its
    work.
    """
    interval = settings.sweep_interval.total_seconds()
    queue = {} if settings.queue is None else {"queue": settings.queue}
    app.add_periodic_task(
        interval,
        app.signature(settings.task_names[Sweep.name]),
        name=SWEEP,
        expires=interval,
        serializer="json",
        ignore_result=True,
        **queue,
    )
