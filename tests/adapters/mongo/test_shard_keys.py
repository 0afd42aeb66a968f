"""On a sharded cluster each command of a request, and of the tasks that follow it, goes to one shard: docs/scale.md.

Each collection's shard key is its hashed ``_id``. These tests read on the wire which commands have it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
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
    MongoWallet,
    create_indexes,
)
from show_goal.core.errors import TransactionConflict
from show_goal.core.model import Claim, Viewer
from tests.builders import EXP, GOAL, NOW, SESSION, VIEWER, a_goal, a_hold, a_session, an_invitation
from tests.docs.blocks import ROOT

from .commands import Commands
from .documents import Document, session_document

OTHER_GOAL = "60a100000000000000000009"
JOINER = "71e000000000000000000009"
WRITES: Mapping[str, tuple[str, str]] = {"update": ("updates", "q"), "delete": ("deletes", "q")}


@pytest.fixture
def container(watched_database: Database[Document], settings: MongoSettings, database: Database[Document]) -> Container:
    """All stores are in MongoDB. Messages wait in memory until a test runs them."""
    database["sessions"].insert_one(session_document(a_session()))
    kinds: dict[str, Callable[[Database[Document], MongoSettings], Any]] = {
        "sessions": MongoSessions,
        "goals": MongoGoals,
        "wallet": MongoWallet,
        "feed": MongoFeed,
        "tracker": MongoTracker,
        "channel_cache": MongoChannelCache,
    }
    container = Container.in_memory(**{name: kind(watched_database, settings) for name, kind in kinds.items()})
    for viewer_id in (VIEWER, JOINER):
        MongoWallet(database, settings).credit(viewer_id, 1_000)
    return container


def invite(container: Container, viewer_id: str) -> str:
    invitation = an_invitation(container.clock().now())
    return container.trigger_private_session()(SESSION, Viewer(id=viewer_id), invitation).goal_id


def asked(commands: Commands) -> Iterator[tuple[str, Any]]:
    """Of each command: its name and collection, and the value of the shard key, or None when it has none."""
    for command in commands.sent:
        name, collection = next(iter(command.items()))
        if name in ("hello", "commitTransaction"):
            continue
        if name == "insert":
            wanted = command["documents"]
        elif name == "aggregate":
            wanted = [command["pipeline"][0]["$match"]]
        elif name in WRITES:
            statements, query = WRITES[name]
            wanted = [statement[query] for statement in command[statements]]
        else:
            wanted = [command["query" if name == "findAndModify" else "filter"]]
        yield from ((f"{name} {collection}", query.get("_id")) for query in wanted)


def scattered(commands: Commands) -> list[str]:
    """Commands that a router would send to every shard. A list of keys goes only to the shards of the keys."""
    return [what for what, key in asked(commands) if not routed(key)]


def routed(key: Any) -> bool:
    operators = isinstance(key, dict) and any(name.startswith("$") for name in key)
    return key is not None and (not operators or key.keys() == {"$in"})


def test_each_command_of_requests_and_of_their_tasks_goes_to_one_shard(
    container: Container, commands: Commands
) -> None:
    """A viewer creates a goal, another joins it. The tasks are create_goal, transfer and increment_goal_progress."""
    commands.clear()
    invite(container, VIEWER)
    assert [what for what, _ in asked(commands)] == ["find sessions", "find accounts", "findAndModify sessions"]
    assert container.worker().run_due() == 2
    assert scattered(commands) == []
    commands.clear()
    invite(container, JOINER)
    assert [what for what, _ in asked(commands)] == ["find sessions", "findAndModify accounts"]
    assert container.worker().run_due() == 1
    assert scattered(commands) == []
    tracked = {"aggregate accounts", "update accounts", "insert tracked_goals"}
    assert tracked <= {what for what, _ in asked(commands)}


def test_each_command_goes_to_one_shard_when_a_transfer_overtakes_its_create_goal(
    container: Container, commands: Commands
) -> None:
    invite(container, VIEWER)
    queue: Any = container.task_queue()
    create_goal, transfer = (queued.message for queued in queue.queued())
    commands.clear()
    container.transfer()(transfer)
    container.create_goal()(create_goal)
    assert {"insert goals", "update livestream_feed"} <= {what for what, _ in asked(commands)}
    assert scattered(commands) == []


def test_an_answer_asks_every_shard_once_a_goal(container: Container, commands: Commands) -> None:
    goal_id = invite(container, VIEWER)
    container.worker().run_due()
    commands.clear()
    container.answer_goal()(goal_id, Viewer(id=a_session().streamer_id), agree=True)
    container.worker().run_due()
    once_a_goal = {"find accounts", "find transactions"}  # who paid
    assert set(scattered(commands)) == once_a_goal


def test_the_document_names_every_call_that_asks_every_shard(container: Container, commands: Commands) -> None:
    """Sweeps, settlements and the ledger: no viewer waits for them."""
    goal_id = invite(container, VIEWER)
    container.worker().run_due()
    sessions, goals, wallet, now = container.sessions(), container.goals(), container.wallet(), container.clock().now()
    transaction_id = f"session:trigger-private:{goal_id}:{VIEWER}"
    wallet.release(wallet.hold(a_hold(OTHER_GOAL)).transaction_id)
    calls: dict[str, Callable[[], object]] = {
        "sessions.unbound": lambda: sessions.unbound(now, 10),
        "sessions.over": lambda: sessions.over(now, 10),
        "sessions.lapsed": lambda: sessions.lapsed(now, 10),
        "sessions.switch_preset": lambda: sessions.switch_preset(a_session().streamer_id, "sd", now),
        "goals.agreed": lambda: goals.agreed(a_session().streamer_id, 10),
        "goals.overdue": lambda: goals.overdue(now, 10),
        "goals.unsettled": lambda: goals.unsettled(now, 10),
        "goals.contributions": lambda: goals.contributions(goal_id, 10),
        "wallet.find": lambda: wallet.find(transaction_id),
        "wallet.holds": lambda: wallet.holds_of(f"trigger_private:{goal_id}", 10),
        "wallet.overdue": lambda: wallet.overdue(now, 10),
        "wallet.statement": lambda: wallet.statement(a_session().streamer_id, None),
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
    """A cluster cannot have them. The promises hold without them."""

    @pytest.fixture
    def database(self, mongo_database: Database[Document]) -> Database[Document]:
        return mongo_database

    @pytest.fixture
    def settings(self, database: Database[Document]) -> MongoSettings:
        settings = MongoSettings(database=database.name, timeout_ms=30_000, sharded=True)
        create_indexes(database, settings)
        return settings

    def test_no_index_is_unique(self, settings: MongoSettings, database: Database[Document]) -> None:
        for name in (settings.goals, settings.sessions, settings.accounts, settings.transactions):
            indexes = database[name].index_information()
            assert len(indexes) > 1
            assert not any(index.get("unique") for index in indexes.values())

    def test_a_second_goal_without_the_claim_is_never_bound_D2(self, container: Container) -> None:
        sessions, goals = container.sessions(), container.goals()
        claim = Claim(goal_id=GOAL, exp=EXP)
        assert sessions.claim(SESSION, claim, NOW) == claim
        for goal_id in (OTHER_GOAL, GOAL):
            goals.insert(a_goal(id=goal_id))
        assert sessions.bind_trigger_private_goal(SESSION, Claim(goal_id=OTHER_GOAL, exp=EXP), NOW) is None
        assert sessions.bind_trigger_private_goal(SESSION, claim, NOW) is not None

    def test_a_goal_that_is_inserted_twice_is_one(self, container: Container, database: Database[Document]) -> None:
        container.goals().insert(a_goal())
        assert container.goals().insert(a_goal()) == a_goal()
        assert database["goals"].count_documents({}) == 1

    def test_a_transaction_is_not_charged_again_D15(self, container: Container) -> None:
        wallet = container.wallet()
        wallet.hold(a_hold())
        assert wallet.hold(a_hold()) == a_hold()
        with pytest.raises(TransactionConflict):
            wallet.hold(a_hold(amount=a_hold().amount + 1))
        assert container.books().balance(VIEWER).held == a_hold().amount
