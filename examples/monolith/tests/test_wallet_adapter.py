"""Our wallet adapter keeps the port's promises, over HTTP, on a real wallet service."""

from __future__ import annotations

from uuid import uuid4

import pytest

from examples.monolith.running import TOKEN
from examples.monolith.wallet_adapter import HttpWallet
from show_goal.testing.conformance import WalletConformance, WalletUnderTest


class TestOurWallet(WalletConformance):
    @pytest.fixture
    def under_test(self, wallet_service: str) -> WalletUnderTest:
        """On a book of the test's own."""
        wallet = HttpWallet(f"{wallet_service}/{uuid4().hex}", TOKEN, timeout=30)
        return WalletUnderTest(
            wallet=wallet, credit=lambda user_id, amount: wallet.deposit(uuid4().hex, user_id, amount)
        )
