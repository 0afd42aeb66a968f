"""Wallet: what its other methods promise, which look and move nothing."""

from __future__ import annotations

import pytest
from attrs import evolve

from ...core.model import Audit, Balance, HoldState
from ...ports.wallet import Wallet
from .examples import EXP, MALFORMED_IDS, TICK, UNKNOWN, VIEWER, VIEWER_2, a_hold
from .promise import Promise
from .wallet_suite import Credit, WalletSuite, settle

FOUND = Promise(Wallet.find, "found", "The hold of that id, whatever its state; None when there never was one.")
HOLDS_OF = Promise(
    Wallet.holds_of,
    "holds",
    "Everything that was paid into the escrow, whatever its state, the first one first (D16).",
)
BALANCE = Promise(Wallet.balance, "balance", "What the user has, available and held.")
NOBODY = Promise(Wallet.balance, "nobody", "Zeros for an unknown user.")
HISTORY = Promise(
    Wallet.history,
    "history",
    "The user's last ``limit`` payments into escrows, whatever their state, the newest first.",
    "keeps_history",
)
OVERDUE = Promise(
    Wallet.overdue,
    "due",
    "Holds that are still held although their exp is ``before`` or earlier, and never one without exp (L6).",
)
OVERDUE_LIMIT = Promise(Wallet.overdue, "limit", "Up to ``limit`` of them are returned, the oldest first.")
AUDIT = Promise(Wallet.audit, "sum", "Add everything up: available + held = deposited (L6).", "audits")
AUDIT_PROBLEMS = Promise(
    Wallet.audit,
    "problems",
    "A problem is named for each amount that is negative, does not add up, or is still held although its exp is"
    " ``before`` or earlier.",
    "audits",
)


