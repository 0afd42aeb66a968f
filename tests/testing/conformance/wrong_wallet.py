"""Wallets that break a promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.errors import InsufficientBalance, TransactionConflict
from show_goal.core.money import Hold, HoldState
from show_goal.ports.page import Page
from show_goal.testing.conformance import WalletConformance, WalletUnderTest
from show_goal.testing.conformance.examples import EXP

from .breaking import WrongAdapters, after, gap
from .wrong_pages import (
    behind_the_exp,
    by_offset,
    from_the_front,
    in_the_order_of_payment,
    of_its_payers,
    only,
    the_newest,
    what_is_behind_in_either_state,
    with_a_next_page,
)

WRONG = WrongAdapters(
    WalletConformance, MemoryWallet, lambda wallet: WalletUnderTest(wallet=wallet, credit=wallet.credit)
)
HELD, RELEASED, REFUNDED = HoldState


def stored(right: Any) -> dict[str, Hold]:
    holds: dict[str, Hold] = right.__self__._holds
    return holds


def place_unpaid(wallet: MemoryWallet, hold: Hold) -> Hold:
    """Place a hold, and do not look at the balance."""
    wallet._move(hold.from_user_id, available=-hold.amount, held=hold.amount)
    wallet._holds[hold.transaction_id] = hold
    return hold


WRONG.raises("statement", "_balances", "statement.available")


def also_a_settled_hold(right: Any, user_id: str, transaction_id: str | None) -> Any:
    hold = stored(right).get(transaction_id or "")
    return evolve(right(user_id, transaction_id), hold=hold if hold and hold.from_user_id == user_id else None)


WRONG.add("statement.hold", "a settled hold is not held", statement=also_a_settled_hold)
WRONG.add(
    "statement.hold",
    "it is another user's hold",
    statement=lambda right, user, transaction: evolve(right(user, transaction), hold=stored(right).get(transaction)),
)


def holding(wrong: type[Exception], instead: Callable[[Any, Hold], object]) -> Callable[..., Hold]:
    """Hold, and do something else before a refusal is raised."""

    def call(right: Any, hold: Hold) -> Hold:
        try:
            placed: Hold = right(hold)
        except wrong:
            instead(right.__self__, hold)
            raise
        return placed

    return call


def free_needs_an_account(right: Any, hold: Hold) -> Hold:
    if hold.from_user_id not in right.__self__._balances:
        raise InsufficientBalance("no account")
    placed: Hold = right(hold)
    return placed


def charges_again(right: Any, hold: Hold) -> Hold:
    repeat = hold.transaction_id in stored(right)
    placed: Hold = right(hold)
    if repeat and right.__self__.balance(hold.from_user_id).available:
        right.__self__._move(hold.from_user_id, available=-hold.amount)
    return placed


def charges_for_a_settled_hold(right: Any, hold: Hold) -> Hold:
    known = stored(right).get(hold.transaction_id)
    if known is not None and known.state is not HELD:
        right.__self__._move(hold.from_user_id, available=-hold.amount)
    placed: Hold = right(hold)
    return placed


def stores_the_last_repeat(right: Any, hold: Hold) -> Hold:
    stored(right)[hold.transaction_id] = evolve(hold, state=right(hold).state)
    return stored(right)[hold.transaction_id]


def checks_the_balance_first(right: Any, hold: Hold) -> Hold:
    if right.__self__.balance(hold.from_user_id).available < hold.amount:
        raise InsufficientBalance("too little")
    placed: Hold = right(hold)
    return placed


def move_floats(right: Any, user_id: str, *, available: int = 0, held: int = 0) -> None:
    right(user_id, available=available if available > 0 else int(float(available)), held=held)


WRONG.add("hold.moves", "as floating point does", _move=move_floats)
WRONG.add(
    "hold.whole", "another hold is returned", hold=lambda right, hold: right(evolve(hold, duration=hold.duration or 0))
)
WRONG.add("hold.overdraft", "DID NOT RAISE", _place=lambda right, hold: place_unpaid(right.__self__, hold))
WRONG.add(
    "hold.overdraft",
    "a refused hold moved money",
    hold=holding(InsufficientBalance, lambda it, hold: it._holds.update({hold.transaction_id: hold})),
)
WRONG.add("hold.free", "InsufficientBalance(", _place=free_needs_an_account)
WRONG.add("hold.new", "several calls", hold=after(lambda hold: evolve(hold, new=True)))
WRONG.add("hold.new", "there before is new", find=after(lambda hold: evolve(hold, new=True)))
WRONG.add("hold.once", "a repeat was charged", hold=charges_again)
WRONG.add("hold.once", "a settled transfer was charged again", hold=charges_for_a_settled_hold)
WRONG.add("hold.once", "also if exp, duration or tags differ", hold=stores_the_last_repeat)
WRONG.add("hold.once", "InsufficientBalance(", hold=checks_the_balance_first)
WRONG.add(
    "hold.conflict", "DID NOT RAISE", hold=lambda right, hold: stored(right).get(hold.transaction_id) or right(hold)
)
WRONG.add(
    "hold.conflict",
    "a conflict moved money",
    hold=holding(TransactionConflict, lambda it, hold: it._move(hold.from_user_id, available=-1)),
)


@WRONG.breaks("hold.overdraft", "100 pay for 10 holds of 10")
class OverdrawsInARace(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        payable = self.balance(hold.from_user_id).available >= hold.amount
        with gap(self), self._lock:
            if payable and hold.transaction_id not in self._holds:
                return place_unpaid(self, hold)
        return super().hold(hold)


@WRONG.breaks("hold.once", "one transaction was charged more than once")
class ChargesAgainInARace(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        known = self._holds.get(hold.transaction_id)
        gap(self).wait()
        with self._lock:
            return known or self._place(hold)


@WRONG.breaks("hold.conflict", "one transaction id was stored for several transfers")
class StoresAnyAmountInARace(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        known = self._holds.get(hold.transaction_id)
        gap(self).wait()
        with self._lock:
            if known is None:
                return self._place(hold)
        return super().hold(hold)


def settles_the_other_way(right: Any, transaction_id: str, state: HoldState, amount: int | None = None) -> Hold:
    """Refund a hold and call it released, or the other way round."""
    settled = right(transaction_id, REFUNDED if state is RELEASED else RELEASED, amount)
    stored(right)[transaction_id] = evolve(settled, state=state)
    return stored(right)[transaction_id]


def settles_again(right: Any, transaction_id: str, state: HoldState, amount: int | None = None) -> Hold:
    hold = stored(right).get(transaction_id)
    if hold is not None and hold.state is not state:
        stored(right)[transaction_id] = evolve(hold, state=HELD)
    settled: Hold = right(transaction_id, state, amount)
    return settled


def pays_again(right: Any, transaction_id: str, state: HoldState, amount: int | None = None) -> Hold:
    before = stored(right).get(transaction_id)
    settled: Hold = right(transaction_id, state, amount)
    if before is not None and before.state is settled.state:
        right.__self__._move(settled.to_user_id, available=settled.amount)
    return settled


def refunds_everything(right: Any, transaction_id: str) -> Hold:
    for other in stored(right):
        right(other)
    return stored(right)[transaction_id]


WRONG.add("release.pays", "the payer was paid", _settle=settles_the_other_way)
WRONG.add(
    "release.pays",
    "release() returns the stored hold",
    release=lambda right, key: (
        right(key) if key not in stored(right) or stored(right)[key].amount else stored(right)[key]
    ),
)


def pays_one_payment_at_a_time(right: Any, hold: Hold) -> Hold:
    paid = [other.amount for other in stored(right).values() if other.to_user_id == hold.from_user_id]
    if paid and hold.amount > max(paid):
        raise InsufficientBalance("no payment is so large")
    placed: Hold = right(hold)
    return placed


WRONG.add("release.pays", "no payment is so large", hold=pays_one_payment_at_a_time)
WRONG.add("release.once", "a settled hold was settled again", _settle=settles_again)
WRONG.add("release.once", "a repeat moved money", _settle=pays_again)
WRONG.races("release.once", "money was lost or made", "_settle", "_holds", lambda hold: hold.state is HELD)
WRONG.races("release.once", "the settlement that won", "_settle", "_holds", lambda hold: hold.state is HELD)
WRONG.raises("_settle", "_holds", "release.unknown")
WRONG.add("refund.gives_back", "the payer did not get the amount back", _settle=settles_the_other_way)
WRONG.add("refund.gives_back", "another hold was settled too", refund=refunds_everything)
WRONG.add("find.found", "a settled hold is not found", find=after(lambda hold: hold if hold.state is HELD else None))
WRONG.add("holds_of.holds", "settling hid or changed a hold", holds_of=only(lambda hold: hold.state is HELD))
WRONG.add("holds_of.holds", "not this escrow's holds", holds_of=of_its_payers)
WRONG.add("holds_of.held_first", "before a held one", holds_of=in_the_order_of_payment)
WRONG.add("holds_of.limit", "not so many", holds_of=lambda right, escrow_id, limit: right(escrow_id, 99))
WRONG.add("holds_of.limit", "has a next one", holds_of=with_a_next_page)
WRONG.add("holds_of.pages", "still a next one", holds_of=from_the_front)
WRONG.add("holds_of.pages", "missing", holds_of=by_offset)
WRONG.add("holds_of.pages", "missing", holds_of=what_is_behind_in_either_state)
WRONG.add(
    "overdue.due",
    "a settled hold is due",
    overdue=lambda right, before, limit: Page([h for h in stored(right).values() if h.exp and h.exp <= before]),
)
WRONG.add("overdue.due", "exp == before is due", overdue=only(lambda hold: hold.exp != EXP))
WRONG.add("overdue.limit", "not the oldest", overdue=the_newest)
WRONG.add("overdue.limit", "not so many", overdue=lambda right, before, limit: right(before, 99))
WRONG.add("overdue.pages", "twice", overdue=from_the_front)
WRONG.add("overdue.pages", "missing", overdue=behind_the_exp)
