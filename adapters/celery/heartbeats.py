"""A worker's heartbeats and events wait for no broker: what only observes can never hold up money.

They come from the process that takes the messages and keeps the time limits. With ``confirm_publish``, which the host's
own messages may need, it would stop at each heartbeat for as long as RabbitMQ takes no messages.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from celery.bootsteps import Step

from .queues import driver_type


def wait_for_no_heartbeat(app: Celery) -> None:
    """Let the workers of the app send their heartbeats and events unconfirmed."""
    steps: Any = app.steps
    steps["consumer"].add(_Unconfirmed)


class _Unconfirmed(Step):  # type: ignore[misc]
    """Changes the connection that Celery's events are sent on, and no other."""

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        if driver_type(consumer.app) != "amqp":
            return
        connect = consumer.connection_for_write

        def connect_unconfirmed(*given: Any, **named: Any) -> Any:
            connection = connect(*given, **named)
            connection.connection.confirm_publish = False  # read when a channel is opened
            return connection

        consumer.connection_for_write = connect_unconfirmed
