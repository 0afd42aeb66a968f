"""Wallet: what ``statement`` and ``hold`` promise of the first hold."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from ...core.errors import InsufficientBalance
from ...core.model import Hold, HoldState, Statement
from ...ports.wallet import Wallet
from .examples import MALFORMED_IDS, UNKNOWN, VIEWER, VIEWER_2, a_hold
from .promise import Promise
from .races import CALLERS, at_once
from .wallet_suite import Credit, WalletSuite, available, settle

AVAILABLE = Promise(Wallet.statement, "available", "What the user has to spend: 0 for an unknown user.")
ASKED = Promise(Wallet.statement, "hold", "And the user's hold of that id if it is held (D14).")
MOVES = Promise(
    Wallet.hold,
    "moves",
    "Move ``hold.amount`` of ``hold.from_user_id`` from available to held; return the hold that stands.",
)
WHOLE = Promise(Wallet.hold, "whole", "The hold stands as it was placed, every field of it.")
OVERDRAFT = Promise(
    Wallet.hold,
    "overdraft",
    "Atomic: available never goes below 0, and InsufficientBalance is raised instead (D18).",
)
FREE = Promise(Wallet.hold, "free", "Free is held for anybody.")


class Holding(WalletSuite):
    """Money goes into an escrow."""

    @pytest.mark.parametrize("user_id", [UNKNOWN, *MALFORMED_IDS])
    @AVAILABLE
    def test_an_unknown_user_has_nothing(self, wallet: Wallet, credit: Credit, user_id: str) -> None:
        credit(VIEWER, 100)
        transaction_id = a_hold().transaction_id
        assert wallet.statement(user_id, transaction_id) == Statement(available=0), "an unknown user has 0, no error"

    @AVAILABLE
    def test_a_statement_says_what_is_available(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        credit(VIEWER_2, 1)
        assert wallet.statement(VIEWER, None) == Statement(available=100), "a statement is of one user's money"

    @ASKED
    def test_a_statement_says_whether_a_transaction_stands_d14(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold(1))
        wallet.hold(a_hold(2, amount=20))
        second = a_hold(2, amount=20)
        assert wallet.statement(VIEWER, second.transaction_id) == Statement(available=70, hold=second), (
            "a statement shows the hold it was asked for, every field of it"
        )
        assert wallet.statement(VIEWER, a_hold(3).transaction_id).hold is None, "a hold that nobody placed stands"
        assert wallet.statement(VIEWER, None).hold is None, "nobody asked for a hold"

    @pytest.mark.parametrize("way", [HoldState.RELEASED, HoldState.REFUNDED])
    @ASKED
    def test_a_settled_hold_is_not_held_any_more_d14(self, wallet: Wallet, credit: Credit, way: HoldState) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        settle(wallet, way)
        assert wallet.statement(VIEWER, a_hold().transaction_id).hold is None, "a settled hold is told as held"

    @MOVES
    def test_a_hold_takes_the_money_out_of_what_is_available(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        assert wallet.hold(a_hold()) == a_hold(), "hold returns the hold that stands"
        assert available(wallet) == 90, "the amount is not available any more"

    @pytest.mark.parametrize("changes", [{"duration": None}, {"exp": None}, {"tags": []}, {"tags": ["a", "b"]}])
    @WHOLE
    def test_a_hold_stands_as_it_was_placed_d16(self, wallet: Wallet, credit: Credit, changes: dict[str, Any]) -> None:
        credit(VIEWER, 100)
        hold = a_hold(**changes)
        wallet.hold(hold)
        assert wallet.statement(VIEWER, hold.transaction_id).hold == hold, "a hold changed on its way into the store"

    @OVERDRAFT
    def test_a_hold_never_overdraws_d18(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 9)
        with pytest.raises(InsufficientBalance):
            wallet.hold(a_hold(amount=10))
        assert wallet.statement(VIEWER, a_hold().transaction_id) == Statement(available=9), "a refused hold moved money"

    @MOVES
    def test_a_hold_may_take_all_there_is(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 10)
        wallet.hold(a_hold(amount=10))
        assert available(wallet) == 0, "something is left of nothing"

    @OVERDRAFT
    def test_a_user_without_an_account_cannot_pay(self, wallet: Wallet) -> None:
        with pytest.raises(InsufficientBalance):
            wallet.hold(a_hold())

    @OVERDRAFT
    def test_a_refused_hold_may_be_placed_later(self, wallet: Wallet, credit: Credit) -> None:
        with pytest.raises(InsufficientBalance):
            wallet.hold(a_hold())
        credit(VIEWER, 10)
        assert wallet.hold(a_hold()) == a_hold(), "a hold that was refused leaves no trace"

    @pytest.mark.parametrize("balance", [None, 0, 100])
    @FREE
    def test_free_is_held_for_anybody_d11(self, wallet: Wallet, credit: Credit, balance: int | None) -> None:
        if balance is not None:
            credit(VIEWER, balance)
        free = a_hold(amount=0)
        assert wallet.hold(free) == free, "0 is a price that everybody can pay"
        assert wallet.hold(free) == free, "a repeat is success"
        assert wallet.statement(VIEWER, free.transaction_id) == Statement(available=balance or 0, hold=free), (
            "a hold of 0 stands like any other"
        )

    @FREE
    def test_an_account_opened_by_a_free_hold_takes_money(self, wallet: Wallet, credit: Credit) -> None:
        wallet.hold(a_hold(1, amount=0))
        credit(VIEWER, 10)
        wallet.hold(a_hold(2))
        assert available(wallet) == 0, "the account that a free hold opened takes no money"

    @MOVES
    def test_each_viewer_pays_into_the_same_escrow_d16(self, wallet: Wallet, credit: Credit) -> None:
        holds = [a_hold(from_user_id=VIEWER, amount=10), a_hold(from_user_id=VIEWER_2, amount=20, duration=180)]
        for hold in holds:
            credit(hold.from_user_id, 100)
            wallet.hold(hold)
        statements = [wallet.statement(hold.from_user_id, hold.transaction_id) for hold in holds]
        assert statements == [Statement(available=90, hold=holds[0]), Statement(available=80, hold=holds[1])], (
            "an escrow knows who deposited what for how long"
        )

    @MOVES
    def test_amounts_are_exact_d17(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 2**60 + 1)
        wallet.hold(a_hold(amount=2**53 + 1))
        assert available(wallet) == 2**60 - 2**53, "amounts are integers, not floating point"

    @OVERDRAFT
    def test_of_many_holds_at_once_no_more_are_placed_than_can_be_paid_d18(
        self, wallet: Wallet, credit: Credit
    ) -> None:
        credit(VIEWER, 100)
        holds = [a_hold(number, amount=10) for number in range(16)]
        answers = at_once([partial(wallet.hold, hold) for hold in holds])
        placed = [answer for answer in answers if isinstance(answer, Hold)]
        assert len(placed) == 10, f"100 pay for 10 holds of 10; {len(placed)} were placed"
        assert sum(isinstance(answer, InsufficientBalance) for answer in answers) == 6, "the others are told why"
        assert available(wallet) == 0, "money was lost or made"
        standing = [hold for hold in holds if wallet.statement(VIEWER, hold.transaction_id).hold == hold]
        assert standing == placed, "those that were placed stand, and no others"

    @FREE
    def test_free_holds_at_once_all_stand_d11(self, wallet: Wallet) -> None:
        holds = [a_hold(number, amount=0) for number in range(CALLERS)]
        assert at_once([partial(wallet.hold, hold) for hold in holds]) == holds, "opening an account lost a hold"
