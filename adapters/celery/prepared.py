"""Messages whose form is prepared once: what Celery's ``send_task`` finds out anew for each takes longer than its way.

The form is Celery's own, from its own function: what goes out is a message of its protocol 2 like any other, and
whoever listens to ``before_task_publish`` may still add headers. Connection, confirms and errors are kombu's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from celery import Celery
from celery.app.task import extract_exec_options
from celery.signals import after_task_publish, before_task_publish
from kombu.common import maybe_declare
from kombu.serialization import dumps
from kombu.utils.uuid import uuid

from .settings import CelerySettings

ARGUMENTS_SHOWN = 1_024
"""Characters of the arguments that are repeated in a header, for whoever watches the tasks."""

OUR_OPTIONS = {"serializer", "time_limit", "soft_time_limit"}
"""What a task of the flow says itself of its messages. Its worker goes by its own time limits."""


@frozen
class PreparedTask:
    """The form of one task's messages in one process."""

    name: str
    queue: Any
    headers: Mapping[str, object]
    embedded: Mapping[str, object]
    """What stands beside the arguments in the body: callbacks and the like, of which the flow has none."""
    delivery_mode: int
    declared_as: int
    """What kombu calls the queue among those that a connection has declared."""

    def publish(self, connection: Any, arguments: Mapping[str, object], beside: Mapping[str, object]) -> None:
        """Publish one message; with confirms on, the broker has it on return. Raises what kombu's transport raises."""
        task_id = uuid()
        body = ((), arguments, self.embedded)
        shown = repr(arguments)[:ARGUMENTS_SHOWN]
        headers = {**self.headers, "id": task_id, "root_id": task_id, "kwargsrepr": shown, **beside}
        properties = {"correlation_id": task_id, "reply_to": "", "delivery_mode": self.delivery_mode}
        routing_key = self.queue.name
        channel = connection.default_channel  # connects, if need be
        declare = [] if self.declared_as in connection.declared_entities else [self.queue]
        before_task_publish.send(
            sender=self.name,
            body=body,
            exchange="",
            routing_key=routing_key,
            declare=declare,
            headers=headers,
            properties=properties,
            retry_policy={},
        )
        for queue in declare:
            maybe_declare(queue, channel)  # type: ignore[no-untyped-call]
        content_type, encoding, payload = dumps(body, serializer="json")  # type: ignore[no-untyped-call]
        message = channel.prepare_message(payload, 0, content_type, encoding, headers, properties)
        # Mandatory: or RabbitMQ confirms what it throws away, because the queue has been deleted since.
        channel.basic_publish(message, exchange="", routing_key=routing_key, mandatory=True)
        after_task_publish.send(sender=self.name, body=body, headers=headers, exchange="", routing_key=routing_key)


def prepare(app: Celery, name: str, settings: CelerySettings) -> PreparedTask | None:
    """The form of the task's messages, for the process that asks.

    None when the app has wishes of its own for them - routes, another exchange, priorities, events, compression,
    another protocol - which ``send_task`` then sees to, message by message.
    """
    conf = app.conf
    task = app.tasks.get(name) if app.finalized or app.autofinalize else None  # else it may not be asked yet
    options = {} if task is None else extract_exec_options(task)
    wishes = {option for option, value in options.items() if value is not None} - OUR_OPTIONS
    wanted = conf.task_send_sent_event or conf.task_compression or conf.task_routes or wishes
    plain = conf.task_protocol == 2 and not wanted
    if not plain or settings.queue is None or not settings.prepare_messages:
        return None
    queue = app.amqp.queues[settings.queue]
    if queue.exchange.type != "direct":
        return None
    message = app.amqp.create_task_message("", name, (), {}, ignore_result=True)
    _, __, embedded = message.body
    return PreparedTask(
        name=name,
        queue=queue,
        headers=message.headers,
        embedded=embedded,
        delivery_mode=queue.exchange.delivery_mode or conf.task_default_delivery_mode,
        declared_as=hash(queue),
    )
