"""What the sweeper asks for costs what is due, not what is stored: the server's own count of keys and documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoGoals, MongoSessions, MongoSettings, MongoWallet, create_indexes
from tests.builders import NOW, a_hold

from .commands import Commands
from .documents import Document
from .filling import fill

GOALS = 1_000_000
OTHERS = 40_000
DUE = 100
LIMIT = 30
SLACK = 2
"""Keys at which a scan sees that it is at its end."""

OVERDUE_GOAL = {"active": True, "settled": False, "exp": NOW}
UNSETTLED_GOAL = {"active": False, "settled": False, "exp": NOW}
ENDED: Document = {"$dateSubtract": {"startDate": NOW, "unit": "second", "amount": "$n"}}
LATER: Document = {"$dateAdd": {"startDate": NOW, "unit": "second", "amount": {"$add": ["$n", 1]}}}


@pytest.fixture
def settings(mongo_database: Database[Document]) -> MongoSettings:
    """The indexes are made after the documents, which is quicker."""
    return MongoSettings(database=mongo_database.name, timeout_ms=60_000)


def work(database: Database[Document], commands: Commands, call: Callable[[], Any], found: int) -> None:
    """Make the call; then ask the server what its one ``find`` examined."""
    commands.clear()
    assert len(call()) == found
    (command,) = commands.sent
    asked = {name: value for name, value in command.items() if name != "lsid"}
    stats = database.command("explain", asked, verbosity="executionStats")["executionStats"]
    assert stats["totalKeysExamined"] <= found + SLACK
    assert stats["totalDocsExamined"] <= found


def due(number: int, document: Document) -> list[Document]:
    return [{**document, "_id": f"due {n}", "exp": document["exp"] - timedelta(seconds=n)} for n in range(number)]


def test_a_sweep_of_1_000_000_goals_touches_the_100_that_are_due(
    mongo_database: Database[Document],
    watched_database: Database[Document],
    settings: MongoSettings,
    commands: Commands,
) -> None:
    kind = {"context": {"$literal": {"type": "trigger-private"}}, "_cls": "TriggerPrivateGoal"}
    fill(
        mongo_database,
        "goals",
        GOALS,
        {**kind, "active": {"$literal": False}, "settled": {"$literal": True}, "exp": ENDED},
    )
    create_indexes(mongo_database, settings)
    private = {"_cls": "TriggerPrivateGoal", "context": {"type": "trigger-private"}}
    for states in (OVERDUE_GOAL, UNSETTLED_GOAL):
        rows = due(DUE, {**private, **states})
        mongo_database["goals"].insert_many(
            [
                {**row, "_id": f"{states['active']} {row['_id']}", "conditions": {"session_id": row["_id"]}}
                for row in rows
            ]
        )
    goals = MongoGoals(watched_database, settings)
    for ask in (goals.overdue, goals.unsettled):
        work(mongo_database, commands, partial(ask, NOW, DUE * 2), DUE)
        work(mongo_database, commands, partial(ask, NOW, LIMIT), LIMIT)
        oldest = NOW - timedelta(seconds=DUE - 1)
        assert [goal.exp for goal in ask(NOW, LIMIT)] == [oldest + timedelta(seconds=n) for n in range(LIMIT)]


def test_a_sweep_of_many_sessions_touches_those_that_are_unbound(
    mongo_database: Database[Document],
    watched_database: Database[Document],
    settings: MongoSettings,
    commands: Commands,
) -> None:
    """Neither claims that are bound, nor those that were never bound and are over, cost anything."""
    bound = {"exp": LATER, "bound": {"$literal": True}}
    over = {"exp": ENDED, "bound": {"$literal": False}}
    claim = {"$cond": [{"$eq": [{"$mod": ["$n", 2]}, 0]}, bound, over]}
    session = {"user": "$n", "active": {"$literal": True}, "trigger_private_claim": claim}
    fill(mongo_database, "sessions", OTHERS, session)
    create_indexes(mongo_database, settings)
    mongo_database["sessions"].insert_many(
        {
            "user": n,
            "active": True,
            "trigger_private_claim": {
                "goal_id": ObjectId(),
                "exp": NOW + timedelta(seconds=n) if n else None,
                "bound": False,
            },
        }
        for n in range(DUE)
    )
    sessions = MongoSessions(watched_database, settings)
    work(mongo_database, commands, partial(sessions.unbound, NOW, DUE * 2), DUE)
    work(mongo_database, commands, partial(sessions.unbound, NOW, LIMIT), LIMIT)


def test_a_sweep_of_many_accounts_touches_those_with_a_hold_that_is_due(
    mongo_database: Database[Document],
    watched_database: Database[Document],
    settings: MongoSettings,
    commands: Commands,
) -> None:
    """Neither settled holds, nor accounts whose holds have time, cost anything."""
    nothing = {"available": {"$literal": 0}, "held": {"$literal": 0}, "holds": {"$literal": []}}
    fill(mongo_database, "accounts", OTHERS, nothing)
    fill(mongo_database, "transactions", OTHERS, {"escrow_id": {"$toString": "$n"}, "exp": ENDED})
    create_indexes(mongo_database, settings)
    wallet = MongoWallet(watched_database, settings)
    for n in range(DUE * 2):
        payer = f"71e1{n:020x}"
        wallet.credit(payer, 90)
        exp = NOW - timedelta(seconds=n) if n < DUE else NOW + timedelta(seconds=n)
        wallet.hold(a_hold(viewer_id=payer, exp=exp))
    work(mongo_database, commands, partial(wallet.overdue, NOW, DUE * 2), DUE)
    work(mongo_database, commands, partial(wallet.overdue, NOW, LIMIT), LIMIT)
