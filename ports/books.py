"""The books of a wallet: what operators, tests and tools ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ..core.model import Audit, Balance, Hold


class Books(Protocol):
    """What operators ask of a wallet. The flow never calls it, so a wallet works without.

    Amounts are whole numbers of the smallest unit of money (D17). Every method may raise WalletUnavailable.
    """

    def balance(self, user_id: str) -> Balance:
        """Return the user's money: available, and held in escrows.

        Promises:
            - balance: Placing and settling holds moves the amount between available and held.
            - nobody: An unknown user has 0 available and 0 held.
        """
        ...

    def history(self, user_id: str, limit: int) -> Sequence[Hold]:
        """Return the last holds that the user placed.

        Promises:
            - history: At most ``limit`` holds in any state, the newest first, of this user only.
        """
        ...

    def audit(self, before: datetime) -> Audit:
        """Add up all accounts and holds (L6).

        It reads everything, and its result is exact only while nothing is being written.

        Promises:
            - sum: The totals available, held and deposited. Available and held add up to deposited.
            - problems: One problem for each amount that is negative or does not add up, and for each hold that is still
              held although its exp is ``before`` or earlier.
        """
        ...
