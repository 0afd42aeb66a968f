"""What :class:`show_goal.ports.wallet.Wallet` promises of a hold: who is charged, how much, and once."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from ...core.errors import InsufficientBalance, TransactionConflict
from ...core.money import Hold, HoldState, Statement
from ...ports.wallet import Wallet
from .examples import EXP, STREAMER_2, TICK, VIEWER, VIEWER_2, a_hold
from .promise import Promise
from .races import CALLERS, at_once
from .wallet_under_test import WAYS, WalletTests

OTHER_AMOUNTS = [{"amount": 0}, {"amount": 9}, {"amount": 11}, {"amount": 1_000}]
OTHER_PARTIES = [{"to_user_id": STREAMER_2}, {"escrow_id": "x"}]


class HoldingConformance(WalletTests):
    @pytest.mark.parametrize("amount", [10, 100])
    @Promise(Wallet.hold, "moves")
    def test_a_hold_takes_the_amount_from_the_available_balance(self, amount: int) -> None:
        assert self.placed(amount=amount) == a_hold(amount=amount), "hold() returns the stored hold"
        assert self.available() == 100 - amount, "the amount is still available"

    @Promise(Wallet.hold, "moves")
    def test_each_payer_has_their_own_hold_in_the_escrow_d16(self) -> None:
        holds = [a_hold(from_user_id=VIEWER, amount=10), a_hold(from_user_id=VIEWER_2, amount=20, duration=180)]
        for hold in holds:
            self.credit(hold.from_user_id, 100)
            self.wallet.hold(hold)
        statements = [self.wallet.statement(hold.from_user_id, hold.transaction_id) for hold in holds]
        expected = [Statement(available=90, hold=holds[0]), Statement(available=80, hold=holds[1])]
        assert statements == expected, "a payer's money or hold is another's"

    @Promise(Wallet.hold, "moves")
    def test_amounts_are_exact_integers_d17(self) -> None:
        self.credit(VIEWER, 2**60 + 1)
        self.wallet.hold(a_hold(amount=2**53 + 1))
        assert self.available() == 2**60 - 2**53, "the amount was rounded, as floating point does"

    @pytest.mark.parametrize(
        "changes", [{"duration": None}, {"exp": None}, {"asked_exp": 1}, {"tags": []}, {"tags": ["a", "b"]}]
    )
    @Promise(Wallet.hold, "whole")
    def test_a_hold_is_stored_with_every_field_d16(self, changes: dict[str, Any]) -> None:
        hold = self.placed(**changes)
        assert hold == a_hold(**changes), "another hold is returned"
        assert self.wallet.statement(VIEWER, hold.transaction_id).hold == hold, "another hold is stored"

    @pytest.mark.parametrize("balance", [None, 9])
    @Promise(Wallet.hold, "overdraft")
    def test_a_hold_above_the_balance_is_refused_and_may_be_placed_later_d18(self, balance: int | None) -> None:
        if balance is not None:
            self.credit(VIEWER, balance)
        with pytest.raises(InsufficientBalance):
            self.wallet.hold(a_hold())
        nothing = self.wallet.statement(VIEWER, a_hold().transaction_id)
        assert nothing == Statement(available=balance or 0), "a refused hold moved money"
        self.credit(VIEWER, 10)
        assert self.wallet.hold(a_hold()) == a_hold(), "a refused hold cannot be placed any more"

    @Promise(Wallet.hold, "overdraft")
    def test_many_holds_at_once_never_overdraw_d18(self) -> None:
        self.credit(VIEWER, 100)
        holds = [a_hold(number) for number in range(CALLERS)]
        answers = at_once([partial(self.wallet.hold, hold) for hold in holds])
        placed = [answer for answer in answers if isinstance(answer, Hold)]
        assert len(placed) == 10, f"100 pay for 10 holds of 10, and {len(placed)} were placed"
        assert sum(isinstance(answer, InsufficientBalance) for answer in answers) == 6, "the others are refused"
        assert self.available() == 0, "money was lost or made"
        stored = [hold for hold in holds if self.wallet.statement(VIEWER, hold.transaction_id).hold == hold]
        assert stored == placed, "other holds are stored than were returned"

    @pytest.mark.parametrize("balance", [None, 0, 100])
    @Promise(Wallet.hold, "free")
    def test_a_hold_of_0_always_succeeds_d11(self, balance: int | None) -> None:
        if balance is not None:
            self.credit(VIEWER, balance)
        free = a_hold(amount=0)
        for _ in range(2):
            assert self.wallet.hold(free) == free, "everybody can pay 0"
        stored = self.wallet.statement(VIEWER, free.transaction_id)
        assert stored == Statement(available=balance or 0, hold=free), "a hold of 0 is not stored like any other"

    @Promise(Wallet.hold, "free")
    def test_a_user_whose_first_hold_was_free_can_receive_and_pay(self) -> None:
        self.wallet.hold(a_hold(1, amount=0))
        self.credit(VIEWER, 10)
        self.wallet.hold(a_hold(2))
        assert self.available() == 0, "the account that a free hold opened does not work"

    @Promise(Wallet.hold, "free")
    def test_many_free_holds_at_once_are_all_placed_d11(self) -> None:
        holds = [a_hold(number, amount=0) for number in range(CALLERS)]
        assert at_once([partial(self.wallet.hold, hold) for hold in holds]) == holds, "a free hold was lost"

    @pytest.mark.parametrize("balance", [10, 100])
    @Promise(Wallet.hold, "once")
    def test_a_repeat_is_not_charged_and_needs_no_money_d15(self, balance: int) -> None:
        self.credit(VIEWER, balance)
        self.wallet.hold(a_hold())
        again = self.wallet.hold(a_hold(exp=EXP + TICK, duration=1, tags=[]))
        assert again == a_hold(), "a repeat returns the stored hold, also if exp, duration or tags differ"
        assert self.wallet.find(a_hold().transaction_id) == a_hold(), "a repeat changed the stored hold"
        assert self.available() == balance - 10, "a repeat was charged"

    @pytest.mark.parametrize("way", WAYS)
    @Promise(Wallet.hold, "once")
    def test_a_repeat_of_a_settled_hold_is_not_charged_d15(self, way: HoldState) -> None:
        self.placed()
        self.settle(way)
        before = self.available()
        assert self.wallet.hold(a_hold()) == a_hold(state=way), "a repeat returns the stored hold"
        assert self.available() == before, "a settled transfer was charged again"
        assert self.money() == 100, "money was lost or made"

    @Promise(Wallet.hold, "once")
    def test_of_many_repeats_at_once_one_is_charged_d15(self) -> None:
        self.credit(VIEWER, 1_000)
        answers = at_once([partial(self.wallet.hold, a_hold())] * CALLERS)
        assert answers == [a_hold()] * CALLERS, "every caller gets the stored hold"
        assert self.available() == 990, "one transaction was charged more than once"

    @Promise(Wallet.hold, "new")
    def test_a_hold_is_new_only_to_the_call_that_placed_it(self) -> None:
        self.credit(VIEWER, 1_000)
        answers = at_once([partial(self.wallet.hold, a_hold())] * CALLERS)
        new = [hold.new for hold in answers if isinstance(hold, Hold)]
        assert sum(new) <= 1, "several calls say that they placed one hold"
        for again in (self.wallet.hold(a_hold()), self.wallet.find(a_hold().transaction_id)):
            assert again is not None, "the hold is not found"
            assert not again.new, "a hold that was there before is new"

    @pytest.mark.parametrize("way", [None, *WAYS])
    @pytest.mark.parametrize("changes", [*OTHER_AMOUNTS, *OTHER_PARTIES], ids=str)
    @Promise(Wallet.hold, "conflict")
    def test_a_stored_id_with_other_values_is_a_conflict_d15(
        self, way: HoldState | None, changes: dict[str, Any]
    ) -> None:
        self.placed()
        stored = self.settle(way) if way else a_hold()
        before = self.available()
        with pytest.raises(TransactionConflict):
            self.wallet.hold(a_hold(**changes))
        assert (self.available(), self.money()) == (before, 100), "a conflict moved money"
        assert self.wallet.find(a_hold().transaction_id) == stored, "a conflict changed the stored hold"

    @pytest.mark.parametrize("refunded", [False, True])
    @pytest.mark.parametrize("balance", [0, 100])
    @Promise(Wallet.hold, "conflict")
    def test_a_stored_id_with_another_payer_is_a_conflict_d15(self, balance: int, refunded: bool) -> None:
        """A payer who cannot pay may get InsufficientBalance instead."""
        self.placed()
        if refunded:
            self.settle(HoldState.REFUNDED)
        self.credit(VIEWER_2, balance)
        refusals = (TransactionConflict,) if balance else (TransactionConflict, InsufficientBalance)
        with pytest.raises(refusals):
            self.wallet.hold(a_hold(from_user_id=VIEWER_2, transaction_id=a_hold().transaction_id))
        assert (self.available(VIEWER_2), self.money()) == (balance, 100 + balance), "a conflict moved money"

    @Promise(Wallet.hold, "conflict")
    def test_of_many_amounts_for_one_id_at_once_one_is_placed_d15(self) -> None:
        self.credit(VIEWER, 1_000)
        holds = [a_hold(amount=amount) for amount in range(1, CALLERS + 1)]
        answers = at_once([partial(self.wallet.hold, hold) for hold in holds])
        placed = [answer for answer in answers if isinstance(answer, Hold)]
        assert len(placed) == 1, "one transaction id was stored for several transfers"
        assert sum(isinstance(answer, TransactionConflict) for answer in answers) == CALLERS - 1, "the others conflict"
        assert self.available() == 1_000 - placed[0].amount, "a conflict moved money"
