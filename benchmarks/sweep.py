"""A sweep that ends 100 goals, over few stored goals and over many: in turns, on the same server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

from attrs import frozen
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryTaskQueue
from show_goal.adapters.mongo import MongoSettings, create_indexes
from show_goal.core.messages import Sweep
from tests.adapters.mongo.filling import fill

from .population import Document
from .site import Backends

DUE = 100
TURNS = 9


@frozen
class Swept:
    """``ratio``: many to few, median over the turns."""

    few: int
    many: int
    few_ms: float
    many_ms: float
    ratio: float


def measure(mongodb_uri: str, few: int, many: int) -> Swept:
    names = {number: f"show_goal_benchmark_{uuid4().hex[:8]}" for number in (few, many)}
    with MongoClient[Document](mongodb_uri, tz_aware=True) as client, ExitStack() as stack:
        for name in names.values():
            stack.callback(client.drop_database, name)
        sweeps = {number: _stored(client[name], number, mongodb_uri) for number, name in names.items()}
        turns = [{number: sweep() for number, sweep in sweeps.items()} for _ in range(TURNS + 2)][2:]
    return Swept(
        few=few,
        many=many,
        few_ms=median(turn[few] for turn in turns),
        many_ms=median(turn[many] for turn in turns),
        ratio=median(turn[many] / turn[few] for turn in turns),
    )


def _stored(database: Database[Document], number: int, mongodb_uri: str) -> Callable[[], float]:
    """So many goals that are over and settled; what makes 100 more, due now, and sweeps: in milliseconds."""
    kind = {"context": {"$literal": {"type": "trigger-private"}}, "_cls": "TriggerPrivateGoal"}
    exp = {"$dateSubtract": {"startDate": datetime.now(UTC), "unit": "second", "amount": "$n"}}
    over = {"active": {"$literal": False}, "settled": {"$literal": True}}
    fill(database, "goals", number, {**kind, **over, "exp": exp})
    create_indexes(database, MongoSettings(database=database.name, timeout_ms=300_000))
    container = _container(mongodb_uri, database.name)
    sweep = container.sweep()

    def run() -> float:
        goals = [_due() for _ in range(DUE)]
        database["goals"].insert_many(goals)
        began = perf_counter()
        swept = sweep(Sweep())
        milliseconds = (perf_counter() - began) * 1_000
        assert swept.ended == DUE, swept
        database["goals"].delete_many({"_id": {"$in": [goal["_id"] for goal in goals]}})
        return milliseconds

    return run


def _due() -> Document:
    return {
        "_id": ObjectId(),
        "_cls": "TriggerPrivateGoal",
        "active": True,
        "settled": False,
        "context": {"type": "trigger-private"},
        "conditions": {"session_id": str(ObjectId())},
        "metadata": {"user_id": str(ObjectId()), "triggered_by": str(ObjectId()), "prepaid_duration": 90},
        "exp": datetime.now(UTC) - timedelta(seconds=1),
    }


def _container(mongodb_uri: str, database: str) -> Container:
    """The real store; messages and notifications are left out, since they cost what is due."""
    environment = Backends(mongodb_uri, database, "amqp://not-used", database).environment()
    clock = Container.in_memory().clock()
    return Container.from_env(environment, task_queue=MemoryTaskQueue(clock), notifier=_Silence())


class _Silence:
    def notify(self, notification: Any) -> None:
        """Nobody listens."""
