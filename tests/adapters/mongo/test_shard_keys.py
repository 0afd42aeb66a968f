"""On a sharded cluster every command of a request, and of the tasks that follow it, goes to one shard: docs/scale.md.

Each collection's shard key is its ``_id``, hashed. Whether a command carries it is seen in what went over the wire.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from show_goal.adapters.container import Container
from show_goal.adapters.mongo import (
    MongoChannelCache,
    MongoFeed,
    MongoGoals,
    MongoSessions,
    MongoSettings,
    MongoTracker,
    MongoViewers,
    MongoWallet,
    create_indexes,
)
from show_goal.core.errors import TransactionConflict
from show_goal.core.model import Claim, Viewer
from tests.builders import EXP, GOAL, NOW, SESSION, VIEWER, a_goal, a_hold, a_session
from tests.docs.blocks import ROOT

from .commands import Commands
from .documents import Document, session_document

OTHER_GOAL = "60a100000000000000000009"
JOINER = "71e000000000000000000009"
WRITES: Mapping[str, tuple[str, str]] = {"update": ("updates", "q"), "delete": ("deletes", "q")}


@pytest.fixture
def container(
    watched_database: Database[Document], settings: MongoSettings, mongo_database: Database[Document]
) -> Container:
    """Everything that is stored is in MongoDB; messages wait in memory until a test has them run."""
    mongo_database["sessions"].insert_one(session_document(a_session()))
    kinds: dict[str, Callable[[Database[Document], MongoSettings], object]] = {
        "sessions": MongoSessions,
        "goals": MongoGoals,
        "viewers": MongoViewers,
        "wallet": MongoWallet,
        "feed": MongoFeed,
        "tracker": MongoTracker,
        "channel_cache": MongoChannelCache,
    }
    container = Container.in_memory(**{name: kind(watched_database, settings) for name, kind in kinds.items()})
    for viewer_id in (VIEWER, JOINER):
        MongoWallet(mongo_database, settings).credit(viewer_id, 1_000)
    return container


def invite(container: Container, viewer_id: str) -> str:
    body = {"exp": int((container.clock().now() + timedelta(minutes=4)).timestamp()), "duration": 90}
    return container.trigger_private_session()(SESSION, Viewer(id=viewer_id), body).goal_id


def asked(commands: Commands) -> Iterator[tuple[str, Any]]:
    """What each command asks for: its name, its collection, and the value of the shard key; None when it has none."""
    for command in commands.sent:
        name, collection = next(iter(command.items()))
        if name in ("hello", "commitTransaction"):
            continue
        if name == "insert":
            wanted = command["documents"]
        elif name in WRITES:
            statements, query = WRITES[name]
            wanted = [statement[query] for statement in command[statements]]
        else:
            wanted = [command["query" if name == "findAndModify" else "filter"]]
        yield from ((f"{name} {collection}", query.get("_id")) for query in wanted)


def scattered(commands: Commands) -> list[str]:
    """Commands that a router would send to every shard. A list of keys goes to the shards of the keys alone."""
    return [what for what, key in asked(commands) if not routed(key)]


def routed(key: Any) -> bool:
    operators = isinstance(key, dict) and any(name.startswith("$") for name in key)
    return key is not None and (not operators or key.keys() == {"$in"})


def test_a_request_that_makes_a_goal_and_one_that_joins_it(container: Container, commands: Commands) -> None:
    commands.clear()
    invite(container, VIEWER)
    assert [what for what, _ in asked(commands)] == ["find sessions", "find accounts", "findAndModify sessions"]
    assert scattered(commands) == []
    container.worker().run_due()
    commands.clear()
    invite(container, JOINER)
    assert [what for what, _ in asked(commands)] == ["find sessions", "find accounts"]
    assert scattered(commands) == []


def test_the_tasks_that_follow(container: Container, commands: Commands) -> None:
    """create_goal, transfer, increment_goal_progress, and every receiver of theirs."""
    invite(container, VIEWER)
    commands.clear()
    assert container.worker().run_due() == 3
    invite(container, JOINER)
    assert container.worker().run_due() == 2
    assert {
        "insert goals",
        "find transactions",
        "update accounts",
        "update livestream_feed",
        "update tracked_goals",
    } <= {what for what, _ in asked(commands)}
    assert scattered(commands) == []


def test_a_transfer_that_overtakes_its_create_goal(container: Container, commands: Commands) -> None:
    invite(container, VIEWER)
    queue: Any = container.task_queue()
    create_goal, transfer = (queued.message for queued in queue.queued())
    commands.clear()
    container.transfer()(transfer)
    container.create_goal()(create_goal)
    assert scattered(commands) == []


def test_the_answer_and_the_end(container: Container, commands: Commands) -> None:
    goal_id = invite(container, VIEWER)
    container.worker().run_due()
    commands.clear()
    container.answer_goal()(goal_id, Viewer(id=a_session().streamer_id), {"agree": True})
    container.worker().run_due()
    once_a_goal = {"find accounts", "find transactions"}  # who has paid into its escrow
    assert set(scattered(commands)) == once_a_goal


def test_what_asks_every_shard_is_what_the_document_names(container: Container, commands: Commands) -> None:
    """What is not in the way of viewers: sweeps, settlements, the ledger."""
    goal_id = invite(container, VIEWER)
    container.worker().run_due()
    sessions, goals, wallet, now = container.sessions(), container.goals(), container.wallet(), container.clock().now()
    transaction_id = f"session:trigger-private:{goal_id}:{VIEWER}"
    calls: dict[str, Callable[[], object]] = {
        "sessions.unbound": lambda: sessions.unbound(now, 10),
        "sessions.switch_preset": lambda: sessions.switch_preset(a_session().streamer_id, "sd"),
        "goals.overdue": lambda: goals.overdue(now, 10),
        "goals.unsettled": lambda: goals.unsettled(now, 10),
        "wallet.find": lambda: wallet.find(transaction_id),
        "wallet.holds": lambda: wallet.holds_of(f"trigger_private:{goal_id}"),
        "wallet.overdue": lambda: wallet.overdue(now, 10),
        "books.history": lambda: container.books().history(VIEWER, 10),
        "wallet.refund": lambda: wallet.refund(transaction_id),
    }
    for name, call in calls.items():
        commands.clear()
        call()
        assert scattered(commands), f"{name} goes to one shard after all"
    document = (ROOT / "docs" / "scale.md").read_text()
    assert re.findall(r"^\| `(\w+\.\w+)` \|", document, re.MULTILINE) == list(calls)


class TestWithoutUniqueIndexes:
    """What a cluster cannot have is not what keeps the promises."""

    @pytest.fixture
    def settings(self, mongo_database: Database[Document]) -> MongoSettings:
        settings = MongoSettings(database=mongo_database.name, timeout_ms=30_000, sharded=True)
        create_indexes(mongo_database, settings)
        return settings

    def test_no_index_is_unique(self, settings: MongoSettings, mongo_database: Database[Document]) -> None:
        for name in (settings.goals, settings.sessions, settings.accounts, settings.transactions):
            indexes = mongo_database[name].index_information()
            assert len(indexes) > 1
            assert not any(index.get("unique") for index in indexes.values())

    def test_a_second_goal_that_passes_the_claim_by_is_never_bound_D2(self, container: Container) -> None:
        sessions, goals = container.sessions(), container.goals()
        claim = Claim(goal_id=GOAL, exp=EXP)
        assert sessions.claim(SESSION, claim, NOW) == claim
        for goal_id in (OTHER_GOAL, GOAL):
            goals.insert(a_goal(id=goal_id))
        assert sessions.bind_trigger_private_goal(SESSION, Claim(goal_id=OTHER_GOAL, exp=EXP), NOW) is None
        assert sessions.bind_trigger_private_goal(SESSION, claim, NOW) is not None

    def test_a_goal_that_comes_twice_is_one(self, container: Container, mongo_database: Database[Document]) -> None:
        container.goals().insert(a_goal())
        assert container.goals().insert(a_goal()) == a_goal()
        assert mongo_database["goals"].count_documents({}) == 1

    def test_a_transaction_that_stands_is_not_charged_again_D15(self, container: Container) -> None:
        wallet = container.wallet()
        wallet.hold(a_hold())
        assert wallet.hold(a_hold()) == a_hold()
        with pytest.raises(TransactionConflict):
            wallet.hold(a_hold(amount=a_hold().amount + 1))
        assert container.books().balance(VIEWER).held == a_hold().amount
