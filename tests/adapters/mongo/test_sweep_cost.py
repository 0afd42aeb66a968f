"""A sweep costs what is due, not what is stored. The server counts the keys and documents that it examined."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoGoals, MongoSessions, MongoSettings, MongoWallet, create_indexes
from show_goal.ports.page import Page
from tests.builders import NOW, VIEWER, a_hold

from .commands import Commands
from .documents import Document
from .filling import fill

GOALS = 1_000_000
OTHERS = 40_000
DUE = 100
LIMIT = 30
TIMES = 2
"""Many have the same exp."""
SLACK = 4
"""Keys that the scans of a page read to see that they are at their ends."""

ENDED = {"$literal": NOW - timedelta(days=1)}
LATER: Document = {"$dateAdd": {"startDate": NOW, "unit": "second", "amount": {"$add": ["$n", 1]}}}


@pytest.fixture
def database(mongo_database: Database[Document]) -> Database[Document]:
    """Without indexes: creating them after the documents is quicker."""
    return mongo_database


@pytest.fixture
def settings(database: Database[Document]) -> MongoSettings:
    return MongoSettings(database=database.name, timeout_ms=60_000)


Ask = Callable[[datetime, int, str | None], Page[Any]]


def assert_touches_what_it_returns(database: Database[Document], commands: Commands, ask: Ask) -> None:
    """Ask for more than there is, and then page by page. Let the server explain what each ``find`` examined."""
    assert len(examined(database, commands, ask, DUE * 2, None).items) == DUE
    after: str | None = None
    found: list[object] = []
    while len(found) < DUE:
        page = examined(database, commands, ask, LIMIT, after)
        found += page.items
        after = page.next
    assert len(found) == DUE


def examined(database: Database[Document], commands: Commands, ask: Ask, limit: int, after: str | None) -> Page[Any]:
    commands.clear()
    page = ask(NOW, limit, after)
    assert page.items
    (command,) = commands.sent
    stats = database.command("explain", command, verbosity="executionStats")["executionStats"]
    assert stats["totalKeysExamined"] <= len(page.items) + SLACK
    assert stats["totalDocsExamined"] <= len(page.items) + 1, "one more is where the page before ended"
    return page


def test_a_sweep_of_1_000_000_goals_touches_the_100_that_are_due(
    database: Database[Document],
    watched_database: Database[Document],
    settings: MongoSettings,
    commands: Commands,
) -> None:
    private: Document = {"_cls": "TriggerPrivateGoal", "context": {"type": "trigger-private"}}
    fill(database, "goals", GOALS, {"active": {"$literal": False}, "settled": {"$literal": True}, "exp": ENDED})
    create_indexes(database, settings)
    exps = [NOW - timedelta(seconds=n % TIMES) for n in range(DUE)]
    database["goals"].insert_many(
        {**private, "active": active, "settled": False, "conditions": {"session_id": f"{active} {n}"}, "exp": exp}
        for active in (True, False)
        for n, exp in enumerate(exps)
    )
    goals = MongoGoals(watched_database, settings)
    for ask in (goals.overdue, goals.unsettled):
        assert_touches_what_it_returns(database, commands, ask)
        assert [goal.exp for goal in ask(NOW, LIMIT).items] == sorted(exps)[:LIMIT]


def test_a_sweep_of_many_sessions_touches_those_that_are_unbound(
    database: Database[Document],
    watched_database: Database[Document],
    settings: MongoSettings,
    commands: Commands,
) -> None:
    """Claims that are bound, or that ended unbound, cost nothing."""
    bound = {"exp": LATER, "bound": {"$literal": True}}
    over = {"exp": ENDED, "bound": {"$literal": False}}
    claim = {"$cond": [{"$eq": [{"$mod": ["$n", 2]}, 0]}, bound, over]}
    fill(database, "sessions", OTHERS, {"user": "$n", "active": {"$literal": True}, "trigger_private_claim": claim})
    create_indexes(database, settings)
    exps = [None if n % TIMES == 0 else NOW + timedelta(seconds=n % TIMES) for n in range(DUE)]
    claims = [{"goal_id": ObjectId(), "exp": exp, "bound": False} for exp in exps]
    database["sessions"].insert_many({"user": 1, "active": True, "trigger_private_claim": claim} for claim in claims)
    assert_touches_what_it_returns(database, commands, MongoSessions(watched_database, settings).unbound)


def test_a_sweep_of_many_sessions_touches_those_whose_claim_has_lapsed(
    database: Database[Document],
    watched_database: Database[Document],
    settings: MongoSettings,
    commands: Commands,
) -> None:
    """Claims that are bound, live or closed cost nothing."""
    bound = {"exp": ENDED, "bound": {"$literal": True}}
    closed = {"exp": ENDED, "bound": {"$literal": None}}
    claim = {"$cond": [{"$eq": [{"$mod": ["$n", 2]}, 0]}, bound, closed]}
    fill(database, "sessions", OTHERS, {"user": "$n", "active": {"$literal": True}, "trigger_private_claim": claim})
    create_indexes(database, settings)
    exps = [NOW - timedelta(seconds=n % TIMES) for n in range(DUE)] + [NOW + timedelta(seconds=1)] * DUE
    claims = [{"goal_id": ObjectId(), "exp": exp, "bound": False} for exp in exps]
    database["sessions"].insert_many({"user": 1, "active": True, "trigger_private_claim": claim} for claim in claims)
    assert_touches_what_it_returns(database, commands, MongoSessions(watched_database, settings).lapsed)


def test_a_sweep_of_many_accounts_touches_those_with_a_hold_that_is_due(
    database: Database[Document],
    watched_database: Database[Document],
    settings: MongoSettings,
    commands: Commands,
) -> None:
    """Settled holds, and accounts whose holds have time, cost nothing."""
    nothing = {"available": {"$literal": 0}, "held": {"$literal": 0}, "holds": {"$literal": []}}
    fill(database, "accounts", OTHERS, nothing)
    fill(database, "transactions", OTHERS, {"escrow_id": {"$toString": "$n"}, "exp": ENDED})
    create_indexes(database, settings)
    wallet = MongoWallet(watched_database, settings)
    wallet.credit(VIEWER, 90)
    wallet.hold(a_hold(exp=NOW))
    account = database["accounts"].find_one({"_id": ObjectId(VIEWER)})
    assert account is not None
    (hold,) = account["holds"]
    due = {f"payer {n}": NOW - timedelta(seconds=n % TIMES) for n in range(1, DUE)}
    later = {f"later {n}": NOW + timedelta(seconds=n) for n in range(1, DUE)}
    database["accounts"].insert_many(
        {**account, "_id": payer, "holds": [{**hold, "transaction_id": payer, "exp": exp}], "next_exp": exp}
        for payer, exp in (due | later).items()
    )
    assert_touches_what_it_returns(database, commands, wallet.overdue)
