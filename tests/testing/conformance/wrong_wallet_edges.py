"""Wallets that are wrong by one thing that is easily overlooked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.errors import InsufficientBalance
from show_goal.core.model import Hold
from show_goal.testing.conformance import WalletConformance, WalletUnderTest

from .breaking import WrongAdapters

WRONG = WrongAdapters()


@WRONG.breaks("hold.once", "the first telling of the rest stands")
class TheLastTellingStands(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        standing = super().hold(hold)
        self._holds[hold.transaction_id] = evolve(hold, state=standing.state)
        return self._holds[hold.transaction_id]


@WRONG.breaks("hold.once", "InsufficientBalance(")
class LooksAtTheBalanceFirst(MemoryWallet):
    def hold(self, hold: Hold) -> Hold:
        standing = self._holds.get(hold.transaction_id)
        same = standing is not None and standing.same_transfer(hold)
        if same and self.balance(hold.from_user_id).available < hold.amount:
            raise InsufficientBalance("too little")
        return super().hold(hold)


@WRONG.breaks("overdue.due", "exp == before is overdue, no exp never is")
class NotAtExp(MemoryWallet):
    def overdue(self, before: datetime, limit: int) -> Sequence[Hold]:
        return [hold for hold in super().overdue(before, limit) if hold.exp != before]


@WRONG.breaks("history.history", "somebody else's payments were told")
class EverybodysHistory(MemoryWallet):
    def history(self, user_id: str, limit: int) -> Sequence[Hold]:
        return self.holds()[::-1][:limit]


class TestWrongWallets(WalletConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> WalletUnderTest:
        wallet: MemoryWallet = request.param.adapter()
        return WalletUnderTest(wallet=wallet, credit=wallet.credit)
