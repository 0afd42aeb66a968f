"""A wallet, with its calls in any order, compared with a shadow that says what it must answer (D15, D18, L6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from attrs import evolve
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from show_goal.core.errors import InsufficientBalance, TransactionConflict, TransactionUnknown
from show_goal.core.money import Balance, Hold, HoldState, Payment
from show_goal.core.validation import InvalidValue
from show_goal.ports.books import Books
from show_goal.ports.page import every
from show_goal.ports.wallet import Wallet
from tests.builders import EXP, GOAL, GOAL_2, NOW, STREAMER, VIEWER, VIEWER_2, a_hold

USERS = [VIEWER, VIEWER_2, STREAMER]
NOBODY = "71e0000000000000000000ff"
RICH = "71e0000000000000000000fe"
FORTUNE = 1_000

Credit = Callable[[str, int], None]

users = st.sampled_from(USERS)
amounts = st.integers(0, 120)


class WalletMachine(RuleBasedStateMachine):
    placed: Bundle[Hold] = Bundle("placed")

    def __init__(self, wallet: Wallet, books: Books, credit: Credit) -> None:
        super().__init__()
        self.wallet, self.books = wallet, books
        self._credit = credit
        credit(RICH, FORTUNE)
        self.available = dict.fromkeys(USERS, 0)
        self.holds: dict[str, Hold] = {}
        self.payments: dict[str, Payment] = {}
        self.paid: set[str] = set()

    @rule(user=users, amount=amounts)
    def credit(self, user: str, amount: int) -> None:
        self._credit(user, amount)
        self.available[user] += amount

    @rule(number=st.integers(1, 6), user=users, amount=st.integers(1, 120), withdrawn=st.booleans())
    def pay(self, number: int, user: str, amount: int, withdrawn: bool) -> None:
        """A new payment, a second delivery of one, another one under its id, or a withdrawal that is too large."""
        payment = Payment(id=f"p{number}", user_id=user, amount=amount, withdrawn=withdrawn)
        pay = partial(self.books.withdraw if withdrawn else self.books.deposit, payment.id, user, amount)
        known = self.payments.setdefault(payment.id, payment)  # a refused withdrawal keeps its id
        if known != payment:
            with pytest.raises(TransactionConflict):
                pay()
            return
        if payment.id not in self.paid and withdrawn and amount > self.available[user]:
            with pytest.raises(InsufficientBalance):
                pay()
            return
        if payment.id not in self.paid:
            self.available[user] += -amount if withdrawn else amount
            self.paid.add(payment.id)
        assert pay() == payment

    @rule(target=placed, payer=users, receiver=users, amount=amounts, goal=st.sampled_from([GOAL, GOAL_2]))
    def hold(self, payer: str, receiver: str, amount: int, goal: str) -> Any:
        """A new hold, a second one of the same viewer for the same goal, or one that is too large."""
        hold = a_hold(goal, payer, to_user_id=receiver, amount=amount)
        known = self.holds.get(hold.transaction_id)
        if known is not None and not known.same_transfer(hold):
            self._refused(hold, TransactionConflict)
            return multiple()
        if known is None and amount > self.available[payer]:
            self._refused(hold, InsufficientBalance)
            return multiple()
        if known is None:
            self.available[payer] -= amount
            self.holds[hold.transaction_id] = hold
        assert self.wallet.hold(hold) == self.holds[hold.transaction_id]
        return hold

    @rule(hold=placed)
    def hold_again(self, hold: Hold) -> None:
        assert self.wallet.hold(hold) == self.holds[hold.transaction_id]

    @rule(
        hold=placed,
        change=st.sampled_from(
            [
                {"amount": 121},
                {"to_user_id": NOBODY},
                {"from_user_id": NOBODY},
                {"from_user_id": RICH},
                {"escrow_id": "trigger_private:another"},
            ]
        ),
    )
    def hold_with_other_parameters(self, hold: Hold, change: dict[str, Any]) -> None:
        self._refused(evolve(hold, **change), TransactionConflict)

    @rule(hold=placed, amount=st.none() | amounts)
    def release(self, hold: Hold, amount: int | None) -> None:
        self._release(hold, amount)

    @rule(hold=consumes(placed), amount=st.none() | amounts)
    def release_for_the_last_time(self, hold: Hold, amount: int | None) -> None:
        self._release(hold, amount)

    @rule(hold=placed)
    def refund(self, hold: Hold) -> None:
        self._refund(hold)

    @rule(hold=consumes(placed))
    def refund_for_the_last_time(self, hold: Hold) -> None:
        self._refund(hold)

    @rule()
    def settle_an_unknown_transaction(self) -> None:
        for settle in (self.wallet.release, self.wallet.refund):
            with pytest.raises(TransactionUnknown):
                settle("session:trigger-private:none:none")

    def _release(self, hold: Hold, amount: int | None) -> None:
        """The whole, a part, or more than there is."""
        held = self.holds[hold.transaction_id].state is HoldState.HELD
        if held and amount is not None and amount > hold.amount:
            with pytest.raises(InvalidValue):
                self.wallet.release(hold.transaction_id, amount)
            return
        part = None if amount == hold.amount else amount
        known = self._settled(hold, state=HoldState.RELEASED, part=part)
        assert self.wallet.release(hold.transaction_id, amount) == known

    def _refund(self, hold: Hold) -> None:
        known = self._settled(hold, state=HoldState.REFUNDED)
        assert self.wallet.refund(hold.transaction_id) == known

    def _settled(self, hold: Hold, **changes: Any) -> Hold:
        """The hold as it is settled, now or before."""
        known = self.holds[hold.transaction_id]
        if known.state is not HoldState.HELD:
            return known
        settled = self.holds[hold.transaction_id] = evolve(known, **changes)
        self.available[settled.to_user_id] += settled.released
        self.available[settled.from_user_id] += settled.refunded
        return settled

    def _refused(self, hold: Hold, refusal: type[Exception]) -> None:
        with pytest.raises(refusal):
            self.wallet.hold(hold)

    @invariant()
    def every_balance_is_as_in_the_shadow(self) -> None:
        for user in USERS:
            held = sum(h.amount for h in self._held() if h.from_user_id == user)
            assert self.books.balance(user) == Balance(available=self.available[user], held=held)

    @invariant()
    def every_hold_is_found(self) -> None:
        for transaction_id, hold in self.holds.items():
            assert self.wallet.find(transaction_id) == hold
        for goal in (GOAL, GOAL_2):
            escrow = f"trigger_private:{goal}"
            found = list(every(partial(self.wallet.holds_of, escrow, 2)))
            assert len(found) == len({hold.transaction_id for hold in found})
            assert found == sorted(found, key=lambda hold: hold.state is not HoldState.HELD)
            assert {hold.transaction_id: hold for hold in found} == {
                id_: hold for id_, hold in self.holds.items() if hold.escrow_id == escrow
            }

    @invariant()
    def only_held_money_is_overdue(self) -> None:
        overdue = {hold.transaction_id for hold in self.wallet.overdue(EXP, 100).items}
        assert overdue == {hold.transaction_id for hold in self._held()}
        assert list(self.wallet.overdue(NOW, 100).items) == []

    @invariant()
    def money_is_neither_made_nor_lost_L6(self) -> None:
        audit = self.books.audit(NOW)
        assert list(audit.problems) == []
        assert audit.available == sum(self.available.values()) + FORTUNE
        assert audit.available + audit.held == audit.deposited

    def _held(self) -> list[Hold]:
        return [hold for hold in self.holds.values() if hold.state is HoldState.HELD]
