"""What the installed Celery and kombu do less well than newer ones. Nothing fails for it."""

from __future__ import annotations

from collections.abc import Iterator

import celery
import kombu
from celery import Celery
from kombu.transport.redis import Channel
from kombu.utils.text import version_string_as_tuple

from .queues import driver_type

LOOKS_OFTEN = hasattr(Channel, "unacked_restore_throttle")
"""Whether a worker can look every 10 s for what a killed one left on Redis. Before kombu 5.7 it does so every 100 s."""
KEEPS_ITS_PREFETCH = version_string_as_tuple(celery.__version__) >= (5, 7)
"""Whether a worker of a quorum queue takes as much as before after it has lost its connection."""


def shortcomings(app: Celery) -> Iterator[str]:
    """Each text says what to expect, and what to install. Connects to nothing."""
    redis = driver_type(app) == "redis"
    if redis and not LOOKS_OFTEN:
        yield (
            f"kombu {kombu.__version__} looks every 100 s for what a killed worker left on Redis: its messages come up "
            "to 100 s later; kombu 5.7 looks every 10 s"
        )
    if not redis and not KEEPS_ITS_PREFETCH and app.conf.worker_enable_prefetch_count_reduction:
        yield (
            f"with Celery {celery.__version__} a worker that lost its connection while it ran tasks takes fewer at "
            "once until it is restarted; set worker_enable_prefetch_count_reduction to False, or install Celery 5.7"
        )