class Books(WalletSuite):
    """The wallet is asked what became of the money."""

    @FOUND
    def test_a_transaction_is_found_whatever_its_state(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        assert wallet.find(a_hold().transaction_id) is None, "there never was one"
        wallet.hold(a_hold())
        assert wallet.find(a_hold().transaction_id) == a_hold(), "every field of it"
        wallet.release(a_hold().transaction_id)
        assert wallet.find(a_hold().transaction_id) == a_hold(state=HoldState.RELEASED), "it is hidden once settled"
        assert wallet.find("") is None, "there never was one"

    @HOLDS_OF
    def test_an_escrow_knows_its_payers_the_first_one_first_d16(self, wallet: Wallet, credit: Credit) -> None:
        payers = [f"71e1{9 - number:020x}" for number in range(6)]
        holds = [a_hold(from_user_id=payer, duration=30 + number) for number, payer in enumerate(payers)]
        for hold in holds:
            credit(hold.from_user_id, 10)
            wallet.hold(hold)
        credit(VIEWER, 10)
        wallet.hold(a_hold(2))
        assert [*wallet.holds_of(a_hold().escrow_id)] == holds, "of this escrow, in the order of payment"
        for number in (4, 1):
            wallet.refund(holds[number].transaction_id)
            holds[number] = evolve(holds[number], state=HoldState.REFUNDED)
        assert [*wallet.holds_of(a_hold().escrow_id)] == holds, "settling neither hides nor moves a hold"
        assert [*wallet.holds_of("unknown")] == [], "another escrow's holds were told"

    @BALANCE
    def test_a_balance_tells_what_is_available_and_held(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        assert wallet.balance(VIEWER) == Balance(available=100), "nothing is held yet"
        for number in (1, 2):
            wallet.hold(a_hold(number))
        assert wallet.balance(VIEWER) == Balance(available=80, held=20), "two holds of 10 are held"

    @pytest.mark.parametrize("user_id", [UNKNOWN, *MALFORMED_IDS])
    @NOBODY
    def test_an_unknown_users_balance_is_zeros(self, wallet: Wallet, credit: Credit, user_id: str) -> None:
        credit(VIEWER, 100)
        assert wallet.balance(user_id) == Balance(), "an unknown user has something"

    @HISTORY
    @pytest.mark.parametrize("user_id", [UNKNOWN, *MALFORMED_IDS])
    def test_an_unknown_user_has_paid_nothing(self, wallet: Wallet, credit: Credit, user_id: str) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        assert [*wallet.history(user_id, 10)] == [], "somebody else's payments were told"

    @pytest.mark.parametrize("limit", [0, 1, 3, 5, 9])
    @HISTORY
    def test_a_users_last_payments_come_first(self, wallet: Wallet, credit: Credit, limit: int) -> None:
        for user_id in (VIEWER, VIEWER_2):
            credit(user_id, 100)
        holds = [a_hold(number) for number in (4, 2, 5, 1, 3)]
        for hold in holds:
            wallet.hold(hold)
        wallet.hold(a_hold(from_user_id=VIEWER_2))
        for number, way in ((0, HoldState.RELEASED), (3, HoldState.REFUNDED)):
            settle(wallet, way, holds[number])
            holds[number] = evolve(holds[number], state=way)
        assert [*wallet.history(VIEWER, limit)] == holds[::-1][:limit], "the newest first, whatever their state"

    @OVERDUE
    def test_a_hold_is_overdue_from_its_exp_on_l6(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        exps = [EXP - TICK, EXP, EXP + TICK, None]
        for number, exp in enumerate(exps):
            wallet.hold(a_hold(number, exp=exp))
        assert [hold.exp for hold in wallet.overdue(EXP, 10)] == exps[:2], "exp == before is overdue, no exp never is"

    @OVERDUE
    def test_a_settled_hold_is_not_overdue_l6(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        for number in (1, 2, 3):
            wallet.hold(a_hold(number))
        wallet.release(a_hold(1).transaction_id)
        wallet.refund(a_hold(2).transaction_id)
        assert [*wallet.overdue(EXP, 10)] == [a_hold(3)], "a settled hold is overdue, or a held one is not"

    @pytest.mark.parametrize("limit", [0, 1, 2, 4, 6, 9])
    @OVERDUE_LIMIT
    def test_the_oldest_are_overdue_first_and_no_more_than_asked_for_l6(
        self, wallet: Wallet, credit: Credit, limit: int
    ) -> None:
        ages = (3, 1, 5, 2, 6, 4)
        holds = [a_hold(age, from_user_id=(VIEWER, VIEWER_2)[age > 3], exp=EXP - TICK * age) for age in ages]
        for hold in holds:
            credit(hold.from_user_id, 10)
            wallet.hold(hold)
        oldest = sorted(holds, key=lambda hold: hold.exp or EXP)
        assert [*wallet.overdue(EXP, limit)] == oldest[:limit], "these are not the oldest, or not so many"

    @AUDIT
    def test_the_audit_adds_up_l6(self, wallet: Wallet, credit: Credit) -> None:
        assert wallet.audit(EXP) == Audit(available=0, held=0, deposited=0, problems=[]), "nothing adds up to something"
        for user_id in (VIEWER, VIEWER_2):
            credit(user_id, 100)
        for number in (1, 2, 3):
            wallet.hold(a_hold(number, amount=number))
        wallet.release(a_hold(1).transaction_id)
        wallet.refund(a_hold(2).transaction_id)
        expected = Audit(available=197, held=3, deposited=200, problems=[])
        assert wallet.audit(EXP - TICK) == expected, "it was added up wrongly"

    @AUDIT_PROBLEMS
    def test_the_audit_names_what_is_still_held_l6(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        for number, exp in enumerate([EXP, EXP + TICK, None]):
            wallet.hold(a_hold(number, exp=exp))
        assert [*wallet.audit(EXP - TICK).problems] == [], "what has time is no problem"
        problems = [*wallet.audit(EXP).problems]
        assert len(problems) == 1, "exp == before is still held; what has time or no exp is no problem"
        assert a_hold(0).transaction_id in problems[0], "the problem does not name the transaction"
