"""A sweep that ends 100 goals, over few stored goals and over many: in turns, on the same server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

from attrs import frozen
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemoryNotifier, MemoryTaskQueue
from show_goal.adapters.mongo import MongoSettings, create_indexes
from show_goal.core.messages import Sweep
from tests.adapters.mongo.filling import fill

from .platform import Backends, Document, new_database

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
    with ExitStack() as stack:
        sweeps = [_sweep(stack.enter_context(new_database(mongodb_uri)), number, mongodb_uri) for number in (few, many)]
        turns = [[sweep() for sweep in sweeps] for _ in range(TURNS + 2)][2:]
    few_ms, many_ms = (median(turn) for turn in zip(*turns, strict=True))
    return Swept(few, many, few_ms, many_ms, ratio=median(b / a for a, b in turns))


def _sweep(database: Database[Document], stored: int, mongodb_uri: str) -> Callable[[], float]:
    """Store goals that are over and settled. Return a function that adds 100 due ones and times a sweep, in ms."""
    kind = {"context": {"$literal": {"type": "trigger-private"}}, "_cls": "TriggerPrivateGoal"}
    exp = {"$dateSubtract": {"startDate": datetime.now(UTC), "unit": "second", "amount": "$n"}}
    over = {"active": {"$literal": False}, "settled": {"$literal": True}}
    database["goals"].drop()  # filling is faster without indexes
    fill(database, "goals", stored, {**kind, **over, "exp": exp})
    create_indexes(database, MongoSettings(database=database.name, timeout_ms=300_000))
    environment = Backends(mongodb_uri, "amqp://not-used", database.name).environment()
    # Only the store is real: messages and notifications cost the same over few goals and over many.
    container = Container.from_env(environment, task_queue=MemoryTaskQueue(MemoryClock()), notifier=MemoryNotifier())
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
