"""Wallets that break a promise of ``statement`` or ``hold``."""

from __future__ import annotations

from collections import defaultdict

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.errors import InsufficientBalance, TransactionConflict
from show_goal.core.model import Hold, Statement
from show_goal.testing.conformance import WalletConformance, WalletUnderTest

from .breaking import Gap, WrongAdapters

WRONG = WrongAdapters()


@WRONG.breaks("statement.available", "KeyError('zzzz")
class RaisesForUnknownUsers(MemoryWallet):
    def statement(self, user_id: str, transaction_id: str | None) -> Statement:
        if user_id not in self._balances:
            raise KeyError(user_id)
        return super().statement(user_id, transaction_id)


@WRONG.breaks("statement.hold", "nobody asked for a hold")
class TellsTheLastHold(MemoryWallet):
    def statement(self, user_id: str, transaction_id: str | None) -> Statement:
        of_user = [hold.transaction_id for hold in self.holds() if hold.from_user_id == user_id]
        return super().statement(user_id, transaction_id or (of_user[-1] if of_user else None))


@WRONG.breaks("statement.hold", "a settled hold is told as held")
class TellsSettledHolds(MemoryWallet):
    def statement(self, user_id: str, transaction_id: str | None) -> Statement:
        statement = super().statement(user_id, transaction_id)
        hold = self._holds.get(transaction_id or "")
        return evolve(statement, hold=hold if hold is not None and hold.from_user_id == user_id else None)


@WRONG.breaks("hold.moves", "amounts are integers, not floating point")
class Floats(MemoryWallet):
    def _move(self, user_id: str, *, available: int = 0, held: int = 0) -> None:
        super()._move(user_id, available=available if available > 0 else int(float(available)), held=held)


@WRONG.breaks("hold.whole", "a hold changed on its way into the store")
class NoDurationIsZero(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        return super().hold(evolve(hold, duration=hold.duration or 0))


@WRONG.breaks("hold.overdraft", "DID NOT RAISE")
class GivesCredit(MemoryWallet):
    def _place(self, hold: Hold) -> Hold:
        return _placed(self, hold)


@WRONG.breaks("hold.overdraft", "100 pay for 10 holds of 10")
class GivesCreditInARace(MemoryWallet):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def hold(self, hold: Hold) -> Hold:
        payable = self.balance(hold.from_user_id).available >= hold.amount
        with self._gap, self._lock:
            if payable and hold.transaction_id not in self._holds:
                return _placed(self, hold)
        return super().hold(hold)


@WRONG.breaks("hold.once", "a repeat was charged")
class ChargesAgain(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        standing = super().hold(hold)
        with self._lock:
            repeats = self._repeated[hold.transaction_id]
            self._repeated[hold.transaction_id] += 1
            if repeats:
                self._move(hold.from_user_id, available=-hold.amount)
        return standing

    def __init__(self) -> None:
        super().__init__()
        self._repeated: defaultdict[str, int] = defaultdict(int)


@WRONG.breaks("hold.once", "one transaction was charged more than once")
class ChargesAgainInARace(MemoryWallet):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def hold(self, hold: Hold) -> Hold:
        standing = self._holds.get(hold.transaction_id)
        self._gap.wait()
        with self._lock:
            now = self._holds.get(hold.transaction_id)
            if now is not None and not now.same_transfer(hold):
                raise TransactionConflict("it stands with other parameters")
            return standing or self._place(hold)


@WRONG.breaks("hold.conflict", "DID NOT RAISE")
class AnyTransferIsARepeat(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        return self._holds.get(hold.transaction_id) or super().hold(hold)


@WRONG.breaks("hold.conflict", "a conflict moves nothing")
class ConflictsCost(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        try:
            return super().hold(hold)
        except TransactionConflict:
            self._move(hold.from_user_id, available=-1)
            raise


@WRONG.breaks("hold.free", "InsufficientBalance(")
class FreeNeedsAnAccount(MemoryWallet):
    def _place(self, hold: Hold) -> Hold:
        if hold.from_user_id not in self._balances:
            raise InsufficientBalance("no account")
        return super()._place(hold)


def _placed(wallet: MemoryWallet, hold: Hold) -> Hold:
    """Without a look at the balance."""
    wallet._move(hold.from_user_id, available=-hold.amount, held=hold.amount)
    wallet._holds[hold.transaction_id] = hold
    return hold


class TestWrongWallets(WalletConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> WalletUnderTest:
        wallet: MemoryWallet = request.param.adapter()
        return WalletUnderTest(wallet=wallet, credit=wallet.credit)
