"""Wallets that break a promise of settling, or of looking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.model import Audit, Balance, Hold, HoldState
from show_goal.testing.conformance import WalletConformance, WalletUnderTest

from .breaking import Gap, WrongAdapters, racing

WRONG = WrongAdapters()


@WRONG.breaks("release.pays", "0 is an amount like any other")
class FreeStaysHeld(MemoryWallet):
    def release(self, transaction_id: str) -> Hold:
        free = self._holds.get(transaction_id)
        return free if free is not None and not free.amount else super().release(transaction_id)


@WRONG.breaks("release.pays", "the viewer's money is not what it should be", "release.once")
class PaysThePayer(MemoryWallet):
    def release(self, transaction_id: str) -> Hold:
        released = super().refund(transaction_id)
        if released.state is HoldState.REFUNDED and transaction_id not in self._refunded:
            released = self._holds[transaction_id] = evolve(released, state=HoldState.RELEASED)
        return released

    def refund(self, transaction_id: str) -> Hold:
        refunded = super().refund(transaction_id)
        if refunded.state is HoldState.REFUNDED:
            self._refunded.add(transaction_id)
        return refunded

    def __init__(self) -> None:
        super().__init__()
        self._refunded: set[str] = set()


@WRONG.breaks("release.once", "one that is refunded stays refunded")
class SettlesAgain(MemoryWallet):
    def _settle(self, transaction_id: str, state: HoldState) -> Hold:
        hold = self._holds.get(transaction_id)
        if hold is not None and hold.state not in (HoldState.HELD, state):
            self._holds[transaction_id] = evolve(hold, state=HoldState.HELD)
        return super()._settle(transaction_id, state)


@WRONG.breaks("release.once", "a repeat moved money")
class PaysAgain(MemoryWallet):
    def _settle(self, transaction_id: str, state: HoldState) -> Hold:
        before = self._holds.get(transaction_id)
        settled = super()._settle(transaction_id, state)
        if before is not None and before.state is settled.state:
            self._move(settled.to_user_id, available=settled.amount)
        return settled


@WRONG.breaks("release.once", "money was lost or made")
class SettlesAgainInARace(MemoryWallet):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def _settle(self, transaction_id: str, state: HoldState) -> Hold:
        before = self._holds.get(transaction_id)
        with self._gap:
            if before is not None and before.state is HoldState.HELD:
                self._holds[transaction_id] = before
            return super()._settle(transaction_id, state)


@WRONG.breaks("release.unknown", "KeyError('session:trigger-private")
class RaisesKeyError(MemoryWallet):
    def _settle(self, transaction_id: str, state: HoldState) -> Hold:
        if transaction_id not in self._holds:
            raise KeyError(transaction_id)
        return super()._settle(transaction_id, state)


@WRONG.breaks("refund.gives_back", "the viewer did not get the amount back")
class RefundsThePayee(MemoryWallet):
    """Right in a race, where it would be right or wrong by whether a release or a refund comes first."""

    def _settle(self, transaction_id: str, state: HoldState) -> Hold:
        if racing():
            return super()._settle(transaction_id, state)
        held = self._holds.get(transaction_id)
        settled = super()._settle(transaction_id, HoldState.RELEASED)
        if held is None or held.state is not HoldState.HELD:
            return settled
        self._holds[transaction_id] = evolve(settled, state=state)
        return self._holds[transaction_id]


@WRONG.breaks("find.found", "it is hidden once settled")
class FindsHeldAlone(MemoryWallet):
    def find(self, transaction_id: str) -> Hold | None:
        hold = super().find(transaction_id)
        return hold if hold is not None and hold.state is HoldState.HELD else None


@WRONG.breaks("holds_of.holds", "settling neither hides nor moves a hold")
class HidesSettledDeposits(MemoryWallet):
    def holds_of(self, escrow_id: str) -> Sequence[Hold]:
        return [hold for hold in super().holds_of(escrow_id) if hold.state is HoldState.HELD]


@WRONG.breaks("holds_of.holds", "of this escrow, in the order of payment")
class TheLastDepositFirst(MemoryWallet):
    def holds_of(self, escrow_id: str) -> Sequence[Hold]:
        return [*super().holds_of(escrow_id)][::-1]


class Front:
    """A wallet behind another service, which may look at it wrongly."""

    def __init__(self) -> None:
        self.wallet = MemoryWallet()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wallet, name)


@WRONG.breaks("balance.balance", "two holds of 10 are held")
class OneHoldABalance(Front):
    def balance(self, user_id: str) -> Balance:
        balance = self.wallet.balance(user_id)
        return evolve(balance, held=min(balance.held, 10))


@WRONG.breaks("balance.nobody", "ValueError('malformed')")
class RefusesMalformedIds(Front):
    def balance(self, user_id: str) -> Balance:
        if len(user_id) != 24:
            raise ValueError("malformed")
        return self.wallet.balance(user_id)


@WRONG.breaks("history.history", "the newest first, whatever their state")
class TheOldestFirst(MemoryWallet):
    def history(self, user_id: str, limit: int) -> Sequence[Hold]:
        return [hold for hold in self.holds() if hold.from_user_id == user_id][:limit]


@WRONG.breaks("overdue.due", "a settled hold is overdue")
class SettledIsOverdue(MemoryWallet):
    def overdue(self, before: datetime, limit: int) -> Sequence[Hold]:
        ended = [(hold.exp, hold) for hold in self.holds() if hold.exp is not None and hold.exp <= before]
        return [hold for _, hold in sorted(ended, key=lambda pair: pair[0])][:limit]


@WRONG.breaks("overdue.limit", "these are not the oldest, or not so many")
class TheFirstPaidAreOverdue(MemoryWallet):
    def overdue(self, before: datetime, limit: int) -> Sequence[Hold]:
        found = super().overdue(before, len(self._holds))
        return [hold for hold in self.holds() if hold in found][:limit]


@WRONG.breaks("audit.sum", "it was added up wrongly")
class ForgetsWhatIsHeld(MemoryWallet):
    def audit(self, before: datetime) -> Audit:
        return evolve(super().audit(before), held=0)


@WRONG.breaks("audit.problems", "exp == before is still held")
class FindsNoProblem(MemoryWallet):
    def audit(self, before: datetime) -> Audit:
        return evolve(super().audit(before), problems=[])


class TestWrongWallets(WalletConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> WalletUnderTest:
        wallet: MemoryWallet = request.param.adapter()
        return WalletUnderTest(wallet=wallet, credit=wallet.credit)
