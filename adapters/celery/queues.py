"""The flow's queues: what they are called, and how they are created.

On RabbitMQ a new queue is a quorum queue with a delivery limit and dead letters. Redis' queues are lists, which need
no declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init
from kombu.entity import Queue
from kombu.exceptions import ChannelError

from .settings import QUORUM, CelerySettings

BROKERS_OWN_LIMIT = 20
"""RabbitMQ sets aside a message that it has delivered this often. It also counts deliveries to workers that were
stopped before they began, so it counts more than ``max_deliveries`` allows."""
NOT_FOUND = "404"
DELAYS = 12
"""How many delay queues there are on RabbitMQ, see :mod:`.delays`."""
ALMOST_FOR_EVER = 1_000_000
"""A dead letter is delivered to everybody who looks at it. Without a limit of its own, RabbitMQ 4 drops it after 20."""


class FlowQueue(Queue):
    """A queue that is used as it is found, and created with ``wanted`` only where there is none.

    So a queue of an earlier version, or one that you declared yourself, keeps its arguments. ``queue_arguments`` stay
    empty until a worker starts, see :mod:`.starting`.
    """

    attrs: Any = (*Queue.attrs, ("wanted", None), ("dead", None))  # kombu copies queues, with these
    wanted: Mapping[str, object] | None
    dead: FlowQueue | None
    queue_arguments: Mapping[str, object] | None

    def __init__(self, name: str = "", **values: Any) -> None:
        super().__init__(name, **values)  # type: ignore[no-untyped-call]

    def declare(self, nowait: bool = False, channel: Any = None) -> str:
        channel = channel or self.channel
        if waiting(channel.connection.client, self.name) is None:
            self.create(channel)
        return str(self.name)

    def create(self, channel: Any) -> None:
        """Raises a channel error if the queue exists with other arguments."""
        if self.dead is not None:
            self.dead.declare(channel=channel)
        channel.queue_declare(self.name, durable=True, auto_delete=False, arguments=self.wanted)


class WorkQueue(FlowQueue):
    """Gets what has waited for it, through the exchange ``over``, as soon as it is there."""

    attrs: Any = (*FlowQueue.attrs, ("over", ""))
    over: str

    def create(self, channel: Any) -> None:
        super().create(channel)
        if channel.connection.client.transport.driver_type == "amqp":
            self.bind_to_what_waited(channel)

    def bind_to_what_waited(self, channel: Any) -> None:
        """Safe to repeat. What waited for a queue that is gone becomes a dead letter."""
        arguments = {"alternate-exchange": self.dead.name if self.dead else ""}
        channel.exchange_declare(self.over, "topic", durable=True, auto_delete=False, arguments=arguments)
        channel.queue_bind(self.name, self.over, f"{'*.' * DELAYS}{self.name}")


class DeadQueue(FlowQueue):
    """Gets whatever goes to the exchange of its name. What waited for a queue that is gone comes there, too."""

    def create(self, channel: Any) -> None:
        super().create(channel)
        channel.exchange_declare(self.name, "fanout", durable=True, auto_delete=False)
        channel.queue_bind(self.name, self.name)


def waiting(connection: Any, name: str) -> Any:
    """``message_count`` and ``consumer_count`` of a queue, or None if there is none. Redis does not count consumers."""
    # RabbitMQ closes the channel of such a question about a queue that it does not have.
    rabbitmq = connection.transport.driver_type == "amqp"
    channel = connection.channel() if rabbitmq else connection.default_channel
    try:
        found = channel.queue_declare(name, passive=True)
    except ChannelError as error:
        if str(error.reply_code) != NOT_FOUND:
            raise
        return None
    if rabbitmq:
        channel.close()
    return found


def dead_queue(settings: CelerySettings) -> DeadQueue:
    return DeadQueue(settings.dead_queue, wanted=_of_type(settings, {"x-delivery-limit": ALMOST_FOR_EVER}))


def work_queue(name: str, settings: CelerySettings) -> WorkQueue:
    """A queue that workers consume. RabbitMQ moves what it rejects to the dead letters."""
    wanted = _of_type(settings, {"x-delivery-limit": BROKERS_OWN_LIMIT})
    wanted["x-dead-letter-exchange"] = settings.dead_queue
    return WorkQueue(name, wanted=wanted, dead=dead_queue(settings), over=f"{settings.delay_queue}.over")


def delay_queue(name: str, settings: CelerySettings, seconds: float, then: str) -> FlowQueue:
    """A queue that nobody consumes: after so many seconds a message moves on to the exchange ``then``."""
    # at-least-once: a message stays where it is until the next queue has it. It needs reject-publish.
    wanted = _of_type(settings, {"x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish"})
    return FlowQueue(name, wanted={**wanted, "x-message-ttl": round(seconds * 1000), "x-dead-letter-exchange": then})


def _of_type(settings: CelerySettings, if_quorum: dict[str, object]) -> dict[str, object]:
    return {"x-queue-type": settings.queue_type, **(if_quorum if settings.queue_type == QUORUM else {})}


def work_queues(settings: CelerySettings) -> list[WorkQueue]:
    """The queues that a worker of ours consumes."""
    names = [name for name in (settings.queue, settings.sweep_queue) if name is not None]
    return [work_queue(name, settings) for name in names]


def know_queues(app: Celery, settings: CelerySettings) -> None:
    """Add the flow's queues when a worker or beat of the app starts: not earlier, as the host may still configure it.

    A worker takes them, too, unless its ``--queues`` say otherwise.
    """

    def add(sender: Any = None, instance: Any = None, **_: object) -> None:
        if id(getattr(instance or sender, "app", None)) != id(app):
            return
        known = app.amqp.queues
        for queue in work_queues(settings):
            if queue.name not in known:
                known.add(queue)
        known.select([*known.consume_from, *(queue.name for queue in work_queues(settings))])

    for started in (celeryd_init, beat_init):
        started.connect(add, weak=False, dispatch_uid=f"show_goal.queues.{id(app)}.{settings.queue}")


def driver_type(app: Celery) -> str:
    """kombu's name for the kind of broker: ``amqp`` or ``redis``."""
    return str(app.connection_for_write().transport.driver_type)
