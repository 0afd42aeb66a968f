"""What the parts of the suite for wallets share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import frozen

from ...core.model import Hold, HoldState
from ...ports.wallet import Wallet
from .examples import EXP, STREAMER, STREAMER_2, TICK, VIEWER, VIEWER_2, a_hold
from .promise import Conformance

Credit = Callable[[str, int], object]


@frozen(kw_only=True)
class WalletUnderTest:
    wallet: Wallet
    """Without money."""
    credit: Credit
    """Gives a user, known or not, an amount to spend."""


class WalletSuite(Conformance[WalletUnderTest]):
    audits = True
    """False for a wallet that cannot add everything up: the flow does not need it, its operators do."""

    keeps_history = True
    """False for a wallet that does not tell a user's payments in their order: the flow does not need it."""

    @pytest.fixture
    def wallet(self, under_test: WalletUnderTest) -> Wallet:
        return under_test.wallet

    @pytest.fixture
    def credit(self, under_test: WalletUnderTest) -> Credit:
        return under_test.credit

    def sound(self, wallet: Wallet, deposited: int) -> None:
        """Money is neither made nor lost (L6)."""
        balances = [wallet.balance(user_id) for user_id in (VIEWER, VIEWER_2, STREAMER, STREAMER_2)]
        assert sum(balance.available + balance.held for balance in balances) == deposited, "money was lost or made"
        if self.audits:
            assert [*wallet.audit(EXP - TICK).problems] == [], "the wallet itself finds something wrong"


def settle(wallet: Wallet, way: HoldState, hold: Hold | None = None) -> Hold:
    settle = wallet.release if way is HoldState.RELEASED else wallet.refund
    return settle((hold or a_hold()).transaction_id)


def available(wallet: Wallet, user_id: str = VIEWER) -> int:
    return wallet.statement(user_id, None).available
