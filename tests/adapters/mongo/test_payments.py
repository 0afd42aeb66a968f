"""Deposits and withdrawals: each counts once, wherever a worker dies or pauses (F13)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.core.errors import InsufficientBalance, TransactionConflict
from show_goal.core.money import Balance, Payment
from tests.builders import EXP, STREAMER, VIEWER, VIEWER_2, a_hold

from .commands import Commands
from .crashing import Crash, Interruption, crash
from .documents import Document

WAYS: dict[str, Callable[[MongoWallet, str], Payment]] = {
    "deposit": lambda wallet, payment_id: wallet.deposit(payment_id, VIEWER, 10),
    "withdraw": lambda wallet, payment_id: wallet.withdraw(payment_id, VIEWER, 10),
}
CHANGE = {"deposit": 10, "withdraw": -10}


def sums(wallet: MongoWallet) -> int:
    audit = wallet.audit(EXP)
    assert audit.available + audit.held == audit.deposited
    assert [problem for problem in audit.problems if "receipt" not in problem] == []
    return audit.available


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("meanwhile", ["another delivery", "nothing", "death"])
def test_a_payment_that_pauses_or_breaks_off_anywhere_counts_once_F13(
    wallet: MongoWallet, database: Database[Document], settings: MongoSettings, way: str, meanwhile: str
) -> None:
    """At every moment the audit adds up, and the history has what has moved."""
    wallet.credit(VIEWER, 1_000)
    had = 1_000
    for length in count():
        payment_id = f"p{length}"

        def interrupt(payment_id: str = payment_id, had: int = had) -> None:
            moved = sums(wallet) - had
            assert moved in (0, CHANGE[way])
            assert [one for one in wallet.history(VIEWER, 1) if isinstance(one, Payment) and one.id == payment_id] == (
                wallet.history(VIEWER, 1) if moved else []
            )
            if meanwhile == "another delivery":
                WAYS[way](wallet, payment_id)
            if meanwhile == "death":
                crash()

        interruption = Interruption(length, interrupt)
        with suppress(Crash):
            WAYS[way](MongoWallet(interruption.of(database), settings), payment_id)
        paid = WAYS[way](wallet, payment_id)
        had += CHANGE[way]
        assert paid == Payment(id=payment_id, user_id=VIEWER, amount=10, withdrawn=way == "withdraw")
        assert wallet.history(VIEWER, 1) == [paid]
        assert wallet.balance(VIEWER) == Balance(available=had)
        assert (sums(wallet), list(wallet.audit(EXP).problems)) == (had, [])
        if not interruption.happened:
            assert length >= 6
            return


def test_a_withdrawal_that_was_refused_keeps_its_id_and_may_be_made_later(wallet: MongoWallet) -> None:
    with pytest.raises(InsufficientBalance, match="payment p needs 10, there is 0"):
        wallet.withdraw("p", VIEWER, 10)
    with pytest.raises(TransactionConflict):
        wallet.deposit("p", VIEWER, 10)
    assert wallet.history(VIEWER, 9) == []
    wallet.deposit("q", VIEWER, 10)
    assert wallet.withdraw("p", VIEWER, 10).withdrawn
    assert wallet.balance(VIEWER) == Balance()


def test_what_was_released_is_moved_into_the_account_for_a_withdrawal(wallet: MongoWallet) -> None:
    for number in range(3):
        payer = f"71e7{number:020x}"
        wallet.deposit(f"of {payer}", payer, 90)
        wallet.release(wallet.hold(a_hold(viewer_id=payer)).transaction_id)
    with pytest.raises(InsufficientBalance):
        wallet.withdraw("too much", STREAMER, 271)
    wallet.withdraw("payout", STREAMER, 270)
    assert wallet.balance(STREAMER) == Balance()
    audit = wallet.audit(EXP)
    assert (audit.available, audit.deposited, list(audit.problems)) == (0, 0, [])


@pytest.mark.parametrize("user_id", ["alice", VIEWER])
def test_a_payment_and_its_record_as_they_are_written(
    wallet: MongoWallet, database: Database[Document], user_id: str
) -> None:
    wallet.deposit("top-up 1", user_id, 100)
    wallet.withdraw("payout 1", user_id, 30)
    records = [*database["transactions"].find({}, {"order": False, "placed_at": False})]
    assert records == [
        {"_id": "payment:top-up 1", "user_id": user_id, "change": 100, "state": "done"},
        {"_id": "payment:payout 1", "user_id": user_id, "change": -30, "state": "done"},
    ]
    account = database["accounts"].find_one()
    assert account is not None
    assert {name: account[name] for name in ("available", "deposited", "paid", "receipts")} == {
        "available": 70,
        "deposited": 70,
        "paid": 70,
        "receipts": [],
    }


def test_a_viewer_who_topped_up_has_a_statement_of_one_command(
    watched_database: Database[Document], settings: MongoSettings, commands: Commands
) -> None:
    wallet = MongoWallet(watched_database, settings)
    wallet.deposit("top-up 1", VIEWER, 100)
    assert commands.names == ["findAndModify", "find", "update", "find", "find", "update", "update", "update"]
    commands.clear()
    assert wallet.statement(VIEWER, None).available == 100
    assert commands.names == ["find"]


@pytest.mark.parametrize("plant", ["record", "account", "deposited"])
def test_the_audit_finds_a_planted_difference_F13(
    wallet: MongoWallet, database: Database[Document], plant: str
) -> None:
    for user_id in (VIEWER, VIEWER_2):
        wallet.deposit(f"of {user_id}", user_id, 100)
    wallet.withdraw("payout", VIEWER, 30)
    assert list(wallet.audit(EXP).problems) == []
    if plant == "record":
        database["transactions"].update_one({"_id": "payment:payout"}, {"$set": {"change": -20}})
    else:
        changes = {"available": 10} if plant == "deposited" else {"available": 10, "deposited": 10, "paid": 10}
        database["accounts"].update_one({"_id": ObjectId(VIEWER)}, {"$inc": changes})
    (problem,) = wallet.audit(EXP).problems
    assert (
        problem
        == {
            "record": "deposits less withdrawals are 180, and the accounts got 170 from them",
            "account": "deposits less withdrawals are 170, and the accounts got 180 from them",
            "deposited": "180 available and 0 held are not the 170 deposited",
        }[plant]
    )


def test_money_of_users_before_payments_had_ids_adds_up(wallet: MongoWallet) -> None:
    wallet.credit(VIEWER, 100)
    pay = [partial(wallet.withdraw, "w", VIEWER, 40), partial(wallet.deposit, "d", VIEWER, 1)]
    assert [call().amount for call in pay] == [40, 1]
    assert (wallet.audit(EXP).deposited, list(wallet.audit(EXP).problems)) == (61, [])
