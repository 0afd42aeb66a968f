"""A wallet in a dictionary."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from threading import Lock

from attrs import evolve

from ...core.errors import InsufficientBalance, TransactionConflict, TransactionUnknown
from ...core.money import Audit, Balance, Hold, HoldState, Payment, Pledge, Statement
from ...ports.page import Page
from ...ports.pledges import MOST_PLEDGES
from ...ports.wallet import part_of
from .paging import page


class MemoryWallet:
    calls_back = False
    releases_parts = True

    def __init__(self) -> None:
        self._balances: dict[str, Balance] = {}
        self._holds: dict[str, Hold] = {}
        self._pledges: dict[tuple[str, str], tuple[Pledge, int]] = {}  # each with how often it was asked for
        self._payments: dict[str, tuple[int, Payment]] = {}  # each with the number of holds that are older
        self._asked: dict[str, Payment] = {}  # also a withdrawal that was refused keeps its id
        self._deposited = 0
        self._lock = Lock()

    def credit(self, user_id: str, amount: int) -> None:
        """Give a user money to spend, for tests and development. Repeating it adds the money again."""
        with self._lock:
            self._pay(user_id, amount)

    def deposit(self, payment_id: str, user_id: str, amount: int) -> Payment:
        return self._once(Payment(id=payment_id, user_id=user_id, amount=amount))

    def withdraw(self, payment_id: str, user_id: str, amount: int) -> Payment:
        return self._once(Payment(id=payment_id, user_id=user_id, amount=amount, withdrawn=True))

    def accounts(self) -> dict[str, Balance]:
        """Every account by its user."""
        return dict(self._balances)

    def holds(self) -> list[Hold]:
        """Every hold in any state, the first one first."""
        return list(self._holds.values())

    def statement(self, user_id: str, transaction_id: str | None) -> Statement:
        hold = self._holds.get(transaction_id) if transaction_id else None
        if hold is not None and (hold.from_user_id != user_id or hold.state is not HoldState.HELD):
            hold = None
        return Statement(available=self.balance(user_id).available, hold=hold)

    def pledge(self, user_id: str, transaction_id: str, pledge: Pledge | None, now: datetime) -> Statement:
        key = user_id, transaction_id
        with self._lock:
            self._pledges = {known: kept for known, kept in self._pledges.items() if kept[0].exp > now}
            statement = self.statement(user_id, transaction_id)
            kept, asked = self._pledges.get(key, (None, 0))
            if kept is None and pledge is not None and pledge.exp > now and _payable(pledge, statement):
                self._make_room(user_id)
                kept = pledge
            if kept is not None:
                again = pledge is not None and pledge.duration == kept.duration
                self._pledges[key] = kept, asked + again
            return evolve(statement, pledge=kept)

    def take_back(self, user_id: str, transaction_id: str) -> None:
        with self._lock:
            _, asked = self._pledges.get((user_id, transaction_id), (None, 0))
            if asked == 1:
                del self._pledges[user_id, transaction_id]

    def hold(self, hold: Hold) -> Hold:
        with self._lock:
            existing = self._holds.get(hold.transaction_id)
            if existing is not None and not existing.same_transfer(hold):
                raise TransactionConflict(f"{hold.transaction_id} already exists with other parameters")
            return existing or evolve(self._place(hold), new=True)

    def release(self, transaction_id: str, amount: int | None = None) -> Hold:
        return self._settle(transaction_id, HoldState.RELEASED, amount)

    def refund(self, transaction_id: str) -> Hold:
        return self._settle(transaction_id, HoldState.REFUNDED)

    def find(self, transaction_id: str) -> Hold | None:
        return self._holds.get(transaction_id)

    def holds_of(self, escrow_id: str, limit: int, after: str | None = None) -> Page[Hold]:
        holds = [hold for hold in self.holds() if hold.escrow_id == escrow_id]
        places = sorted((hold.state is not HoldState.HELD, number) for number, hold in enumerate(holds))
        rest = places if after is None else [place for place in places if place > tuple(json.loads(after))]
        here = rest[: max(limit, 0)]
        more = len(rest) > len(here) > 0
        return Page([holds[number] for _, number in here], json.dumps(here[-1]) if more else None)

    def overdue(self, before: datetime, limit: int, after: str | None = None) -> Page[Hold]:
        overdue = ((hold.exp, hold.transaction_id, hold) for hold in self.holds() if _overdue(hold, before))
        return page(overdue, limit, after)

    def balance(self, user_id: str) -> Balance:
        return self._balances.get(user_id, Balance())

    def history(self, user_id: str, limit: int) -> Sequence[Hold | Payment]:
        payments = [(older, payment) for older, payment in self._payments.values() if payment.user_id == user_id]
        holds = [(number, hold) for number, hold in enumerate(self.holds(), 1) if hold.from_user_id == user_id]
        found: list[tuple[int, Hold | Payment]] = [*holds, *payments]
        return [one for _, one in sorted(found, key=lambda one: one[0])][::-1][: max(limit, 0)]

    def audit(self, before: datetime) -> Audit:
        with self._lock:
            available = sum(balance.available for balance in self._balances.values())
            held = sum(balance.held for balance in self._balances.values())
            problems = [*self._account_problems()]
            problems += [f"{hold.transaction_id} is still held" for hold in self.holds() if _overdue(hold, before)]
            if available + held != self._deposited:
                problems.append(f"{available} available and {held} held are not the {self._deposited} deposited")
            return Audit(available=available, held=held, deposited=self._deposited, problems=problems)

    def _once(self, payment: Payment) -> Payment:
        with self._lock:
            if self._asked.setdefault(payment.id, payment) != payment:
                raise TransactionConflict(f"payment {payment.id} already exists with other parameters")
            if payment.id not in self._payments:
                self._pay(payment.user_id, -payment.amount if payment.withdrawn else payment.amount)
                self._payments[payment.id] = len(self._holds), payment
            return payment

    def _pay(self, user_id: str, change: int) -> None:
        available = self.balance(user_id).available
        if available + change < 0:
            raise InsufficientBalance(f"{user_id} withdraws {-change}, has {available}")
        self._deposited += change
        self._move(user_id, available=change)

    def _make_room(self, user_id: str) -> None:
        own = [key for key in self._pledges if key[0] == user_id]
        if len(own) >= MOST_PLEDGES:
            del self._pledges[own[0]]

    def _place(self, hold: Hold) -> Hold:
        self._pledges.pop((hold.from_user_id, hold.transaction_id), None)
        available = self.balance(hold.from_user_id).available
        if available < hold.amount:
            raise InsufficientBalance(f"{hold.transaction_id} needs {hold.amount}, has {available}")
        self._move(hold.from_user_id, available=-hold.amount, held=hold.amount)
        self._holds[hold.transaction_id] = hold
        return hold

    def _settle(self, transaction_id: str, state: HoldState, amount: int | None = None) -> Hold:
        with self._lock:
            hold = self._holds.get(transaction_id)
            if hold is None:
                raise TransactionUnknown(f"there is no transaction {transaction_id}")
            if hold.state is not HoldState.HELD:
                return hold
            settled = evolve(hold, state=state, part=part_of(hold, amount))
            self._move(hold.from_user_id, available=settled.refunded, held=-hold.amount)
            if settled.released:
                self._move(hold.to_user_id, available=settled.released)
            self._holds[transaction_id] = settled
            return settled

    def _move(self, user_id: str, *, available: int = 0, held: int = 0) -> None:
        balance = self.balance(user_id)
        self._balances[user_id] = Balance(available=balance.available + available, held=balance.held + held)

    def _account_problems(self) -> Iterable[str]:
        for user_id, balance in self._balances.items():
            placed = sum(h.amount for h in self.holds() if h.from_user_id == user_id and h.state is HoldState.HELD)
            if balance.held != placed:
                yield f"{user_id} has {balance.held} held, and holds of {placed}"
            if balance.available < 0 or balance.held < 0:
                yield f"{user_id} has less than nothing: {balance}"


def _payable(pledge: Pledge, statement: Statement) -> bool:
    return statement.hold is None and statement.available >= pledge.amount


def _overdue(hold: Hold, before: datetime) -> bool:
    return hold.state is HoldState.HELD and hold.exp is not None and hold.exp <= before
