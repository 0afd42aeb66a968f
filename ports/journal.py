"""The journal: what feed and statistics have kept about goals, for operators to read, and to forget a person in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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

    def forget(self, user_id: str, alias: str) -> Mapping[str, int]:
        """Put the alias in the place of the user's id, in what need not name a person (H5).

        Returns how much has changed, by kind, and as ``left`` how many goals that are not settled name the user. It may
        read whole collections. If a call is interrupted, a repeat completes it, with the alias of the first.

        Promises:
            - goals: A settled goal names the alias, in its metadata and in what counts for it. Its progress, and each
              amount and cost, stay.
            - tracked: What the tracker has recorded stays, and names the alias.
            - gone: The user's feed and passes are gone.
            - others: Other users stay as they are, and so do goals that are not settled. ``left`` counts those.
            - again: A repeat changes nothing.
        """
        ...
