"""A Celery app with the settings that money asks for. A host's own app is checked against them instead."""

from __future__ import annotations

from urllib.parse import urlsplit

from celery import Celery

from .settings import CelerySettings

SCHEMES = ("amqp", "amqps", "pyamqp", "redis", "rediss")

ANSWER_TIMEOUT = 10.0
"""Seconds that a worker gives the broker for an answer: nobody waits for a worker, and a busy broker may be slow."""


def make_app(broker_url: str, settings: CelerySettings) -> Celery:
    """An app for RabbitMQ (``amqp://``) or Redis (``redis://``); connects to nothing yet.

    It does not become Celery's current app. Raises ValueError for any other URL, where Celery itself would go to a
    broker on localhost.
    """
    if urlsplit(broker_url).scheme not in SCHEMES:
        raise ValueError(f"the broker's URL must begin with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
    app = Celery("show_goal", broker=broker_url, set_as_current=False)
    app.conf.update(
        # A message is acknowledged after its task, so that what a killed worker held is delivered again.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # What goes to another worker when the connection is lost must not go on here.
        worker_cancel_long_running_tasks_on_connection_loss=True,
        task_ignore_result=True,
        task_soft_time_limit=settings.soft_time_limit,
        task_time_limit=settings.time_limit,
        task_serializer="json",
        accept_content=["json"],
        enable_utc=True,
        timezone="UTC",
        task_default_queue=settings.queue or app.conf.task_default_queue,
        broker_connection_timeout=ANSWER_TIMEOUT,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_pool_limit=settings.publish_connections,
        broker_pool_acquire_timeout=ANSWER_TIMEOUT,
        broker_transport_options=transport_options(app, ANSWER_TIMEOUT, settings),
    )
    return app


def transport_options(app: Celery, timeout: float, settings: CelerySettings) -> dict[str, object]:
    """How kombu is to speak with the app's broker; ``timeout`` (seconds) is for each answer."""
    if driver_type(app) == "redis":
        return {
            "socket_connect_timeout": timeout,
            "socket_timeout": timeout,
            "socket_keepalive": True,
            "visibility_timeout": settings.visibility_timeout.total_seconds(),
            # Every 10 s, not every 100 s: look for messages that nobody acknowledged in time.
            "unacked_restore_throttle": 1,
        }
    return {
        # A publish returns when the broker has the message, not when it has left this machine.
        "confirm_publish": True,
        "read_timeout": timeout,
        "write_timeout": timeout,
    }


def publishing_options(app: Celery) -> dict[str, object]:
    """What is added for connections that publish alone.

    With RabbitMQ's word that it is blocked, the library listens for it before each message, which takes as long as a
    tenth of the whole publish. A confirm that does not come says the same.
    """
    if driver_type(app) == "redis":
        return {}
    return {"client_properties": {"capabilities": {"authentication_failure_close": True}}}


def driver_type(app: Celery) -> str:
    """``amqp`` or ``redis``, as kombu calls the kind of broker."""
    return str(app.connection_for_write().transport.driver_type)
