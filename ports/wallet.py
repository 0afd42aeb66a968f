"""The wallet: balances, and the money that sits in escrow. Amounts are whole numbers of the smallest unit (D17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ..core.model import Audit, Balance, Hold, Statement


class Wallet(Protocol):
    """Every method may raise WalletUnavailable; every one may be repeated."""

    calls_back: bool
    """Whether the wallet reports its transactions to ``POST /notify/wallet/transaction`` itself (L1). For one that does
    not, the flow sends the same signals as soon as a hold stands."""

    def statement(self, user_id: str, transaction_id: str | None) -> Statement:
        """What the user has to spend: 0 for an unknown user. And the user's hold of that id if it is held (D14).

        Read from where writes are decided, never from a replica that lags.
        """
        ...

    def hold(self, hold: Hold) -> Hold:
        """Move ``hold.amount`` of ``hold.from_user_id`` from available to held; return the hold that stands.

        The hold stands as it was placed, every field of it. Atomic: available never goes below 0, and
        InsufficientBalance is raised instead (D18). The same transaction id holds once: the same transfer again moves
        nothing, settled or not (D15). TransactionConflict is raised, moving nothing, when the id stands with another
        amount, party or escrow. Free is held for anybody.
        """
        ...

    def release(self, transaction_id: str) -> Hold:
        """Pay the held amount to ``to_user_id``; return the hold as it stands (L3).

        A hold is settled once, whoever races and wherever a call before it broke off: one that is refunded stays
        refunded. Raises TransactionUnknown, moving nothing, when there is no such transaction.
        """
        ...

    def refund(self, transaction_id: str) -> Hold:
        """Give the held amount back to ``from_user_id``, and of no other hold; otherwise like ``release``."""
        ...

    def find(self, transaction_id: str) -> Hold | None:
        """The hold of that id, whatever its state; None when there never was one."""
        ...

    def holds_of(self, escrow_id: str) -> Sequence[Hold]:
        """Everything that was paid into the escrow, whatever its state, the first one first (D16)."""
        ...

    def overdue(self, before: datetime, limit: int) -> Sequence[Hold]:
        """Holds that are still held although their exp is ``before`` or earlier, and never one without exp (L6).

        Up to ``limit`` of them are returned, the oldest first. Costs no more than what it returns, however much has
        been settled.
        """
        ...

    def balance(self, user_id: str) -> Balance:
        """What the user has, available and held. Zeros for an unknown user."""
        ...

    def history(self, user_id: str, limit: int) -> Sequence[Hold]:
        """The user's last ``limit`` payments into escrows, whatever their state, the newest first."""
        ...

    def audit(self, before: datetime) -> Audit:
        """Add everything up: available + held = deposited (L6).

        A problem is named for each amount that is negative, does not add up, or is still held although its exp is
        ``before`` or earlier.

        Reads everything, and means something only while nothing is being written: for tests and operators.
        """
        ...
