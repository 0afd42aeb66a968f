"""The journal of the memory's feed and statistics."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import field, frozen

from ...core import names
from ...ports.journal import EVENTS, Entry
from .services import MemoryFeed, MemoryTracker


@frozen(kw_only=True)
class MemoryJournal:
    """Feed and statistics in memory do not keep when something was."""

    feed: MemoryFeed = field(factory=MemoryFeed)
    tracker: MemoryTracker = field(factory=MemoryTracker)

    def entries(self, goal_id: str, streamer_id: str | None, transactions: Collection[str]) -> Sequence[Entry]:
        found = [
            Entry(event=event, occurrence=occurrence, reason=_reason(properties))
            for (event, occurrence), properties in self.tracker.tracked.items()
            if event in EVENTS and occurrence in (goal_id, *transactions)
        ]
        fed = (streamer_id, goal_id) in self.feed.entries
        return [*found, *([Entry(event=names.GOAL_ADDED, occurrence=goal_id)] if fed else [])]


def _reason(properties: Mapping[str, object]) -> str | None:
    reason = properties.get("reason")
    return reason if isinstance(reason, str) else None
