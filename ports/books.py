"""The books of a wallet: what operators, tests and tools ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ..core.money import Audit, Balance, Hold, Payment


class Books(Protocol):
    """What operators ask of a wallet. The flow never calls it, so a wallet works without.

    Amounts are whole numbers of the smallest unit of money (D17). Every method may raise WalletUnavailable.
    """

    def deposit(self, payment_id: str, user_id: str, amount: int) -> Payment:
        """Bring money into the user's available balance. A top-up that is delivered twice counts once.

        If a call is interrupted, a repeat completes it. Raises TransactionConflict. An amount below 1 is a ValueError.

        Promises:
            - brings: The user's available balance grows by the amount, also if there is no account yet.
            - once: A payment id counts once, even if many race. Every later call returns the same payment and moves
              nothing.
            - conflict: TransactionConflict is raised if the id is already that of another user, another amount or a
              withdrawal. Nothing moves.
            - told: Deposits and withdrawals are in the user's ``history``, and ``audit`` counts them.
        """
        ...

    def withdraw(self, payment_id: str, user_id: str, amount: int) -> Payment:
        """Take money out of the user's available balance. Otherwise like ``deposit``.

        A payment id is that of a deposit or of a withdrawal. Raises InsufficientBalance, too, and moves nothing then.

        Promises:
            - takes: The user's available balance shrinks by the amount. Money that was released to the user counts.
            - overdraft: InsufficientBalance is raised if less than the amount is available, even if many race. What is
              held is not available. The same withdrawal may be made later.
        """
        ...

    def balance(self, user_id: str) -> Balance:
        """Return the user's money: available, and held in escrows.

        Promises:
            - balance: Placing and settling holds moves the amount between available and held.
            - nobody: An unknown user has 0 available and 0 held.
        """
        ...

    def history(self, user_id: str, limit: int) -> Sequence[Hold | Payment]:
        """Return the last holds that the user placed, and the last payments.

        Promises:
            - history: At most ``limit`` holds in any state, and payments, the newest first, of this user only.
        """
        ...

    def audit(self, before: datetime) -> Audit:
        """Add up all accounts, holds and payments (L6).

        It reads everything, and its result is exact only while nothing is being written.

        Promises:
            - sum: The totals available, held and deposited. Available and held add up to deposited, which is what was
              brought in less what was withdrawn.
            - problems: One problem for each amount that is negative or does not add up, and for each hold that is still
              held although its exp is ``before`` or earlier.
        """
        ...
