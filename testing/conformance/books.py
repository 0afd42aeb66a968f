"""What :class:`show_goal.ports.books.Books` promises."""

from __future__ import annotations

from functools import partial

import pytest
from attrs import evolve, frozen

from ...core.errors import InsufficientBalance, TransactionConflict
from ...core.money import Audit, Balance, Hold, HoldState, Payment
from ...ports.books import Books
from ...ports.wallet import Wallet
from .examples import EXP, STREAMER, TICK, UNKNOWN_IDS, VIEWER, VIEWER_2, a_hold
from .promise import Conformance, Promise
from .races import CALLERS, at_once
from .wallet_under_test import Credit

HISTORY = Promise(Books.history, "history", "keeps_history")
SUM = Promise(Books.audit, "sum", "audits")
ONCE = Promise(Books.deposit, "once", "takes_payments")
CONFLICT = Promise(Books.deposit, "conflict", "takes_payments")
TOLD = Promise(Books.deposit, "told", "takes_payments")
OVERDRAFT = Promise(Books.withdraw, "overdraft", "takes_payments")
PROBLEMS = Promise(Books.audit, "problems", "audits")


@frozen(kw_only=True)
class BooksUnderTest:
    books: Books
    """Of ``wallet``. It may be the same object."""
    wallet: Wallet
    """Without accounts."""
    credit: Credit
    """Gives a user an amount to spend. The user may have no account yet."""


