"""The exact documents of ``accounts`` and ``transactions``."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from unittest.mock import ANY

import bson
import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoWallet
from show_goal.core.errors import TransactionConflict
from show_goal.testing.conformance.paging import all_pages
from show_goal.testing.conformance.races import CALLERS, at_once
from tests.builders import EXP, STREAMER, VIEWER, a_hold

from .documents import Document

ORDER = {"order", "placed_at"}
HELD = {
    "transaction_id": "session:trigger-private:60a100000000000000000001:71e000000000000000000001",
    "goal_id": "60a100000000000000000001",
    "escrow_id": "trigger_private:60a100000000000000000001",
    "from_user_id": "71e000000000000000000001",
    "to_user_id": "57e000000000000000000001",
    "amount": 90,
    "duration": 90,
    "tags": ["swag::livestream.session:5e5500000000000000000001.trigger_private:60a100000000000000000001"],
    "exp": EXP,
    "state": "held",
    "asked_exp": None,
}


def without_order(hold: Document) -> Document:
    """A hold without what orders it in time, which must be there."""
    assert hold.keys() >= ORDER
    assert isinstance(hold["order"], ObjectId)
    assert isinstance(hold["placed_at"], datetime)
    return {name: value for name, value in hold.items() if name not in ORDER}


def test_an_account_as_it_is_written(wallet: MongoWallet, database: Database[Document]) -> None:
    wallet.credit(VIEWER, 600)
    wallet.credit(VIEWER, 400)
    wallet.hold(a_hold())
    (account,) = database["accounts"].find()
    assert {**account, "holds": [without_order(hold) for hold in account["holds"]]} == {
        "_id": ObjectId("71e000000000000000000001"),
        "available": 910,
        "held": 90,
        "deposited": 1_000,
        "holds": [HELD],
        "receipts": [],
        "settled": 0,
        "next_exp": EXP,
    }


@pytest.mark.parametrize(("state", "back", "paid"), [("refunded", 90, False), ("released", 0, True)])
def test_a_settled_hold_as_it_is_written(
    wallet: MongoWallet, database: Database[Document], state: str, back: int, paid: bool
) -> None:
    wallet.credit(VIEWER, 1_000)
    wallet.hold(a_hold())
    settle = wallet.refund if state == "refunded" else wallet.release
    settle(a_hold().transaction_id)
    (record,) = database["transactions"].find()
    fields = {name: value for name, value in HELD.items() if name != "transaction_id"}
    pays = {"unfolded": ObjectId(STREAMER), "by_record.": True} if paid else {}
    settled = {"state": state, "settled_at": ANY}
    assert without_order(record) == {"_id": HELD["transaction_id"], **fields, **settled, **pays}
    empty = {"held": 0, "holds": [], "receipts": []}
    payer = {"_id": ObjectId(VIEWER), "available": 910 + back, "deposited": 1_000, **empty, "settled": 1}
    streamer = {"_id": ObjectId(STREAMER), "available": 0, "deposited": 0, **empty, "settled": 0, "folded": []}
    assert [*database["accounts"].find().sort("deposited", -1)] == [payer, streamer][: 1 + paid]


def test_an_account_does_not_grow_with_settled_holds(wallet: MongoWallet, database: Database[Document]) -> None:
    """A document has room for 16 MB, and a viewer may pay for years."""
    wallet.credit(VIEWER, 1_000)
    sizes = []
    for number in range(20):
        hold = wallet.hold(a_hold(goal_id=f"60a2{number:020x}", amount=10))
        (wallet.release if number % 2 else wallet.refund)(hold.transaction_id)
        sizes.append([len(bson.encode(account)) for account in database["accounts"].find({"_id": ObjectId(VIEWER)})])
    assert sizes == [sizes[0]] * 20


def test_a_race_of_many_payers_for_one_transaction_id_has_one_winner_D15(wallet: MongoWallet) -> None:
    """One account's update cannot see the other accounts, so the unique index decides."""
    payers = [f"71e1{number:020x}" for number in range(CALLERS)]
    for payer in payers:
        wallet.credit(payer, 100)
    holds = [a_hold(from_user_id=payer, amount=100) for payer in payers]
    answers = at_once([partial(wallet.hold, hold) for hold in holds])
    assert sum(isinstance(answer, TransactionConflict) for answer in answers) == CALLERS - 1
    assert sorted(wallet.statement(payer, None).available for payer in payers) == [0] + [100] * (CALLERS - 1)


def test_overdue_holds_of_accounts_with_either_kind_of_id_are_each_on_one_page_D43(wallet: MongoWallet) -> None:
    """MongoDB sorts texts before ObjectIds, and a range of one type does not find the other."""
    payers = ["alice", VIEWER, "zoe", STREAMER]
    for payer in payers:
        wallet.credit(payer, 1_000)
        for number in range(2):
            wallet.hold(a_hold(f"60a2{number:020x}", payer, exp=EXP))
    for limit in (1, 2, 3, 7):
        ids = [hold.transaction_id for hold in all_pages(partial(wallet.overdue, EXP, limit))]
        assert len(ids) == len({*ids}) == 2 * len(payers)
