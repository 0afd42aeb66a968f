"""Celery apps: one whose settings are safe for money, and the periodic sweep for any app.

``check.py`` compares a host's own app with the same settings.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from celery import Celery

from ...core.messages import Sweep
from .queues import driver_type, know_queues, work_queues
from .settings import CelerySettings

SCHEMES = ("amqp", "amqps", "pyamqp", "redis", "rediss")

ANSWER_TIMEOUT = 10.0
"""Seconds that a worker waits for each of the broker's answers. No viewer waits for a worker, so a busy broker may take
its time."""

SWEEP = "show_goal.sweep"
"""The key of the sweep in ``beat_schedule``."""


def make_app(broker_url: str, settings: CelerySettings) -> Celery:
    """Make an app for RabbitMQ (``amqp://``) or Redis (``redis://``). It connects when it is first used.

    It does not become Celery's current app. Raises ValueError for any other URL; Celery itself would connect to a
    broker on localhost instead.
    """
    if urlsplit(broker_url).scheme not in SCHEMES:
        raise ValueError(f"the broker's URL must begin with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
    app = Celery("show_goal", broker=broker_url, set_as_current=False)
    app.conf.update(
        # Acknowledge a message after its task, so that the broker delivers a killed worker's messages again.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # When the connection is lost, another worker gets the message. This one must stop working on it.
        worker_cancel_long_running_tasks_on_connection_loss=True,
        # Quorum queues cannot raise it again: before Celery 5.7 a worker would go on with less.
        worker_enable_prefetch_count_reduction=False,
        task_ignore_result=True,
        task_soft_time_limit=settings.soft_time_limit,
        task_time_limit=settings.time_limit,
        task_serializer="json",
        accept_content=["json"],
        enable_utc=True,
        timezone="UTC",
        task_queues=work_queues(settings),
        task_default_queue=settings.queue or app.conf.task_default_queue,
        broker_connection_timeout=ANSWER_TIMEOUT,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_pool_limit=settings.publish_connections,
        broker_pool_acquire_timeout=ANSWER_TIMEOUT,
        broker_transport_options=transport_options(app, ANSWER_TIMEOUT, settings),
    )
    return app


def schedule_sweeps(app: Celery, settings: CelerySettings) -> None:
    """Add ``beat_schedule["show_goal.sweep"]``, a sweep every ``settings.sweep_interval`` (D26).

    Call it on the app that ``celery beat`` runs on; the tasks need not be registered there. One beat is enough, and a
    second one does no harm. Sweeps wait in ``settings.sweep_queue``, and never expire: a worker leaves a sweep to a
    later one that waits behind it (D47).
    """
    know_queues(app, settings)
    app.add_periodic_task(
        settings.sweep_interval.total_seconds(),
        app.signature(settings.task_names[Sweep.name]),
        name=SWEEP,
        serializer="json",
        ignore_result=True,
        queue=settings.sweep_queue,
    )


def transport_options(app: Celery, timeout: float, settings: CelerySettings) -> dict[str, object]:
    """kombu's options for the app's broker. ``timeout`` (seconds) applies to each answer."""
    if driver_type(app) == "redis":
        return {
            "socket_connect_timeout": timeout,
            "socket_timeout": timeout,
            "socket_keepalive": True,
            "visibility_timeout": settings.visibility_timeout.total_seconds(),
            # Look for messages that nobody acknowledged in time every 10 s, not every 100 s.
            "unacked_restore_throttle": 1,
        }
    return {
        # A publish returns when the broker has the message, not when it has left this machine.
        "confirm_publish": True,
        "read_timeout": timeout,
        "write_timeout": timeout,
    }
