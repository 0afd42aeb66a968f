"""What viewers who join a goal were promised, until a worker has held it (D30)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ..core.money import Pledge, Statement

MOST_PLEDGES = 100
"""How many a user has at most."""


class Pledges(Protocol):
    """What a wallet remembers beside the money. A wallet that does not have these methods works too (D30).

    A pledge moves no money, and no balance or audit counts it. Every method may raise WalletUnavailable. Every method
    may be called by many at once.
    """

    def pledge(self, user_id: str, transaction_id: str, pledge: Pledge | None, now: datetime) -> Statement:
        """Keep ``pledge``, unless one with this transaction id is there. Return the statement with the one that stays.

        One atomic step: a viewer waits for it. Pass None to ask only; then nothing changes.

        Promises:
            - statement: What ``Wallet.statement`` returns, with this user's pledge for the transaction, if any.
            - first: The first pledge stays, even if many calls race.
            - payable: A pledge is kept only if its amount is available and the hold is not placed. A pledge of 0 needs
              no account.
            - over: A pledge is gone once its hold is placed or refused for want of money, and from its exp on.
            - bound: A user has at most 100 pledges. The oldest one makes room for a new one.
            - money: No money moves, and the pledged amount may be spent elsewhere.
        """
        ...

    def take_back(self, user_id: str, transaction_id: str) -> None:
        """Forget a pledge whose request failed, unless another request asked for the same duration.

        May be repeated.

        Promises:
            - forgotten: A pledge that was asked for once is gone. Others stay.
            - shared: A pledge that was asked for again stays: that request may have been accepted.
        """
        ...
