"""How many commands a call costs, and how large their answers are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoGoals, MongoSessions, MongoSettings, MongoWallet
from show_goal.core.decision import Settlement
from show_goal.core.model import Claim
from show_goal.core.money import Hold, Pledge
from show_goal.ports.pledges import MOST_PLEDGES
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, a_goal, a_hold, a_session

from .commands import Commands
from .documents import Document, session_document

CLAIM = Claim(goal_id=GOAL, exp=EXP)
PAST_GOALS = 10_000
YOUNG = "5e5500000000000000000011"
OLD = "5e5500000000000000000012"


@pytest.fixture
def sessions(
    watched_database: Database[Document], settings: MongoSettings, database: Database[Document]
) -> MongoSessions:
    database["sessions"].insert_one(session_document(a_session()))
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


def bind(sessions: MongoSessions) -> object:
    return sessions.bind_trigger_private_goal(SESSION, CLAIM, NOW)


def bind_twice(sessions: MongoSessions) -> object:
    return [bind(sessions), bind(sessions)]


SESSION_CALLS: dict[str, tuple[Callable[[MongoSessions], object], list[str]]] = {
    "fetch_active": (lambda sessions: sessions.fetch_active(SESSION), ["find"]),
    "fetch": (lambda sessions: sessions.fetch(SESSION), ["find"]),
    "malformed": (lambda sessions: sessions.fetch_active("malformed"), []),
    "claim": (lambda sessions: sessions.claim(SESSION, CLAIM, NOW), ["findAndModify"]),
    "renew": (lambda sessions: sessions.renew_claim(SESSION, GOAL), ["update"]),
    "bind": (bind, ["findAndModify"]),
    "bind again": (bind_twice, ["findAndModify", "findAndModify", "find"]),
    "end": (
        lambda sessions: sessions.end_trigger_private_goal(SESSION, GOAL, ended=NOW, agreed=None),
        ["findAndModify"],
    ),
    "unbound": (lambda sessions: sessions.unbound(NOW, 10), ["find"]),
    "drop private": (lambda sessions: sessions.drop_trigger_private_goal(SESSION, GOAL, ended=NOW), ["update"]),
    "over": (lambda sessions: sessions.over(NOW, 10), ["find"]),
    "lapsed": (lambda sessions: sessions.lapsed(NOW, 10), ["find"]),
    "close_claim": (lambda sessions: sessions.close_claim(SESSION, GOAL), ["update"]),
    "switch_preset": (lambda sessions: sessions.switch_preset(STREAMER, "sd", NOW), ["find", "findAndModify"]),
    "funding": (lambda sessions: sessions.bind_show_funding_goal(SESSION, CLAIM, NOW), ["findAndModify"]),
    "karaoke": (lambda sessions: sessions.bind_karaoke_goal(SESSION, CLAIM, NOW), ["findAndModify"]),
    "trigger exclusive": (
        lambda sessions: sessions.bind_trigger_exclusive_goal(SESSION, CLAIM, NOW, viewer_id=VIEWER),
        ["findAndModify"],
    ),
    "show without funding": (
        lambda sessions: sessions.bind_show_goal(SESSION, CLAIM, NOW, funding_goal=GOAL_2),
        ["findAndModify", "find"],
    ),
    "end neighbour": (lambda sessions: sessions.end_embedded_goal(SESSION, GOAL, ended=NOW), ["update"]),
    "progress": (lambda sessions: sessions.progress_karaoke_goal(SESSION, GOAL, 1), ["update"]),
    "drop": (lambda sessions: sessions.drop_exclusive_goal_pair(SESSION, VIEWER, GOAL), ["update"]),
}


@pytest.mark.parametrize(("call", "names"), SESSION_CALLS.values(), ids=SESSION_CALLS)
def test_a_call_on_a_session_is_one_command_and_a_second_if_nothing_was_bound(
    sessions: MongoSessions, commands: Commands, call: Callable[[MongoSessions], object], names: list[str]
) -> None:
    call(sessions)
    assert commands.names == names


def progress(goals: MongoGoals) -> object:
    return goals.increment_progress(GOAL, amount=1, cost=90, breakdown_id=VIEWER, insert_id="a", now=NOW)


GOAL_CALLS: dict[str, tuple[Callable[[MongoGoals], object], list[str]]] = {
    "insert again": (lambda goals: goals.insert(a_goal()), ["insert", "find"]),
    "get": (lambda goals: goals.get(GOAL), ["find"]),
    "end": (lambda goals: goals.end(GOAL, NOW), ["findAndModify"]),
    "end twice": (
        lambda goals: [goals.end(GOAL, NOW), goals.end(GOAL, NOW)],
        ["findAndModify", "findAndModify", "find"],
    ),
    "increment_progress": (progress, ["find", "find", "findAndModify"]),
    "announce": (
        lambda goals: [progress(goals), goals.announce(GOAL, "a", NOW)],
        ["find", "find", *["findAndModify"] * 2, "find"],
    ),
    "decide": (lambda goals: goals.decide(GOAL, Settlement.REFUNDED), ["findAndModify"]),
    "link": (lambda goals: goals.link(GOAL, "show_goal_id", GOAL_2), ["findAndModify"]),
    "plan": (lambda goals: goals.plan(GOAL, 3), ["update"]),
    "mark_settled": (lambda goals: goals.mark_settled(GOAL), ["update"]),
    "overdue": (lambda goals: goals.overdue(EXP, 10), ["find"]),
    "unsettled": (lambda goals: goals.unsettled(EXP, 10), ["find"]),
}


@pytest.mark.parametrize(("call", "names"), GOAL_CALLS.values(), ids=GOAL_CALLS)
def test_a_call_on_a_goal_is_one_command_and_a_repeat_looks_once_more(
    goals: MongoGoals, commands: Commands, call: Callable[[MongoGoals], object], names: list[str]
) -> None:
    goals.insert(a_goal())
    assert commands.names == ["insert"]
    commands.clear()
    call(goals)
    assert commands.names == names


HOLD = a_hold()
PLEDGE = Pledge(amount=90, duration=90, exp=EXP)
WALLET_CALLS: dict[str, tuple[Callable[[MongoWallet], object], list[str]]] = {
    "statement": (lambda wallet: wallet.statement(VIEWER, HOLD.transaction_id), ["find", "find"]),
    "statement without a hold": (lambda wallet: wallet.statement(VIEWER, "another"), ["find"]),
    "pledge": (lambda wallet: wallet.pledge(VIEWER, "another", PLEDGE, NOW), ["findAndModify"]),
    "pledge, asked": (lambda wallet: wallet.pledge(VIEWER, "another", None, NOW), ["find"]),
    "pledge, held": (
        lambda wallet: wallet.pledge(VIEWER, HOLD.transaction_id, PLEDGE, NOW),
        ["findAndModify", "find"],
    ),
    "take back": (lambda wallet: wallet.take_back(VIEWER, "another"), ["update"]),
    "hold": (lambda wallet: wallet.hold(a_hold(goal_id=GOAL_2)), ["aggregate", "update"]),
    "hold again": (lambda wallet: wallet.hold(HOLD), ["aggregate"]),
    "free hold": (
        lambda wallet: wallet.hold(a_hold(viewer_id=STREAMER, amount=0)),
        ["aggregate", "update", "aggregate", "update"],
    ),
    "find": (lambda wallet: wallet.find(HOLD.transaction_id), ["find", "find"]),
    "holds_of": (lambda wallet: wallet.holds_of(HOLD.escrow_id, 10), ["find", "find"]),
    "history": (lambda wallet: wallet.history(VIEWER, 10), ["find", "find", "find"]),
    "overdue": (lambda wallet: wallet.overdue(EXP, 10), ["find"]),
    "balance": (lambda wallet: wallet.balance(VIEWER), ["find", "find"]),
    "balance, nothing held": (lambda wallet: wallet.balance(STREAMER), ["find"]),
}


@pytest.mark.parametrize(("call", "names"), WALLET_CALLS.values(), ids=WALLET_CALLS)
def test_a_call_on_the_wallet_looks_at_accounts_and_transactions_and_writes_once(
    wallet: MongoWallet, commands: Commands, call: Callable[[MongoWallet], object], names: list[str]
) -> None:
    wallet.hold(HOLD)
    commands.clear()
    call(wallet)
    assert commands.names == names


def test_a_settlement_writes_one_document_at_a_time(wallet: MongoWallet, commands: Commands) -> None:
    """The first release to a user gives the account its list ``folded``."""
    release = ["find", "update", "insert", "update"]
    settlements: list[tuple[Callable[[str], Hold], list[str]]] = [
        (wallet.refund, ["find", "insert", "update"]),
        (wallet.release, ["find", "update", *release[1:]]),
        (wallet.release, release),
        (partial(wallet.release, amount=1), release),
    ]
    for number, (settle, names) in enumerate(settlements):
        hold = wallet.hold(a_hold(goal_id=f"60a2{number:020x}"))
        commands.clear()
        settle(hold.transaction_id)
        assert commands.names == names
        assert not any("autocommit" in command for command in commands.sent), "it is in a transaction"
        commands.clear()
        settle(hold.transaction_id)
        assert commands.names == ["find", "find"]


def test_only_who_was_paid_has_a_statement_of_two_commands(wallet: MongoWallet, commands: Commands) -> None:
    wallet.release(wallet.hold(HOLD).transaction_id)
    for user_id, names in ((VIEWER, ["find"]), (STREAMER, ["find", "aggregate"])):
        commands.clear()
        wallet.statement(user_id, None)
        assert commands.names == names


def test_every_write_waits_for_the_majority(
    sessions: MongoSessions, goals: MongoGoals, wallet: MongoWallet, commands: Commands
) -> None:
    sessions.claim(SESSION, CLAIM, NOW)
    bind(sessions)
    sessions.end_trigger_private_goal(SESSION, GOAL, ended=NOW, agreed=None)
    goals.insert(a_goal())
    goals.end(GOAL, NOW)
    wallet.hold(HOLD)
    wallet.pledge(VIEWER, "another", PLEDGE, NOW)
    writes = [command for command in commands.sent if not command.keys() & {"find", "aggregate"}]
    assert [command["writeConcern"] for command in writes] == [{"w": "majority"}] * 7


def test_a_session_with_10_000_past_goals_costs_what_a_new_one_costs(
    sessions: MongoSessions, database: Database[Document], commands: Commands
) -> None:
    database["sessions"].insert_many([past(YOUNG, 1), past(OLD, PAST_GOALS)])

    young, old = sessions.fetch_active(YOUNG), sessions.fetch_active(OLD)

    assert young is not None
    assert old is not None
    assert old.trigger_private_goal is not None
    assert old.show_goal_pair is not None
    small, large = commands.reply_sizes
    assert large == small < 1_000
    for command in commands.sent:
        stats = database.command("explain", command, verbosity="executionStats")["executionStats"]
        assert [stats[name] for name in ("nReturned", "totalKeysExamined", "totalDocsExamined")] == [1, 1, 1]


def test_binding_a_10_001st_goal_returns_as_little(
    sessions: MongoSessions, database: Database[Document], commands: Commands
) -> None:
    database["sessions"].replace_one({"_id": ObjectId(SESSION)}, past(SESSION, PAST_GOALS))
    bind(sessions)
    assert commands.names == ["findAndModify"]
    assert commands.reply_sizes[0] < 1_000


def test_a_statement_of_a_busy_account_is_as_small_as_that_of_a_new_one(
    wallet: MongoWallet, database: Database[Document], commands: Commands
) -> None:
    wallet.hold(HOLD)
    statement = wallet.statement(VIEWER, HOLD.transaction_id)
    account = database["accounts"].find_one()
    assert account is not None
    (held,) = account["holds"]
    others = [{**held, "transaction_id": f"another {number}"} for number in range(300)]
    database["accounts"].update_one({}, {"$push": {"holds": {"$each": others}}})
    for number in range(MOST_PLEDGES):
        wallet.pledge(VIEWER, f"pledge {number}", PLEDGE, NOW)
    commands.clear()

    assert wallet.statement(VIEWER, HOLD.transaction_id) == statement
    assert wallet.pledge(VIEWER, "pledge 7", PLEDGE, NOW).pledge == PLEDGE
    assert max(commands.reply_sizes) < 1_000


def past(session_id: str, count: int) -> Document:
    """A session that has had so many goals and shows."""
    ended: datetime = NOW - timedelta(hours=1)
    return {
        **session_document(a_session(id=session_id)),
        "trigger_private_goals": [{"goal": ObjectId(), "goal_agreed": None, "goal_ended": ended}] * count,
        "show_goal_pairs": [
            {"funding_goal": ObjectId(), "funding_ended": ended, "show_goal": ObjectId(), "show_ended": ended}
        ]
        * count,
    }
