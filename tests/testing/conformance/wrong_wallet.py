"""Wallets and books that break a promise."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.errors import InsufficientBalance, TransactionConflict
from show_goal.core.model import Hold, HoldState
from show_goal.testing.conformance import BooksConformance, BooksUnderTest, WalletConformance, WalletUnderTest
from show_goal.testing.conformance.examples import EXP

from .breaking import WrongAdapters, after, gap

WRONG = WrongAdapters(
    WalletConformance, MemoryWallet, lambda wallet: WalletUnderTest(wallet=wallet, credit=wallet.credit)
)
BOOKS = WrongAdapters(
    BooksConformance, MemoryWallet, lambda wallet: BooksUnderTest(books=wallet, wallet=wallet, credit=wallet.credit)
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


@WRONG.breaks("statement.hold", "nobody asked for a hold")
class TellsTheLastHold(MemoryWallet):
    def statement(self, user_id: str, transaction_id: str | None) -> Any:
        own = [hold.transaction_id for hold in self.holds() if hold.from_user_id == user_id]
        return super().statement(user_id, transaction_id or (own[-1] if own else None))


@WRONG.breaks("statement.hold", "a settled hold is not held")
class TellsSettledHolds(MemoryWallet):
    def statement(self, user_id: str, transaction_id: str | None) -> Any:
        hold = self._holds.get(transaction_id or "")
        own = hold if hold is not None and hold.from_user_id == user_id else None
        return evolve(super().statement(user_id, transaction_id), hold=own)


WRONG.add(
    "statement.hold",
    "it is another user's hold",
    statement=lambda right, user, transaction: evolve(right(user, transaction), hold=stored(right).get(transaction)),
)


@WRONG.breaks("hold.moves", "as floating point does")
class Floats(MemoryWallet):
    def _move(self, user_id: str, *, available: int = 0, held: int = 0) -> None:
        super()._move(user_id, available=available if available > 0 else int(float(available)), held=held)


WRONG.add(
    "hold.whole", "another hold is returned", hold=lambda right, hold: right(evolve(hold, duration=hold.duration or 0))
)
WRONG.add("hold.overdraft", "DID NOT RAISE", _place=lambda right, hold: place_unpaid(right.__self__, hold))


@WRONG.breaks("hold.overdraft", "100 pay for 10 holds of 10")
class OverdrawsInARace(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        payable = self.balance(hold.from_user_id).available >= hold.amount
        with gap(self), self._lock:
            if payable and hold.transaction_id not in self._holds:
                return place_unpaid(self, hold)
        return super().hold(hold)


@WRONG.breaks("hold.overdraft", "a refused hold moved money")
class StoresWhatIsRefused(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        try:
            return super().hold(hold)
        except InsufficientBalance:
            self._holds[hold.transaction_id] = hold
            raise


@WRONG.breaks("hold.free", "InsufficientBalance(")
class FreeNeedsAnAccount(MemoryWallet):
    def _place(self, hold: Hold) -> Hold:
        if hold.from_user_id not in self._balances:
            raise InsufficientBalance("no account")
        return super()._place(hold)


@WRONG.breaks("hold.once", "a repeat was charged")
class ChargesAgain(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        repeat = hold.transaction_id in self._holds
        placed = super().hold(hold)
        if repeat and self.balance(hold.from_user_id).available:
            self._move(hold.from_user_id, available=-hold.amount)
        return placed


@WRONG.breaks("hold.once", "one transaction was charged more than once")
class ChargesAgainInARace(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        known = self._holds.get(hold.transaction_id)
        gap(self).wait()
        with self._lock:
            return known or self._place(hold)


@WRONG.breaks("hold.once", "also if exp, duration or tags differ")
class TheLastRepeatIsStored(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        self._holds[hold.transaction_id] = evolve(hold, state=super().hold(hold).state)
        return self._holds[hold.transaction_id]


@WRONG.breaks("hold.once", "InsufficientBalance(")
class ChecksTheBalanceFirst(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        if self.balance(hold.from_user_id).available < hold.amount:
            raise InsufficientBalance("too little")
        return super().hold(hold)


@WRONG.breaks("hold.once", "a settled transfer was charged again")
class ForgetsSettledHolds(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        known = self._holds.get(hold.transaction_id)
        if known is None or known.state is HELD:
            return super().hold(hold)
        self._move(hold.from_user_id, available=-hold.amount)
        return known


WRONG.add(
    "hold.conflict", "DID NOT RAISE", hold=lambda right, hold: stored(right).get(hold.transaction_id) or right(hold)
)


@WRONG.breaks("hold.conflict", "a conflict moved money")
class ConflictsCost(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        try:
            return super().hold(hold)
        except TransactionConflict:
            self._move(hold.from_user_id, available=-1)
            raise


@WRONG.breaks("hold.conflict", "one transaction id was stored for several transfers")
class StoresAnyAmountInARace(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        known = self._holds.get(hold.transaction_id)
        gap(self).wait()
        with self._lock:
            if known is None:
                return self._place(hold)
        return super().hold(hold)


@WRONG.breaks("release.pays", "the payer was paid")
class PaysThePayer(MemoryWallet):
    def release(self, transaction_id: str) -> Hold:
        self._holds[transaction_id] = evolve(super().refund(transaction_id), state=RELEASED)
        return self._holds[transaction_id]


WRONG.add(
    "release.pays",
    "release() returns the stored hold",
    release=lambda right, key: (
        right(key) if key not in stored(right) or stored(right)[key].amount else stored(right)[key]
    ),
)


@WRONG.breaks("release.once", "a settled hold was settled again")
class SettlesAgain(MemoryWallet):
    def _settle(self, transaction_id: str, state: HoldState) -> Hold:
        hold = self._holds.get(transaction_id)
        if hold is not None and hold.state is not state:
            self._holds[transaction_id] = evolve(hold, state=HELD)
        return super()._settle(transaction_id, state)


@WRONG.breaks("release.once", "a repeat moved money")
class PaysAgain(MemoryWallet):
    def _settle(self, transaction_id: str, state: HoldState) -> Hold:
        before = self._holds.get(transaction_id)
        settled = super()._settle(transaction_id, state)
        if before is not None and before.state is settled.state:
            self._move(settled.to_user_id, available=settled.amount)
        return settled


WRONG.races("release.once", "money was lost or made", "_settle", "_holds", lambda hold: hold.state is HELD)
WRONG.races("release.once", "the settlement that won", "_settle", "_holds", lambda hold: hold.state is HELD)
WRONG.raises("_settle", "_holds", "release.unknown")


@WRONG.breaks("refund.gives_back", "the payer did not get the amount back")
class RefundsThePayee(MemoryWallet):
    def refund(self, transaction_id: str) -> Hold:
        self._holds[transaction_id] = evolve(super().release(transaction_id), state=REFUNDED)
        return self._holds[transaction_id]


@WRONG.breaks("refund.gives_back", "another hold was settled too")
class RefundsEverything(MemoryWallet):
    def refund(self, transaction_id: str) -> Hold:
        refunded = [super(RefundsEverything, self).refund(other) for other in self._holds]
        return next(hold for hold in refunded if hold.transaction_id == transaction_id)


WRONG.add("find.found", "a settled hold is not found", find=after(lambda hold: hold if hold.state is HELD else None))
WRONG.add(
    "holds_of.holds",
    "settling hid or moved a hold",
    holds_of=after(lambda holds: [hold for hold in holds if hold.state is HELD]),
)
WRONG.add("holds_of.holds", "in the order of payment", holds_of=after(lambda holds: holds[::-1]))
WRONG.add(
    "overdue.due",
    "a settled hold is due",
    overdue=lambda right, before, limit: [h for h in stored(right).values() if h.exp is not None and h.exp <= before],
)
WRONG.add(
    "overdue.due", "exp == before is due", overdue=after(lambda holds: [hold for hold in holds if hold.exp != EXP])
)
WRONG.add(
    "overdue.limit",
    "not the oldest",
    overdue=lambda right, before, limit: [h for h in stored(right).values() if h in right(before, 99)][:limit],
)

BOOKS.add(
    "balance.balance",
    "three holds of 10 are held",
    balance=after(lambda balance: evolve(balance, held=min(balance.held, 10))),
)
BOOKS.raises("balance", "_balances", "balance.nobody")
BOOKS.add(
    "history.history",
    "not the user's newest",
    history=lambda right, user_id, limit: [*right(user_id, 99)][::-1][:limit],
)
BOOKS.add(
    "history.history",
    "is unknown and has a history",
    history=lambda right, user_id, limit: right.__self__.holds()[::-1][:limit],
)
BOOKS.add("audit.sum", "the totals are wrong", audit=after(lambda audit: evolve(audit, held=0)))
BOOKS.races("audit.sum", "left a problem", "_settle", "_holds", lambda hold: hold.state is HELD)
BOOKS.add("audit.problems", "exp == before is overdue", audit=after(lambda audit: evolve(audit, problems=[])))
