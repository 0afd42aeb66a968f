"""How many commands a call costs, and how large their answers are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoGoals, MongoSessions, MongoSettings, MongoWallet
from show_goal.core.errors import InsufficientBalance
from show_goal.core.model import Claim, Settlement, ViewerPass
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, a_goal, a_hold, a_session

from .commands import Commands
from .documents import Document, session_document

CLAIM = Claim(goal_id=GOAL, exp=EXP)
PAST_GOALS = 10_000
YOUNG = "5e5500000000000000000011"
OLD = "5e5500000000000000000012"


@pytest.fixture
def sessions(
    watched_database: Database[Document], settings: MongoSettings, mongo_database: Database[Document]
) -> MongoSessions:
    mongo_database["sessions"].insert_one(session_document(a_session()))
    return MongoSessions(watched_database, settings)


@pytest.fixture
def goals(watched_database: Database[Document], settings: MongoSettings) -> MongoGoals:
    return MongoGoals(watched_database, settings)


@pytest.fixture
def wallet(watched_database: Database[Document], settings: MongoSettings, commands: Commands) -> MongoWallet:
    wallet = MongoWallet(watched_database, settings)
    wallet.credit(VIEWER, 1_000)
    commands.clear()
    return wallet


NEIGHBOURS = ["funding", "karaoke", "trigger exclusive", "show without a place", "end", "progress", "drop"]


def bind(sessions: MongoSessions) -> object:
    return sessions.bind_trigger_private_goal(SESSION, CLAIM, NOW)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda sessions: sessions.fetch_active(SESSION), ["find"]),
        (lambda sessions: sessions.claim(SESSION, CLAIM, NOW), ["findAndModify"]),
        (bind, ["findAndModify"]),
        (lambda sessions: sessions.end_trigger_private_goal(SESSION, GOAL, ended=NOW, agreed=None), ["update"]),
        (lambda sessions: sessions.unbound(NOW, 10), ["find"]),
        (lambda sessions: sessions.admit_viewers(SESSION, {VIEWER: ViewerPass(nbf=NOW, duration=90)}), ["update"]),
        (lambda sessions: sessions.admit_viewers(SESSION, {}), []),
        (lambda sessions: sessions.switch_preset(STREAMER, "sd"), ["findAndModify"]),
        (lambda sessions: sessions.bind_show_funding_goal(SESSION, CLAIM, NOW), ["findAndModify"]),
        (lambda sessions: sessions.bind_karaoke_goal(SESSION, CLAIM, NOW), ["findAndModify"]),
        (lambda s: s.bind_trigger_exclusive_goal(SESSION, CLAIM, NOW, viewer_id=VIEWER), ["findAndModify"]),
        (lambda s: s.bind_show_goal(SESSION, CLAIM, NOW, funding_goal=GOAL_2), ["findAndModify", "find"]),
        (lambda sessions: sessions.end_embedded_goal(SESSION, GOAL, ended=NOW), ["update"]),
        (lambda sessions: sessions.progress_karaoke_goal(SESSION, GOAL, 1), ["update"]),
        (lambda sessions: sessions.drop_exclusive_goal_pair(SESSION, VIEWER, GOAL), ["update"]),
        (lambda sessions: sessions.fetch_active("malformed"), []),
    ],
    ids=[
        "fetch_active",
        "claim",
        "bind",
        "end",
        "unbound",
        "admit",
        "admit nobody",
        "switch_preset",
        *NEIGHBOURS,
        "malformed",
    ],
)
def test_each_call_on_a_session_is_one_command(
    sessions: MongoSessions, commands: Commands, call: Callable[[MongoSessions], object], names: list[str]
) -> None:
    call(sessions)
    assert commands.names == names


def test_a_repeated_binding_looks_a_second_time(sessions: MongoSessions, commands: Commands) -> None:
    bind(sessions)
    commands.clear()
    bind(sessions)
    assert commands.names == ["findAndModify", "find"]


def test_each_call_on_a_goal_is_one_command_and_a_repeat_two(goals: MongoGoals, commands: Commands) -> None:
    goals.insert(a_goal())
    goals.insert(a_goal())
    goals.get(GOAL)
    goals.end(GOAL, NOW)
    goals.end(GOAL, NOW)
    assert commands.names == ["insert", "insert", "find", "find", "findAndModify", "findAndModify", "find"]


def test_each_step_of_a_goals_life_is_one_command(goals: MongoGoals, commands: Commands) -> None:
    goals.insert(a_goal())
    commands.clear()
    goals.increment_progress(GOAL, amount=1, cost=90, breakdown_id=VIEWER, insert_id="a")
    goals.decide(GOAL, Settlement.REFUNDED)
    goals.link(GOAL, "show_goal_id", GOAL_2)
    assert commands.names == ["findAndModify"] * 3
    commands.clear()
    goals.mark_settled(GOAL)
    goals.overdue(EXP, 10)
    goals.unsettled(EXP, 10)
    assert commands.names == ["update", "find", "find"]


def test_a_statement_is_one_command_and_a_second_for_a_hold(wallet: MongoWallet, commands: Commands) -> None:
    wallet.statement(VIEWER, a_hold().transaction_id)
    assert commands.names == ["find"]
    wallet.hold(a_hold())
    commands.clear()
    wallet.statement(VIEWER, a_hold().transaction_id)
    assert commands.names == ["find", "find"], "whether it is decided stands in the other collection"


def test_a_hold_looks_twice_and_writes_once_and_a_repeat_only_looks(wallet: MongoWallet, commands: Commands) -> None:
    wallet.hold(a_hold())
    assert commands.names == ["find", "find", "update"]
    commands.clear()
    wallet.hold(a_hold())
    assert commands.names == ["find", "find"]


def test_a_free_hold_opens_the_account_first(wallet: MongoWallet, commands: Commands) -> None:
    wallet.hold(a_hold(viewer_id=STREAMER, amount=0))
    assert commands.names == ["update", "find", "find", "update"]


def test_settling_is_one_transaction_where_the_server_has_them(wallet: MongoWallet, commands: Commands) -> None:
    for number, settle in enumerate([wallet.refund, wallet.release, wallet.release]):
        hold = wallet.hold(a_hold(goal_id=f"60a2{number:020x}"))
        commands.clear()
        settle(hold.transaction_id)
        decide, *writes = [name for name in commands.names if name != "find"]
        looks = commands.names.count("find")
        expected = {
            0: (1, ["hello", "findAndModify", "update", "commitTransaction"]),  # the first asks what the server is
            1: (4, ["findAndModify", *["update"] * 4, "commitTransaction"]),  # the streamer's account is opened
            2: (3, ["findAndModify", *["update"] * 3, "commitTransaction"]),
        }
        assert (looks, [decide, *writes]) == expected[number]
        assert [command.get("autocommit") for command in commands.sent if "hello" not in command] == [False] * (
            looks + len(writes) + (number > 0)
        ), "a command was sent outside of the transaction"


def test_reading_the_ledger_costs_few_commands(wallet: MongoWallet, commands: Commands) -> None:
    hold = wallet.hold(a_hold())
    for read, cost in (
        (lambda: wallet.find(hold.transaction_id), 2),
        (lambda: wallet.holds_of(hold.escrow_id), 2),
        (lambda: wallet.history(VIEWER, 10), 2),
        (lambda: wallet.overdue(EXP, 10), 1),
        (lambda: wallet.balance(VIEWER), 1),
    ):
        commands.clear()
        read()
        assert commands.names == ["find"] * cost


def test_every_write_waits_for_the_majority(
    sessions: MongoSessions, goals: MongoGoals, wallet: MongoWallet, commands: Commands
) -> None:
    sessions.claim(SESSION, CLAIM, NOW)
    bind(sessions)
    sessions.end_trigger_private_goal(SESSION, GOAL, ended=NOW, agreed=None)
    goals.insert(a_goal())
    goals.end(GOAL, NOW)
    wallet.hold(a_hold())
    writes = [command for command in commands.sent if "find" not in command]
    assert [command["writeConcern"] for command in writes] == [{"w": "majority"}] * 6


def test_a_session_with_10_000_past_goals_costs_what_a_new_one_costs(
    sessions: MongoSessions, mongo_database: Database[Document], commands: Commands
) -> None:
    mongo_database["sessions"].insert_many([past(YOUNG, 1), past(OLD, PAST_GOALS)])

    young, old = sessions.fetch_active(YOUNG), sessions.fetch_active(OLD)

    assert young is not None
    assert old is not None
    assert old.trigger_private_goal is not None
    assert old.show_goal_pair is not None
    small, large = commands.reply_sizes
    assert large == small < 1_000
    for command in commands.sent:
        assert work(mongo_database, command) == {"nReturned": 1, "totalKeysExamined": 1, "totalDocsExamined": 1}


def test_what_binding_a_10_001st_goal_returns_is_as_small(
    sessions: MongoSessions, mongo_database: Database[Document], commands: Commands
) -> None:
    mongo_database["sessions"].replace_one({"_id": ObjectId(SESSION)}, past(SESSION, PAST_GOALS))
    bind(sessions)
    assert commands.names == ["findAndModify"]
    assert commands.reply_sizes[0] < 1_000


def test_a_statement_of_a_busy_account_is_as_small_as_that_of_a_new_one(
    wallet: MongoWallet, mongo_database: Database[Document], commands: Commands
) -> None:
    wallet.hold(a_hold())
    commands.clear()
    statement = wallet.statement(VIEWER, a_hold().transaction_id)
    for number in range(300):
        wallet.hold(a_hold(goal_id=f"60a2{number:020x}", amount=1))
    commands.clear()
    mongo_database["accounts"].update_one({"_id": ObjectId(VIEWER)}, {"$set": {"available": statement.available}})

    assert wallet.statement(VIEWER, a_hold().transaction_id) == statement
    assert commands.reply_sizes[0] < 1_000


def test_a_refused_hold_changes_nothing(wallet: MongoWallet, mongo_database: Database[Document]) -> None:
    before = mongo_database["accounts"].find_one()
    with pytest.raises(InsufficientBalance, match="needs 1001, has 1000"):
        wallet.hold(a_hold(amount=1_001))
    assert mongo_database["accounts"].find_one() == before


def past(session_id: str, count: int) -> Document:
    """A session that has had so many goals, and as many shows."""
    ended: datetime = NOW - timedelta(hours=1)
    return {
        **session_document(a_session(id=session_id)),
        "trigger_private_goals": [{"goal": ObjectId(), "goal_agreed": None, "goal_ended": ended}] * count,
        "show_goal_pairs": [
            {"funding_goal": ObjectId(), "funding_ended": ended, "show_goal": ObjectId(), "show_ended": ended}
        ]
        * count,
    }


def work(database: Database[Document], command: Document) -> dict[str, Any]:
    """What the server did for a ``find``."""
    stats = database.command("explain", command, verbosity="executionStats")["executionStats"]
    return {name: stats[name] for name in ("nReturned", "totalKeysExamined", "totalDocsExamined")}
