"""A part of a hold is released: the money is right wherever a worker dies or pauses, and whoever races (L6)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database
from pytest_mock import MockerFixture

from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.core.errors import InsufficientBalance, TransactionConflict
from show_goal.core.money import Audit, Balance, Hold, HoldState
from show_goal.core.validation import InvalidValue
from show_goal.testing.conformance.races import CALLERS, at_once
from tests.builders import EXP, STREAMER, VIEWER, VIEWER_2, a_hold

from .crashing import Crash, Interruption, crash
from .documents import Document
from .settling import EachInterrupted

ID = a_hold().transaction_id
FOLDING = "show_goal.adapters.mongo.wallet_folding"

pytestmark = pytest.mark.usefixtures("two_payers")


def everything(wallet: MongoWallet) -> tuple[Balance, int]:
    """What VIEWER has, and what the streamer has. The books are right."""
    audit = wallet.audit(EXP)
    assert (audit.available + audit.held, list(audit.problems)) == (audit.deposited, [])
    return wallet.balance(VIEWER), wallet.balance(STREAMER).available


@pytest.mark.parametrize("then", [None, 0, 45, 90])
def test_a_part_that_breaks_off_is_finished_with_the_amount_that_was_stored_first_L6(
    wallet: MongoWallet, each_interrupted: EachInterrupted, then: int | None
) -> None:
    for hold, dying in each_interrupted(crash, 4):
        wallet.hold(hold)
        earned = wallet.balance(STREAMER).available
        with suppress(Crash):
            dying.release(hold.transaction_id, 30)
        found = wallet.find(hold.transaction_id)
        assert found is not None
        settled = wallet.release(hold.transaction_id, then)
        if found.state is HoldState.RELEASED:
            assert settled == found
            assert settled.part == 30
        assert wallet.find(hold.transaction_id) == settled
        assert everything(wallet) == (Balance(available=10 + settled.refunded), earned + settled.released)


def test_a_part_that_broke_off_is_finished_by_a_refund_of_the_sweep_L6(
    wallet: MongoWallet, each_interrupted: EachInterrupted
) -> None:
    for hold, dying in each_interrupted(crash, 4):
        wallet.hold(hold)
        with suppress(Crash):
            dying.release(hold.transaction_id, 30)
        for due in [*wallet.overdue(EXP, 10).items, *wallet.holds_of(hold.escrow_id, 10).items]:
            wallet.refund(due.transaction_id)
        assert everything(wallet)[0].held == 0


def test_at_every_moment_of_a_part_no_money_is_missing_L6(
    wallet: MongoWallet, each_interrupted: EachInterrupted
) -> None:
    """The payee has the part as soon as it is released. The rest is held until it is back."""
    seen: set[tuple[int, int]] = set()

    def look(hold: Hold) -> None:
        found = wallet.find(hold.transaction_id)
        assert found is not None
        assert [*wallet.history(VIEWER, 1), wallet.hold(hold)] == [found] * 2
        viewer, streamer = wallet.balance(VIEWER), wallet.balance(STREAMER).available - earned
        assert viewer.available == wallet.statement(VIEWER, hold.transaction_id).available
        assert streamer == found.released
        assert viewer.available + viewer.held + streamer == 100
        audit = wallet.audit(EXP)
        assert (audit.available + audit.held, audit.held) == (audit.deposited, viewer.held)
        if viewer.held:
            assert hold in wallet.holds_of(hold.escrow_id, 10).items, "it is listed as held, so a sweep finishes it"
        seen.add((viewer.held, streamer))

    for hold, slow in each_interrupted(look, 4):
        wallet.hold(hold)
        earned = wallet.balance(STREAMER).available
        slow.release(hold.transaction_id, 30)
        look(hold)
    assert seen == {(90, 0), (60, 30), (0, 30)}


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda wallet, transaction_id: wallet.release(transaction_id, 45),
        lambda wallet, transaction_id: wallet.release(transaction_id),
        lambda wallet, transaction_id: wallet.refund(transaction_id),
    ],
    ids=["another part", "the whole", "a refund"],
)
def test_a_part_that_pauses_while_another_call_settles_the_hold_moves_nothing_more_L6(
    wallet: MongoWallet, each_interrupted: EachInterrupted, meanwhile: Callable[[MongoWallet, str], Hold]
) -> None:
    for hold, slow in each_interrupted(lambda hold: meanwhile(wallet, hold.transaction_id), 4):
        wallet.hold(hold)
        earned = wallet.balance(STREAMER).available
        settled = slow.release(hold.transaction_id, 30)
        assert wallet.find(hold.transaction_id) == settled
        assert everything(wallet) == (Balance(available=10 + settled.refunded), earned + settled.released)


def test_of_many_amounts_at_once_one_counts_and_the_books_are_right_L6(wallet: MongoWallet) -> None:
    for number in range(5):
        wallet.credit(VIEWER, 100 - wallet.balance(VIEWER).available)
        hold = wallet.hold(a_hold(goal_id=f"60a2{number:020x}"))
        earned = wallet.balance(STREAMER).available
        answers = at_once([partial(wallet.release, hold.transaction_id, amount) for amount in range(CALLERS)])
        settled = wallet.find(hold.transaction_id)
        assert settled is not None
        assert answers == [settled] * CALLERS
        assert everything(wallet) == (Balance(available=10 + settled.refunded), earned + settled.released)


def test_parts_of_many_holds_at_once_are_one_balance_that_folds_L6(wallet: MongoWallet, mocker: MockerFixture) -> None:
    mocker.patch(f"{FOLDING}.EVERY", 2)
    mocker.patch(f"{FOLDING}.AT_ONCE", 3)
    wallet.credit(VIEWER, 10 * CALLERS)
    holds = [wallet.hold(a_hold(goal_id=f"60a2{number:020x}", amount=10)) for number in range(CALLERS)]
    at_once([partial(wallet.release, hold.transaction_id, number % 10) for number, hold in enumerate(holds)])
    paid = sum(number % 10 for number in range(CALLERS))
    assert everything(wallet) == (Balance(available=100 + 10 * CALLERS - paid), paid)
    with pytest.raises(InsufficientBalance):
        wallet.hold(a_hold(viewer_id=STREAMER, to_user_id=VIEWER, amount=paid + 1))
    wallet.hold(a_hold(viewer_id=STREAMER, to_user_id=VIEWER, amount=paid))
    assert wallet.balance(STREAMER) == Balance(available=0, held=paid)
    assert wallet.audit(a_hold().exp or EXP).available == 200 + 10 * CALLERS - paid


@pytest.mark.parametrize("part", [0, 30])
def test_a_part_as_it_is_written(wallet: MongoWallet, database: Database[Document], part: int) -> None:
    """``amount`` is what the record pays, for whoever adds it up. ``held`` is what was held."""
    wallet.hold(a_hold())
    wallet.release(ID, part)
    (record,) = database["transactions"].find()
    fields = {name: record[name] for name in ("_id", "amount", "held", "state", "unfolded", "by_record.")}
    assert fields == {
        "_id": ID,
        "amount": part,
        "held": 90,
        "state": "released",
        "unfolded": ObjectId(STREAMER),
        "by_record.": True,
    }


def test_a_whole_release_writes_no_part(wallet: MongoWallet, database: Database[Document]) -> None:
    wallet.hold(a_hold())
    wallet.release(ID, 90)
    (record,) = database["transactions"].find()
    assert (record["amount"], "held" in record) == (90, False)


@pytest.mark.parametrize("amount", [30, 89, 91])
def test_a_hold_of_which_a_part_was_released_is_not_placed_with_another_amount_D15(
    wallet: MongoWallet, amount: int
) -> None:
    wallet.hold(a_hold())
    settled = wallet.release(ID, 30)
    assert wallet.hold(a_hold()) == settled
    with pytest.raises(TransactionConflict):
        wallet.hold(a_hold(amount=amount))
    assert everything(wallet) == (Balance(available=70), 30)


def test_a_hold_that_slips_in_beside_another_payers_part_goes_back_whole_D15(
    wallet: MongoWallet, database: Database[Document], settings: MongoSettings
) -> None:
    def another_payers_life() -> None:
        wallet.hold(a_hold(from_user_id=VIEWER_2))
        wallet.release(ID, 30)

    MongoWallet(Interruption(1, another_payers_life).of(database), settings).hold(a_hold())
    assert wallet.balance(VIEWER).held == 90
    assert wallet.release(ID, 45).from_user_id == VIEWER_2
    assert [wallet.balance(one).available for one in (VIEWER, VIEWER_2, STREAMER)] == [100, 70, 30]
    assert wallet.audit(EXP) == Audit(available=200, held=0, deposited=200, problems=[])


def test_a_user_may_pay_themselves_a_part(wallet: MongoWallet) -> None:
    wallet.hold(a_hold(to_user_id=VIEWER))
    wallet.release(ID, 30)
    assert wallet.balance(VIEWER) == Balance(available=100)
    assert wallet.audit(EXP) == Audit(available=200, held=0, deposited=200, problems=[])


@pytest.mark.parametrize("amount", [-1, 91, True])
def test_an_amount_that_is_refused_writes_nothing(
    wallet: MongoWallet, database: Database[Document], amount: Any
) -> None:
    wallet.hold(a_hold())
    before = [*database["accounts"].find()]
    with pytest.raises(InvalidValue):
        wallet.release(ID, amount)
    assert [*database["accounts"].find()] == before
    assert [*database["transactions"].find()] == []
