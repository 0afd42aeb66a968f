"""What :class:`show_goal.ports.books.Books` promises."""

from __future__ import annotations

from functools import partial

import pytest
from attrs import evolve, frozen

from ...core.model import Audit, Balance, HoldState
from ...ports.books import Books
from ...ports.wallet import Wallet
from .examples import EXP, STREAMER, TICK, UNKNOWN_IDS, VIEWER, VIEWER_2, a_hold
from .promise import Conformance, Promise
from .races import CALLERS, at_once
from .wallet import Credit

HISTORY = Promise(Books.history, "history", "keeps_history")
SUM = Promise(Books.audit, "sum", "audits")
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
        assert [*self.books.history(VIEWER, limit)] == holds[::-1][:limit], "not the user's newest, or not so many"

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
