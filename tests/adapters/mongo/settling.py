"""Settlements of a hold that are interrupted anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.core.money import Hold
from tests.builders import VIEWER, a_hold

from .crashing import interrupted_anywhere
from .documents import Document

EachInterrupted = Callable[[Callable[[Hold], object], int], Iterator[tuple[Hold, MongoWallet]]]


def interrupting(wallet: MongoWallet, database: Database[Document], settings: MongoSettings) -> EachInterrupted:
    """Returns a function that yields a new hold of 90, not placed yet, and a wallet whose next call is interrupted.

    It is interrupted before its first command, the next wallet before its second, until a call is not interrupted. The
    call must have had so many commands. VIEWER begins with 100 each time.
    """

    def each(interrupt: Callable[[Hold], object], at_least: int) -> Iterator[tuple[Hold, MongoWallet]]:
        holds: list[Hold] = []
        for slow in interrupted_anywhere(database, lambda: interrupt(holds[-1]), at_least):
            wallet.credit(VIEWER, 100 - wallet.balance(VIEWER).available)
            holds.append(a_hold(goal_id=f"60a2{len(holds):020x}"))
            yield holds[-1], MongoWallet(slow, settings)

    return each
