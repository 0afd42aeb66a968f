"""What an operator asks of the workers: who takes the flow's queues, and can they do so in time?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from celery import Celery

from .looking import asked
from .queues import driver_type
from .routes import routes_of
from .settings import CelerySettings

PREFORK = "celery.concurrency.prefork"


@frozen
class WorkerFacts:
    """What the workers of the flow's queues say of themselves: which of the queues each takes, how many tasks of the
    host's it ``holds`` back until their time (None is ours), and its pool if that keeps no time limits.

    Who is too busy says nothing. ``untaken`` are queues that nobody says to take; none on RabbitMQ, which knows better.
    """

    takes: Mapping[str, Sequence[str]]
    holds: Mapping[str, int]
    pools: Mapping[str, str]
    untaken: Sequence[str]


def worker_facts(app: Celery, settings: CelerySettings, timeout: float) -> WorkerFacts:
    """Waits ``timeout`` seconds for what workers say. Raises TaskQueueUnavailable."""
    return asked(app, settings, timeout, lambda connection: _ask(app, settings, connection, timeout))


def without_time_limits(pool: str) -> str | None:
    """A short name of the pool, if it does not keep the time limits of tasks."""
    module = pool.partition(":")[0]
    return None if module == PREFORK else module.rpartition(".")[2]


def _ask(app: Celery, settings: CelerySettings, connection: Any, timeout: float) -> WorkerFacts:
    def ask(workers: Sequence[str] | None, what: str) -> Mapping[str, Any]:
        inspect = app.control.inspect(workers, timeout=timeout, connection=connection)
        return getattr(inspect, what)() or {}

    ours = routes_of(app, settings).queues
    active = {worker: {queue["name"] for queue in queues} for worker, queues in ask(None, "active_queues").items()}
    takes = {worker: taken for worker, names in active.items() if (taken := [name for name in ours if name in names])}
    workers = list(takes)
    held = ask(workers, "scheduled") if workers else {}
    stats = ask(workers, "stats") if workers else {}
    pools = {worker: without_time_limits(said["pool"]["implementation"]) for worker, said in stats.items()}
    found = {name for names in takes.values() for name in names}
    return WorkerFacts(
        takes,
        holds={worker: len(tasks) for worker, tasks in held.items() if tasks},
        pools={worker: pool for worker, pool in pools.items() if pool is not None},
        untaken=[] if driver_type(app) == "amqp" else [name for name in ours if name not in found],
    )
