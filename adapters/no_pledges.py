"""For a wallet that remembers no pledges: a joiner's promise is known once a worker has held it (D30)."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from attrs import frozen

from ..core.money import Pledge, Statement
from ..ports.pledges import Pledges
from ..ports.wallet import Wallet


@frozen
class NoPledges:
    wallet: Wallet

    def pledge(self, user_id: str, transaction_id: str, pledge: Pledge | None, now: datetime) -> Statement:
        return self.wallet.statement(user_id, transaction_id)

    def take_back(self, user_id: str, transaction_id: str) -> None:
        """There is nothing to take back."""


def pledges_of(wallet: Wallet) -> Pledges:
    """The wallet itself, if it has the methods."""
    remembers = all(hasattr(wallet, name) for name in ("pledge", "take_back"))
    return cast("Pledges", wallet) if remembers else NoPledges(wallet)
