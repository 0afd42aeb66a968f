"""Messages that wait on RabbitMQ: queues in which nothing is consumed, only moved on when its time is over.

Delay queue ``k`` keeps each message for ``STEP * 2**k`` seconds, then hands it to the exchange of the next shorter one.
A message's routing key has one digit for each of them, which says whether to wait there, and ends with the name of the
queue in which it is due. All messages of a delay queue wait equally long, so none waits for another. No worker is
asked to hold one back, so they cost a worker nothing.
"""

from __future__ import annotations

import math
from typing import Any

from .queues import DELAYS, dead_queue, delay_queue, work_queue
from .settings import CelerySettings

STEP = 0.5
"""Seconds that a message waits in the shortest delay queue. It comes at most this much too late."""
OVER = -1
"""In the place of a shorter delay queue: the exchange of what has waited long enough."""
LONGEST = STEP * (2**DELAYS - 1)
"""What is due later comes early, and is sent round again."""


def way(settings: CelerySettings, seconds: float, queue: str) -> tuple[str, str]:
    """Exchange and routing key of a message that is due in ``queue`` after so many seconds."""
    steps = math.ceil(min(max(seconds, STEP), LONGEST) / STEP)
    digits = f"{steps:0{DELAYS}b}"
    return _name(settings, steps.bit_length() - 1), ".".join([*digits, queue])


def declare_delays(channel: Any, settings: CelerySettings, queue: str) -> None:
    """Create the delay queues, and let what has waited get into ``queue``. Safe to repeat.

    What waited for a queue that is gone becomes a dead letter, instead of holding up what waits behind it.
    """
    dead_queue(settings).declare(channel=channel)
    work = work_queue(queue, settings)
    work.declare(channel=channel)
    work.bind_to_what_waited(channel)
    for k in range(DELAYS):
        name, shorter, skipped = _name(settings, k), _name(settings, k - 1), "*." * (DELAYS - 1 - k)
        channel.exchange_declare(name, "topic", durable=True, auto_delete=False)
        delay_queue(name, settings, STEP * 2**k, shorter).declare(channel=channel)
        channel.queue_bind(name, name, f"{skipped}1.#")
        channel.exchange_bind(shorter, name, f"{skipped}0.#")


def delete_delays(channel: Any, settings: CelerySettings) -> None:
    """Remove them, with what waits in them."""
    for k in range(DELAYS):
        channel.queue_delete(_name(settings, k))
    for k in range(OVER, DELAYS):
        channel.exchange_delete(_name(settings, k))


def _name(settings: CelerySettings, k: int) -> str:
    return f"{settings.delay_queue}.{'over' if k == OVER else k}"
