"""Our wallet adapter keeps the promises of its ports, over HTTP, on a real wallet service."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest

from examples.monolith.running import TOKEN
from examples.monolith.wallet_adapter import HttpWallet
from show_goal.testing.conformance import BooksConformance, BooksUnderTest, WalletConformance, WalletUnderTest


@pytest.fixture
def wallet(wallet_service: str) -> HttpWallet:
    """A wallet with a fresh book, so that each test starts without accounts."""
    return HttpWallet(f"{wallet_service}/{uuid4().hex}", TOKEN, timeout=30)


def _credit(wallet: HttpWallet, user: str, amount: int) -> None:
    if amount:
        wallet.deposit(uuid4().hex, user, amount)


class TestOurWallet(WalletConformance):
    releases_parts = False

    @pytest.fixture
    def under_test(self, wallet: HttpWallet) -> WalletUnderTest:
        return WalletUnderTest(wallet=wallet, credit=partial(_credit, wallet))


class TestOurBooks(BooksConformance):
    @pytest.fixture
    def under_test(self, wallet: HttpWallet) -> BooksUnderTest:
        return BooksUnderTest(books=wallet, wallet=wallet, credit=partial(_credit, wallet))
