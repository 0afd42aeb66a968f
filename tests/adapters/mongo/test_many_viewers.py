"""A popular goal: the last of many joins costs, sends and stores what an early one does (M1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import bson
import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.container import Container
from show_goal.adapters.mongo import (
    MongoChannelCache,
    MongoGoals,
    MongoSessions,
    MongoSettings,
    MongoTracker,
    MongoWallet,
)
from show_goal.core.model import Claim
from show_goal.core.trace import Trace
from tests.builders import EXP, GOAL, a_create_goal, a_session, a_transfer

from .commands import Commands
from .documents import Document, session_document

VIEWERS = 300
EARLY, LATE = range(100, 200), range(200, 300)
"""The goal names as many payments as it ever does, in both."""


@pytest.fixture
def traces() -> list[Trace]:
    return []


@pytest.fixture
def container(
    watched_database: Database[Document], database: Database[Document], settings: MongoSettings, traces: list[Trace]
) -> Container:
    """All stores that a join writes to are in MongoDB."""
    claim = Claim(goal_id=GOAL, exp=EXP)
    database["sessions"].insert_one(session_document(a_session(claim=claim)))
    database["accounts"].insert_many(
        {"_id": ObjectId(viewer(number)), "available": 90, "deposited": 90, "held": 0, "holds": [], "settled": 0}
        | {"receipts": []}
        for number in range(VIEWERS)
    )
    kinds: dict[str, Callable[[Database[Document], MongoSettings], Any]] = {
        "sessions": MongoSessions,
        "goals": MongoGoals,
        "wallet": MongoWallet,
        "tracker": MongoTracker,
        "channel_cache": MongoChannelCache,
    }
    stores = {name: kind(watched_database, settings) for name, kind in kinds.items()}
    return Container.in_memory(**stores, trace_sink=traces.append)


def viewer(number: int) -> str:
    return f"71e0{number:020x}"


def test_the_last_of_many_joins_is_as_small_as_an_early_one_M1(
    container: Container, database: Database[Document], commands: Commands, traces: list[Trace]
) -> None:
    container.create_goal()(a_create_goal())
    sent: list[list[str]] = []
    received: list[int] = []
    traced: list[int] = []
    clock: Any = container.clock()
    for number in range(VIEWERS):
        commands.clear()
        traces.clear()
        container.transfer()(a_transfer(viewer_id=viewer(number)))
        clock.advance(timedelta(milliseconds=10))
        sent.append(commands.names)
        received.append(sum(commands.reply_sizes))
        traced.append(max(len(str(trace.as_dict())) for trace in traces))

    join = ["find", "aggregate", "update", "findAndModify", "insert"]
    fold = [*join[:4], "find", "insert", "update", *join[4:]]
    assert [sent[number] for number in LATE] == [
        [*(fold if number % 32 == 31 else join), *(["delete"] if number % 100 == 0 else [])] for number in LATE
    ], "a join that announces, one a second, also clears the cache"
    for sizes in (received, traced):
        assert max(sizes[number] for number in LATE) <= 1.02 * max(sizes[number] for number in EARLY)
    assert max(received[number] for number in LATE if number % 32 != 31) < 4_000

    stored = {name: [*database[name].find()] for name in ("goals", "sessions", "contributions", "tracked_goals")}
    largest = {name: max(len(bson.encode(one)) for one in documents) for name, documents in stored.items()}
    assert largest["goals"] < 16_000
    assert max(largest[name] for name in ("sessions", "contributions", "tracked_goals")) < 1_000
    progressed = [one for one in stored["tracked_goals"] if one["_id"]["event"] == "goal.progressed"]
    assert len(progressed) == VIEWERS
    assert len({len(bson.encode(one)) for one in progressed}) == 1, "each is as large as the first"
