"""The pages of an escrow: what they cost, and what is on them."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.core.money import Hold, HoldState
from show_goal.testing.conformance.paging import all_pages
from tests.builders import GOAL, NOW, STREAMER, VIEWER, a_hold

from .commands import Commands
from .crashing import Crash, Interruption, crash
from .documents import Document

ESCROW = a_hold().escrow_id
CROWD = 400


def joined(wallet: MongoWallet, payer: str, number: int = 0) -> Hold:
    wallet.credit(payer, 90)
    return wallet.hold(a_hold(GOAL, payer, transaction_id=f"{number}:{payer}"))


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
def test_holds_of_accounts_with_either_kind_of_id_are_each_on_one_page_D43(
    wallet: MongoWallet, database: Database[Document], limit: int
) -> None:
    """MongoDB sorts texts before ObjectIds, and a range of one type does not find the other."""
    holds = [joined(wallet, payer, number) for payer in ["zoe", VIEWER, "alice", STREAMER] for number in range(3)]
    for hold in holds[::5]:
        wallet.refund(hold.transaction_id)
    database["transactions"].update_many({}, {"$set": {"placed_at": NOW}})  # all in one millisecond
    found = [hold.transaction_id for hold in all_pages(partial(wallet.holds_of, ESCROW, limit))]
    assert sorted(found) == sorted(hold.transaction_id for hold in holds)


def test_a_page_of_a_crowd_costs_what_a_page_of_a_few_costs_D43(
    wallet: MongoWallet,
    watched_database: Database[Document],
    settings: MongoSettings,
    database: Database[Document],
    commands: Commands,
) -> None:
    for number in range(CROWD):
        hold = joined(wallet, f"71e1{number:020x}")
        if number % 2:
            wallet.refund(hold.transaction_id)
    watched = MongoWallet(watched_database, settings)
    held = watched.holds_of(ESCROW, 10)
    watched.holds_of(ESCROW, 10, held.next)
    settled = wallet.holds_of(ESCROW, CROWD // 2 + 1)
    assert settled.items[-1].state is HoldState.REFUNDED
    watched.holds_of(ESCROW, 10, settled.next)
    assert commands.names == ["find", "find", "find"]
    for command in commands.sent:
        stats = database.command("explain", command, verbosity="executionStats")["executionStats"]
        assert max(stats[name] for name in ("nReturned", "totalKeysExamined", "totalDocsExamined")) <= 14


def test_a_settlement_that_broke_off_is_listed_as_held_so_that_it_is_finished_L6(
    wallet: MongoWallet, database: Database[Document], settings: MongoSettings
) -> None:
    hold = joined(wallet, VIEWER)
    dying = MongoWallet(Interruption(4, crash).of(database), settings)
    with suppress(Crash):
        dying.release(hold.transaction_id)
    assert [found.state for found in wallet.holds_of(ESCROW, 1).items] == [HoldState.HELD]
    wallet.release(hold.transaction_id)
    assert [found.state for found in wallet.holds_of(ESCROW, 1).items] == [HoldState.RELEASED]
