"""The journal: what feed and statistics have kept about goals, for operators to read, and to forget a person in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from ..core import names

EVENTS = (names.GOAL_CREATED, names.GOAL_PROGRESSED, names.GOAL_ENDED, names.OPERATOR_REFUNDED)
"""What the tracker records of a goal, or of a transaction: the flow's events, and what operators did."""


@frozen(kw_only=True)
class Entry:
    """One event that was kept. ``at`` is when, None if that was not kept. ``reason`` is an operator's."""

    event: str
    occurrence: str
    """The goal's id, or the transaction's."""
    at: datetime | None = None
    reason: str | None = None


class Journal(Protocol):
    """What operators ask of feed and statistics. The flow never calls it. Each method may raise StoreUnavailable."""

    def entries(self, goal_id: str, streamer_id: str | None, transactions: Collection[str]) -> Sequence[Entry]:
        """Return what was kept about the goal, and about these transactions.

        Promises:
            - tracked: Each of ``EVENTS`` that the tracker has recorded for the goal or one of the transactions, and no
              other.
            - fed: ``goal.added``, if the goal is in the streamer's feed.
            - reason: An event whose properties have a ``reason`` has it.
        """
        ...
