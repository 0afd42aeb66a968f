"""What :class:`show_goal.ports.wallet.Wallet` promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from attrs import frozen

from ...core.errors import InsufficientBalance, TransactionConflict, TransactionUnknown
from ...core.model import Hold, HoldState, Statement
from ...ports.wallet import Wallet
from .examples import EXP, STREAMER, STREAMER_2, TICK, UNKNOWN_IDS, VIEWER, VIEWER_2, a_hold
from .paging import all_pages
from .promise import Conformance, Promise
from .races import CALLERS, at_once

Credit = Callable[[str, int], object]
WAYS = [HoldState.RELEASED, HoldState.REFUNDED]
OTHER_AMOUNTS = [{"amount": 0}, {"amount": 9}, {"amount": 11}, {"amount": 1_000}]
OTHER_PARTIES = [{"to_user_id": STREAMER_2}, {"escrow_id": "x"}]


@frozen(kw_only=True)
class WalletUnderTest:
    wallet: Wallet
    """Without accounts."""
    credit: Credit
    """Gives a user an amount to spend. The user may have no account yet."""


class WalletConformance(Conformance[WalletUnderTest]):
    """``under_test`` returns :class:`WalletUnderTest`: the adapter, and a function that gives money."""

    def take(self, under_test: WalletUnderTest) -> None:
        self.wallet, self.credit = under_test.wallet, under_test.credit

    def available(self, user_id: str = VIEWER) -> int:
        return self.wallet.statement(user_id, None).available

    def placed(self, number: int = 1, **changes: Any) -> Hold:
        """A hold of VIEWER, who has 100."""
        self.credit(VIEWER, 100)
        return self.wallet.hold(a_hold(number, **changes))

    def settle(self, way: HoldState, hold: Hold | None = None) -> Hold:
        settle = self.wallet.release if way is HoldState.RELEASED else self.wallet.refund
        return settle((hold or a_hold()).transaction_id)

    def money(self) -> int:
        """All there is: what users can spend, and what the escrow of ``a_hold()`` holds."""
        held = [h.amount for h in self.listed(9) if h.state is HoldState.HELD]
        return sum(held) + sum(self.available(user_id) for user_id in (VIEWER, VIEWER_2, STREAMER, STREAMER_2))

    @Promise(Wallet.statement, "available")
    def test_an_unknown_user_has_0(self) -> None:
        self.credit(VIEWER, 100)
        for user_id in UNKNOWN_IDS:
            nothing = self.wallet.statement(user_id, a_hold().transaction_id)
            assert nothing == Statement(available=0), f"user {user_id!r} is unknown and has something"

    @Promise(Wallet.statement, "available")
    def test_a_statement_says_what_this_user_can_spend(self) -> None:
        self.credit(VIEWER, 100)
        self.credit(VIEWER_2, 1)
        assert self.wallet.statement(VIEWER, None) == Statement(available=100), "it is another user's balance"

    @Promise(Wallet.statement, "hold")
    def test_a_statement_has_the_hold_that_it_is_asked_for_d14(self) -> None:
        self.placed(1)
        second = self.wallet.hold(a_hold(2, amount=20))
        asked = self.wallet.statement(VIEWER, second.transaction_id)
        assert asked == Statement(available=70, hold=second), "the hold is missing or changed"
        assert self.wallet.statement(VIEWER, a_hold(3).transaction_id).hold is None, "there is no such hold"
        assert self.wallet.statement(VIEWER_2, second.transaction_id).hold is None, "it is another user's hold"
        assert self.wallet.statement(VIEWER, None).hold is None, "nobody asked for a hold"

    @pytest.mark.parametrize("way", WAYS)
    @Promise(Wallet.statement, "hold")
    def test_a_statement_has_no_settled_hold_d14(self, way: HoldState) -> None:
        self.placed()
        self.settle(way)
        assert self.wallet.statement(VIEWER, a_hold().transaction_id).hold is None, "a settled hold is not held"

    @Promise(Wallet.hold, "moves")
    def test_a_hold_takes_the_amount_from_the_available_balance(self) -> None:
        assert self.placed() == a_hold(), "hold() returns the stored hold"
        assert self.available() == 90, "the amount is still available"

    @Promise(Wallet.hold, "moves")
    def test_a_hold_may_take_the_whole_balance(self) -> None:
        self.placed(amount=100)
        assert self.available() == 0, "something is left"

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

    @pytest.mark.parametrize("amount", [0, 10])
    @Promise(Wallet.release, "pays")
    def test_a_release_pays_the_streamer_who_can_spend_it_l3(self, amount: int) -> None:
        self.placed(amount=amount)
        released = a_hold(amount=amount, state=HoldState.RELEASED)
        assert self.settle(HoldState.RELEASED) == released, "release() returns the stored hold"
        assert self.available() == 100 - amount, "the payer was paid"
        assert self.available(STREAMER) == amount, "the payee was not paid the amount"
        spent = a_hold(2, from_user_id=STREAMER, to_user_id=STREAMER_2, amount=amount)
        assert self.wallet.hold(spent) == spent, "the payee cannot spend what was paid"

    @Promise(Wallet.release, "pays")
    def test_what_many_releases_at_once_paid_is_one_balance_l3(self) -> None:
        self.credit(VIEWER, 10 * CALLERS)
        holds = [self.wallet.hold(a_hold(number)) for number in range(CALLERS)]
        at_once([partial(self.wallet.release, hold.transaction_id) for hold in holds])
        assert self.available(STREAMER) == 10 * CALLERS, "the payee was not paid the amounts"
        spent = a_hold(CALLERS, from_user_id=STREAMER, to_user_id=STREAMER_2, amount=10 * CALLERS)
        assert self.wallet.hold(spent) == spent, "the payee cannot spend it in one hold"
        assert self.available(STREAMER) == 0, "money was lost or made"

    @pytest.mark.parametrize("amount", [0, 10])
    @Promise(Wallet.refund, "gives_back")
    def test_a_refund_gives_the_payer_back_who_can_spend_it_l3(self, amount: int) -> None:
        self.placed(amount=amount)
        refunded = a_hold(amount=amount, state=HoldState.REFUNDED)
        assert self.settle(HoldState.REFUNDED) == refunded, "refund() returns the stored hold"
        assert self.available() == 100, "the payer did not get the amount back"
        assert self.available(STREAMER) == 0, "the payee was paid"
        assert self.wallet.hold(a_hold(2, amount=100)) == a_hold(2, amount=100), "the payer cannot spend it"

    @Promise(Wallet.refund, "gives_back")
    def test_settling_one_hold_leaves_the_others_held(self) -> None:
        self.placed(1)
        for number in (2, 3):
            self.wallet.hold(a_hold(number))
        self.wallet.refund(a_hold(2).transaction_id)
        assert self.available() == 80, "another hold was settled too"
        others = [self.wallet.release(a_hold(number).transaction_id).state for number in (1, 3)]
        assert others == [HoldState.RELEASED] * 2, "another hold was settled too"

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("then", WAYS)
    @Promise(Wallet.release, "once")
    def test_a_hold_is_settled_once_l6(self, way: HoldState, then: HoldState) -> None:
        self.placed()
        self.settle(way)
        balances = self.available(), self.available(STREAMER)
        for _ in range(2):
            assert self.settle(then) == a_hold(state=way), "a settled hold was settled again"
        assert (self.available(), self.available(STREAMER)) == balances, "a repeat moved money"

    @Promise(Wallet.release, "once")
    def test_of_release_and_refund_at_once_one_wins_l6(self) -> None:
        self.placed()
        answers = at_once([partial(self.settle, way) for way in WAYS] * (CALLERS // 2))
        released = answers[0] == a_hold(state=HoldState.RELEASED)
        stored = a_hold(state=HoldState.RELEASED if released else HoldState.REFUNDED)
        assert answers == [stored] * CALLERS, "every caller gets the settlement that won"
        expected = (90, 10) if released else (100, 0)
        assert (self.available(), self.available(STREAMER)) == expected, "the money went both ways, or neither"

    @pytest.mark.parametrize("way", WAYS)
    @Promise(Wallet.release, "once")
    def test_of_many_settlements_at_once_one_moves_money_l6(self, way: HoldState) -> None:
        self.placed()
        answers = at_once([partial(self.settle, way)] * CALLERS)
        assert answers == [a_hold(state=way)] * CALLERS, "every caller gets the stored hold"
        assert self.money() == 100, "money was lost or made"

    @Promise(Wallet.release, "once")
    def test_holds_can_be_placed_while_others_are_settled_l6(self) -> None:
        self.credit(VIEWER, 20 * CALLERS)
        for number in range(CALLERS):
            self.wallet.hold(a_hold(number))
        settling = [partial(self.wallet.release, a_hold(number).transaction_id) for number in range(CALLERS)]
        placing = [partial(self.wallet.hold, a_hold(number)) for number in range(CALLERS, 2 * CALLERS)]
        answers = at_once([call for pair in zip(settling, placing, strict=True) for call in pair])
        assert all(isinstance(answer, Hold) for answer in answers), "a hold was refused that can be paid"
        assert (self.available(), self.available(STREAMER)) == (0, 10 * CALLERS), "money was lost or made"

    @pytest.mark.parametrize("way", WAYS)
    @Promise(Wallet.release, "unknown")
    def test_an_unknown_transaction_cannot_be_settled(self, way: HoldState) -> None:
        self.placed(2)
        with pytest.raises(TransactionUnknown):
            self.settle(way)
        assert self.available() == 90, "another hold was settled"

    @Promise(Wallet.find, "found")
    def test_a_hold_is_found_in_any_state(self) -> None:
        assert self.wallet.find(a_hold().transaction_id) is None, "there is no such hold yet"
        self.placed()
        assert self.wallet.find(a_hold().transaction_id) == a_hold(), "the hold is missing or changed"
        self.wallet.release(a_hold().transaction_id)
        released = a_hold(state=HoldState.RELEASED)
        assert self.wallet.find(a_hold().transaction_id) == released, "a settled hold is not found"
        assert self.wallet.find("") is None, "there is no such hold"

    @Promise(Wallet.holds_of, "holds")
    def test_an_escrow_lists_its_holds_in_any_state_d16(self) -> None:
        holds = self.escrow()
        payer = holds[0].from_user_id
        self.credit(payer, 10)
        self.wallet.hold(a_hold(2, from_user_id=payer))
        assert _by_id(self.listed(9)) == _by_id(holds), "not this escrow's holds"
        for number, way in ((4, HoldState.REFUNDED), (1, HoldState.RELEASED)):
            holds[number] = self.settle(way, holds[number])
        assert _by_id(self.listed(9)) == _by_id(holds), "settling hid or changed a hold"
        assert [*self.wallet.holds_of("unknown", 9).items] == [], "these are another escrow's holds"

    @pytest.mark.parametrize("limit", [1, 2, 9])
    @Promise(Wallet.holds_of, "held_first")
    def test_what_is_held_is_listed_first_d43(self, limit: int) -> None:
        for hold in self.escrow()[:5:2]:
            self.wallet.refund(hold.transaction_id)
        states = [hold.state for hold in self.listed(limit)]
        assert states == [HoldState.HELD] * 3 + [HoldState.REFUNDED] * 3, "a settled hold comes before a held one"

    @pytest.mark.parametrize("limit", [0, 1, 3, 5, 6, 9])
    @Promise(Wallet.holds_of, "limit")
    def test_a_page_of_an_escrow_has_at_most_limit_holds_d43(self, limit: int) -> None:
        holds = self.escrow()
        self.wallet.refund(holds[2].transaction_id)
        page = self.wallet.holds_of(a_hold().escrow_id, limit)
        assert len(page.items) == min(limit, len(holds)), "not so many"
        if limit:
            assert (page.next is None) == (limit >= len(holds)), "the last page has a next one, or another has none"

    @pytest.mark.parametrize("settled", [0, 3, 5])
    @pytest.mark.parametrize("limit", [1, 2, 3, 6])
    @Promise(Wallet.holds_of, "pages")
    def test_each_hold_of_an_escrow_is_on_a_page_d43(self, limit: int, settled: int) -> None:
        """Between two pages one hold is settled that was listed, and one that was not."""
        holds = self.escrow()
        for hold in holds[::-1][:settled]:
            self.wallet.refund(hold.transaction_id)
        unseen = _by_id(holds)

        def settle(page: Sequence[Hold]) -> None:
            for hold in page:
                unseen.pop(hold.transaction_id, None)
            for key in [page[-1].transaction_id, *unseen][:2]:
                self.wallet.release(key)

        found = all_pages(partial(self.wallet.holds_of, a_hold().escrow_id, limit), settle)
        ids = [hold.transaction_id for hold in found]
        assert {*ids} == _by_id(holds).keys(), "a hold is missing"
        assert max(ids.count(one) for one in ids) <= 2, "a hold is there more than twice"

    def escrow(self) -> list[Hold]:
        """Six holds of ``a_hold()``'s escrow. The order of their payers is not that in which they are placed."""
        payers = [f"71e1{number:020x}" for number in (4, 1, 5, 0, 3, 2)]
        holds = [a_hold(from_user_id=payer, duration=30 + number) for number, payer in enumerate(payers)]
        for hold in holds:
            self.credit(hold.from_user_id, 10)
            self.wallet.hold(hold)
        return holds

    def listed(self, limit: int) -> list[Hold]:
        return all_pages(partial(self.wallet.holds_of, a_hold().escrow_id, limit))

    @Promise(Wallet.overdue, "due")
    def test_a_hold_is_overdue_from_its_exp_on_l6(self) -> None:
        self.credit(VIEWER, 100)
        exps = [EXP - TICK, EXP, EXP + TICK, None]
        for number, exp in enumerate(exps):
            self.wallet.hold(a_hold(number, exp=exp))
        assert [hold.exp for hold in self.wallet.overdue(EXP, 10).items] == exps[:2], (
            "exp == before is due, no exp never is"
        )

    @Promise(Wallet.overdue, "due")
    def test_a_settled_hold_is_not_overdue_l6(self) -> None:
        self.credit(VIEWER, 100)
        for number in (1, 2, 3):
            self.wallet.hold(a_hold(number))
        self.wallet.release(a_hold(1).transaction_id)
        self.wallet.refund(a_hold(2).transaction_id)
        assert [*self.wallet.overdue(EXP, 10).items] == [a_hold(3)], "a settled hold is due, or a held one is not"

    @pytest.mark.parametrize("limit", [0, 1, 4, 9])
    @Promise(Wallet.overdue, "limit")
    def test_at_most_limit_holds_are_overdue_the_oldest_first_l6(self, limit: int) -> None:
        holds = self.several(3, 1, 5, 2, 6, 4)
        found = [hold.exp for hold in self.wallet.overdue(EXP, limit).items]
        assert len(found) == min(limit, len(holds)), "not so many"
        assert found[:1] == [EXP - TICK * 6][:limit], "not the oldest"

    @pytest.mark.parametrize("limit", [1, 2, 4, 9])
    @Promise(Wallet.overdue, "pages")
    def test_each_overdue_hold_is_on_one_page_d43(self, limit: int) -> None:
        holds = self.several(2, 1, 2, 0, 2, 1, 2)
        found = all_pages(lambda after: self.wallet.overdue(EXP, limit, after), self._refund_the_first)
        ids = [hold.transaction_id for hold in found]
        assert len(ids) == len({*ids}), "a hold is there twice"
        assert {*ids} == {hold.transaction_id for hold in holds}, "a hold is missing"

    def several(self, *ages: int) -> list[Hold]:
        """Overdue holds of two payers, each so old."""
        holds = [
            a_hold(number, from_user_id=(VIEWER, VIEWER_2)[number % 2], exp=EXP - TICK * age)
            for number, age in enumerate(ages)
        ]
        for hold in holds:
            self.credit(hold.from_user_id, 10)
            self.wallet.hold(hold)
        return holds

    def _refund_the_first(self, page: Sequence[Hold]) -> None:
        self.wallet.refund(page[0].transaction_id)


def _by_id(holds: Sequence[Hold]) -> dict[str, Hold]:
    return {hold.transaction_id: hold for hold in holds}