class BooksConformance(Conformance[BooksUnderTest]):
    """``under_test`` returns :class:`BooksUnderTest`: the adapter, its wallet, and a function that gives money."""

    audits = True
    """False for a wallet that cannot add everything up."""

    keeps_history = True
    """False for a wallet that does not list a user's holds in their order."""

    takes_payments = True
    """False for a wallet into which money comes in another way."""

    def take(self, under_test: BooksUnderTest) -> None:
        self.books, self.wallet, self.credit = under_test.books, under_test.wallet, under_test.credit

    def settled(self) -> None:
        """VIEWER and VIEWER_2 have 100 each. VIEWER's holds of 1, 2 and 3: released, refunded, and held."""
        for user_id in (VIEWER, VIEWER_2):
            self.credit(user_id, 100)
        for number in (1, 2, 3):
            self.wallet.hold(a_hold(number, amount=number))
        self.wallet.release(a_hold(1).transaction_id)
        self.wallet.refund(a_hold(2).transaction_id)

    @Promise(Books.balance, "balance")
    def test_a_balance_follows_holds_and_settlements(self) -> None:
        self.credit(VIEWER, 100)
        assert self.books.balance(VIEWER) == Balance(available=100), "nothing is held yet"
        for number in (1, 2, 3):
            self.wallet.hold(a_hold(number))
        assert self.books.balance(VIEWER) == Balance(available=70, held=30), "three holds of 10 are held"
        self.wallet.release(a_hold(1).transaction_id)
        self.wallet.refund(a_hold(2).transaction_id)
        assert self.books.balance(VIEWER) == Balance(available=80, held=10), "one hold of 10 is held"
        assert self.books.balance(STREAMER) == Balance(available=10), "one hold of 10 was paid"

    @Promise(Books.balance, "nobody")
    def test_an_unknown_user_has_nothing(self) -> None:
        self.credit(VIEWER, 100)
        for user_id in UNKNOWN_IDS:
            assert self.books.balance(user_id) == Balance(), f"user {user_id!r} is unknown and has something"

    def available(self, user_id: str = VIEWER) -> int:
        return self.books.balance(user_id).available

    @Promise(Books.deposit, "brings", "takes_payments")
    def test_a_deposit_is_available(self) -> None:
        paid = self.books.deposit("top-up 1", VIEWER, 100)
        assert paid == Payment(id="top-up 1", user_id=VIEWER, amount=100), "deposit() returns the payment"
        self.books.deposit("top-up 2", VIEWER, 20)
        assert (self.available(), self.available(VIEWER_2)) == (120, 0), "the money is not there, or another user's"
        assert self.wallet.hold(a_hold(amount=120)).amount == 120, "the money cannot be spent"

    @pytest.mark.parametrize("amount", [0, -1])
    @Promise(Books.deposit, "brings", "takes_payments")
    def test_a_payment_of_less_than_1_is_refused_d48(self, amount: int) -> None:
        self.credit(VIEWER, 100)
        for pay in (self.books.deposit, self.books.withdraw):
            with pytest.raises(ValueError, match="amount"):
                pay("p1", VIEWER, amount)
        assert self.available() == 100, "a payment of less than 1 moved money"

    @ONCE
    def test_a_top_up_delivered_twice_counts_once(self) -> None:
        first = self.books.deposit("top-up 1", VIEWER, 1_000)
        assert self.books.deposit("top-up 1", VIEWER, 1_000) == first, "a repeat returns the first payment"
        assert self.available() == 1_000, "the top-up counts twice"

    @ONCE
    def test_a_withdrawal_delivered_twice_counts_once_even_if_no_money_is_left(self) -> None:
        self.credit(VIEWER, 100)
        first = self.books.withdraw("payout 1", VIEWER, 60)
        assert first == Payment(id="payout 1", user_id=VIEWER, amount=60, withdrawn=True), "withdraw() returns it"
        assert self.books.withdraw("payout 1", VIEWER, 60) == first, "a repeat returns the first payment"
        assert self.available() == 40, "the withdrawal counts twice, or not at all"

    @ONCE
    def test_of_many_deliveries_at_once_one_counts(self) -> None:
        self.credit(VIEWER, 1_000)
        calls = [partial(self.books.deposit, "d", VIEWER, 10), partial(self.books.withdraw, "w", VIEWER, 1)]
        answers = at_once(calls * (CALLERS // 2))
        assert all(isinstance(answer, Payment) for answer in answers), "a repeat was refused"
        assert self.available() == 1_009, "a payment counts more than once, or not at all"

    @CONFLICT
    def test_a_payment_id_belongs_to_one_payment(self) -> None:
        for user_id in (VIEWER, VIEWER_2):
            self.credit(user_id, 100)
        self.books.deposit("d", VIEWER, 10)
        self.books.withdraw("w", VIEWER, 10)
        pay = [self.books.deposit, self.books.withdraw]
        others = [("d", VIEWER_2, 10), ("d", VIEWER, 11), ("w", VIEWER_2, 10), ("w", VIEWER, 11)]
        calls = [partial(pay[other[0] == "w"], *other) for other in others]
        for call in [*calls, partial(pay[1], "d", VIEWER, 10), partial(pay[0], "w", VIEWER, 10)]:
            with pytest.raises(TransactionConflict):
                call()
        assert (self.available(), self.available(VIEWER_2)) == (100, 100), "a conflict moved money"

    @Promise(Books.withdraw, "takes", "takes_payments")
    def test_who_was_paid_can_withdraw_it(self) -> None:
        self.credit(VIEWER, 100)
        for number in (1, 2):
            self.wallet.hold(a_hold(number))
            self.wallet.release(a_hold(number).transaction_id)
        self.books.withdraw("payout", STREAMER, 20)
        assert self.available(STREAMER) == 0, "the money is still there"

    @OVERDRAFT
    def test_only_what_is_available_can_be_withdrawn(self) -> None:
        self.credit(VIEWER, 100)
        self.wallet.hold(a_hold(amount=60))
        for user_id, amount in ((VIEWER, 41), (VIEWER_2, 1)):
            with pytest.raises(InsufficientBalance):
                self.books.withdraw(f"payout to {user_id}", user_id, amount)
        assert self.books.balance(VIEWER) == Balance(available=40, held=60), "a refused withdrawal moved money"
        self.wallet.refund(a_hold().transaction_id)
        self.books.withdraw(f"payout to {VIEWER}", VIEWER, 41)
        assert self.available() == 59, "a refused withdrawal cannot be made later"

    @OVERDRAFT
    def test_many_withdrawals_at_once_never_overdraw(self) -> None:
        self.credit(VIEWER, 100)
        answers = at_once([partial(self.books.withdraw, f"w{number}", VIEWER, 10) for number in range(CALLERS)])
        assert sum(isinstance(answer, Payment) for answer in answers) == 10, "100 pay for 10 withdrawals of 10"
        assert self.available() == 0, "money was lost or made"

    @TOLD
    def test_payments_are_in_the_history(self) -> None:
        if not self.keeps_history:
            return
        deposit = self.books.deposit("d", VIEWER, 100)
        hold = self.wallet.hold(a_hold())
        withdrawal = self.books.withdraw("w", VIEWER, 10)
        self.books.deposit("d2", VIEWER_2, 1)
        with pytest.raises(InsufficientBalance):
            self.books.withdraw("too much", VIEWER, 1_000)
        expected = [withdrawal, hold, deposit]
        assert [*self.books.history(VIEWER, 9)] == expected, "not the user's payments and holds, the newest first"
        assert [*self.books.history(VIEWER, 2)] == expected[:2], "not so many"

    @TOLD
    def test_the_audit_adds_payments_up(self) -> None:
        if not self.audits:
            return
        self.books.deposit("d", VIEWER, 100)
        self.wallet.hold(a_hold(amount=30))
        self.books.withdraw("w", VIEWER, 20)
        expected = Audit(available=50, held=30, deposited=80, problems=[])
        assert self.books.audit(EXP - TICK) == expected, "the totals are wrong"

    @HISTORY
    def test_an_unknown_user_has_placed_no_holds(self) -> None:
        self.settled()
        for user_id in UNKNOWN_IDS:
            assert [*self.books.history(user_id, 10)] == [], f"user {user_id!r} is unknown and has a history"

    @pytest.mark.parametrize("limit", [0, 1, 3, 9])
    @HISTORY
    def test_a_users_last_holds_come_first(self, limit: int) -> None:
        for user_id in (VIEWER, VIEWER_2):
            self.credit(user_id, 100)
        holds = [a_hold(number) for number in (4, 2, 5, 1, 3)]
        for hold in [*holds, a_hold(from_user_id=VIEWER_2)]:
            self.wallet.hold(hold)
        self.wallet.release(holds[0].transaction_id)
        self.wallet.refund(holds[3].transaction_id)
        holds[0] = evolve(holds[0], state=HoldState.RELEASED)
        holds[3] = evolve(holds[3], state=HoldState.REFUNDED)
        found = [one for one in self.books.history(VIEWER, limit) if isinstance(one, Hold)]  # credit may be a deposit
        assert found == holds[::-1][:limit], "not the user's newest, or not so many"

    @SUM
    def test_the_audit_adds_everything_up_l6(self) -> None:
        empty = Audit(available=0, held=0, deposited=0, problems=[])
        assert self.books.audit(EXP) == empty, "an empty wallet has something"
        self.settled()
        expected = Audit(available=197, held=3, deposited=200, problems=[])
        assert self.books.audit(EXP - TICK) == expected, "the totals are wrong"

    @SUM
    def test_the_audit_adds_up_after_a_race_l6(self) -> None:
        self.credit(VIEWER, 10 * CALLERS + 10)
        holds = [a_hold(number) for number in range(CALLERS)]
        at_once([partial(self.wallet.hold, hold) for hold in holds])
        self.wallet.hold(a_hold(CALLERS))
        ways = [self.wallet.release, self.wallet.refund]
        at_once([partial(way, hold.transaction_id) for hold in holds for way in ways])
        audit = self.books.audit(EXP - TICK)
        assert [*audit.problems] == [], "settling in a race left a problem"
        assert (audit.held, audit.deposited) == (10, 10 * CALLERS + 10), "the totals are wrong"

    @PROBLEMS
    def test_the_audit_names_overdue_holds_l6(self) -> None:
        self.credit(VIEWER, 100)
        for number, exp in enumerate([EXP, EXP + TICK, None]):
            self.wallet.hold(a_hold(number, exp=exp))
        assert [*self.books.audit(EXP - TICK).problems] == [], "a hold that has time is no problem"
        problems = [*self.books.audit(EXP).problems]
        assert len(problems) == 1, "exp == before is overdue; a later exp, or none, is not"
        assert a_hold(0).transaction_id in problems[0], "the problem does not name the transaction"
