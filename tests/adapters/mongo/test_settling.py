"""Release and refund: the money is right wherever a worker dies or pauses (L6)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.core.errors import TransactionConflict
from show_goal.core.money import Audit, Balance, Hold, HoldState
from show_goal.testing.conformance.races import CALLERS, at_once
from tests.builders import EXP, NOW, STREAMER, VIEWER, VIEWER_2, a_hold

from .crashing import Crash, Interruption, crash
from .documents import Document
from .settling import EachInterrupted

ID = a_hold().transaction_id
Settle = Callable[[MongoWallet, str], Hold]
WAYS: dict[str, Settle] = {"released": MongoWallet.release, "refunded": MongoWallet.refund}

pytestmark = pytest.mark.usefixtures("two_payers")


@pytest.mark.parametrize("way", WAYS)
def test_a_settlement_that_breaks_off_anywhere_is_finished_by_the_next_call_L6(
    wallet: MongoWallet, each_interrupted: EachInterrupted, way: str
) -> None:
    other = WAYS["refunded" if way == "released" else "released"]
    for hold, dying in each_interrupted(crash, 3):
        wallet.hold(hold)
        before = {user_id: wallet.balance(user_id) for user_id in (VIEWER, STREAMER)}
        with suppress(Crash):
            WAYS[way](dying, hold.transaction_id)
        found = wallet.find(hold.transaction_id)
        assert found is not None
        settle = WAYS[way] if found.state is HoldState.HELD else other  # a decision is final, whatever is called next
        settled = settle(wallet, hold.transaction_id)
        assert settled.state == way
        assert wallet.find(hold.transaction_id) == settled
        assert wallet.balance(VIEWER).available - before[VIEWER].available == (0 if way == "released" else 90)
        assert wallet.balance(STREAMER).available - before[STREAMER].available == (90 if way == "released" else 0)
        assert wallet.audit(EXP).problems == []


@pytest.mark.parametrize("way", WAYS)
def test_at_every_moment_of_a_settlement_all_calls_tell_the_same_L6(
    wallet: MongoWallet, each_interrupted: EachInterrupted, way: str
) -> None:
    """The hold is settled, and the money is where it belongs; or it is held, and overdue."""

    def look(hold: Hold) -> None:
        found = wallet.find(hold.transaction_id)
        assert found is not None
        assert [*wallet.history(VIEWER, 1), wallet.hold(hold)] == [found] * 2
        held = found.state is HoldState.HELD
        statement = wallet.statement(VIEWER, hold.transaction_id)
        assert statement.hold == (found if held else None)
        viewer, streamer = wallet.balance(VIEWER), wallet.balance(STREAMER).available - before
        assert viewer == Balance(available=statement.available, held=90 if held else 0)
        assert (viewer.available, streamer) == {"held": (10, 0), "released": (10, 90), "refunded": (100, 0)}[
            found.state
        ]
        audit = wallet.audit(NOW)
        assert (audit.available + audit.held, audit.held) == (audit.deposited, viewer.held)
        if held:
            assert found in wallet.overdue(EXP, 10).items
            assert found in wallet.holds_of(hold.escrow_id, 10).items

    for hold, slow in each_interrupted(look, 3):
        before = wallet.balance(STREAMER).available
        wallet.hold(hold)
        WAYS[way](slow, hold.transaction_id)
        look(hold)


def test_a_settlement_that_broke_off_is_overdue_until_it_is_finished_L6(
    wallet: MongoWallet, each_interrupted: EachInterrupted
) -> None:
    """The hold leaves its account last, so the sweeper finds it, and the audit names it."""
    for hold, dying in each_interrupted(crash, 3):
        wallet.hold(hold)
        with suppress(Crash):
            dying.release(hold.transaction_id)
        if wallet.audit(EXP).problems:
            for due in wallet.overdue(EXP, 10).items:
                wallet.refund(due.transaction_id)
            wallet.release(hold.transaction_id)  # the task that broke off comes again
        assert wallet.audit(EXP).problems == []


def test_many_releases_at_once_open_one_account_of_the_streamer(wallet: MongoWallet) -> None:
    wallet.credit(VIEWER, CALLERS)
    holds = [wallet.hold(a_hold(goal_id=f"60a2{number:020x}", amount=1)) for number in range(CALLERS)]
    answers = at_once([partial(wallet.release, hold.transaction_id) for hold in [*holds, *holds]])
    assert all(isinstance(answer, Hold) for answer in answers)
    assert wallet.balance(STREAMER) == Balance(available=CALLERS)
    assert wallet.audit(EXP).problems == []


def test_a_hold_repeated_while_it_is_settled_is_never_charged_twice_D15(wallet: MongoWallet) -> None:
    for _ in range(10):
        calls = [partial(wallet.hold, a_hold())] * 6 + [partial(wallet.refund, ID)] * 4
        wallet.hold(a_hold())
        at_once(calls)
        assert wallet.hold(a_hold()).state is HoldState.REFUNDED
        assert wallet.balance(VIEWER) == Balance(available=100)
        assert wallet.audit(EXP) == Audit(available=200, held=0, deposited=200, problems=[])


@pytest.mark.parametrize("way", WAYS)
def test_a_hold_that_pauses_while_it_is_placed_and_settled_is_not_placed_again_D15(
    wallet: MongoWallet, each_interrupted: EachInterrupted, way: str
) -> None:
    """Another delivery of the same transfer places and settles the hold during the pause."""
    settled: set[str] = set()

    def whole_life(hold: Hold) -> None:
        wallet.hold(hold)
        settled.add(WAYS[way](wallet, hold.transaction_id).transaction_id)

    for hold, slow in each_interrupted(whole_life, 2):
        placed = slow.hold(hold)
        if hold.transaction_id not in settled:
            continue  # the last one, which did not pause
        assert placed.state == way
        assert wallet.balance(VIEWER).held == 0, "the same transfer was charged a second time"
        assert wallet.audit(EXP).problems == []


def test_a_release_that_pauses_while_others_finish_it_pays_nothing_more_L6(
    wallet: MongoWallet, each_interrupted: EachInterrupted
) -> None:
    for hold, slow in each_interrupted(lambda hold: wallet.release(hold.transaction_id), 5):
        wallet.hold(hold)
        paid = wallet.balance(STREAMER).available
        assert slow.release(hold.transaction_id).state is HoldState.RELEASED
        assert wallet.balance(STREAMER).available == paid + 90, "the streamer was paid twice"
        assert wallet.audit(EXP).problems == []


def test_a_hold_that_slips_in_beside_another_payers_goes_back_D15(
    wallet: MongoWallet, database: Database[Document], settings: MongoSettings
) -> None:
    def another_payers_life() -> None:
        wallet.hold(a_hold(from_user_id=VIEWER_2))
        wallet.release(ID)

    MongoWallet(Interruption(1, another_payers_life).of(database), settings).hold(a_hold())
    assert wallet.balance(VIEWER).held == 90
    assert wallet.refund(ID).from_user_id == VIEWER_2
    assert wallet.balance(VIEWER) == Balance(available=100)
    assert wallet.audit(EXP) == Audit(available=200, held=0, deposited=200, problems=[])
    with pytest.raises(TransactionConflict):
        wallet.hold(a_hold())


def test_a_hold_repeated_while_its_release_is_half_done_is_released_D15(
    wallet: MongoWallet, each_interrupted: EachInterrupted
) -> None:
    for hold, dying in each_interrupted(crash, 5):
        wallet.hold(hold)
        with suppress(Crash):
            dying.release(hold.transaction_id)
        assert wallet.find(hold.transaction_id) == wallet.hold(hold)
        wallet.release(hold.transaction_id)


def test_a_hold_that_another_delivery_places_while_it_is_refused_is_returned_D15(
    wallet: MongoWallet, database: Database[Document], settings: MongoSettings
) -> None:
    hold = a_hold(amount=101)

    def another_delivery() -> None:
        wallet.credit(VIEWER, 1)
        wallet.hold(hold)

    assert MongoWallet(Interruption(1, another_delivery).of(database), settings).hold(hold) == hold
    assert wallet.balance(VIEWER) == Balance(available=0, held=101)


def test_a_user_may_pay_themselves(wallet: MongoWallet) -> None:
    wallet.hold(a_hold(to_user_id=VIEWER))
    wallet.release(ID)
    assert wallet.balance(VIEWER) == Balance(available=100)
    assert wallet.audit(EXP) == Audit(available=200, held=0, deposited=200, problems=[])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"$inc": {"available": 1}}, "111 available and 90 held are not the 200 deposited"),
        ({"$inc": {"held": 1}}, f"{VIEWER} has 91 held, and holds of 90"),
        ({"$set": {"available": -1}}, f"{VIEWER} has less than nothing: -1 available, 90 held"),
        ({"$set": {"receipts": ["x"]}}, "x is paid, and its receipt is still there"),
        ({}, f"{ID} is released, and still in its account"),
    ],
    ids=["made", "held", "negative", "receipt", "decided"],
)
def test_the_audit_names_what_is_wrong(
    wallet: MongoWallet, database: Database[Document], changes: Document, problem: str
) -> None:
    wallet.hold(a_hold())
    assert wallet.audit(NOW).problems == []
    if changes:
        database["accounts"].update_one({"_id": ObjectId(VIEWER)}, changes)
    else:
        database["transactions"].insert_one({"_id": ID, "state": "released"})
    assert problem in wallet.audit(NOW).problems
