"""What :class:`show_goal.ports.wallet.Wallet` promises."""

from __future__ import annotations

from .wallet_books import Books
from .wallet_holding import Holding
from .wallet_repeating import Repeating
from .wallet_settling import Settling
from .wallet_suite import WalletUnderTest

__all__ = ["WalletConformance", "WalletUnderTest"]


class WalletConformance(Books, Settling, Repeating, Holding):
    """``under_test`` gives :class:`WalletUnderTest`: the adapter, with what gives a user money."""
