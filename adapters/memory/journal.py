"""The journal of the memory's feed and statistics."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import field, frozen

from ...core import names
from ...ports.journal import EVENTS, Entry
from .goals import MemoryGoals
from .passes import MemoryPasses
from .services import MemoryFeed, MemoryTracker

_NAMES = ("user_id", "triggered_by", "triggerer")


@frozen(kw_only=True)
class MemoryJournal:
    """Feed and statistics in memory do not keep when something was."""

    feed: MemoryFeed = field(factory=MemoryFeed)
    tracker: MemoryTracker = field(factory=MemoryTracker)
    goals: MemoryGoals = field(factory=MemoryGoals)
    passes: MemoryPasses = field(factory=MemoryPasses)

    def entries(self, goal_id: str, streamer_id: str | None, transactions: Collection[str]) -> Sequence[Entry]:
        found = [
            Entry(event=event, occurrence=occurrence, reason=_reason(properties))
            for (event, occurrence), properties in self.tracker.tracked.items()
            if event in EVENTS and occurrence in (goal_id, *transactions)
        ]
        fed = (streamer_id, goal_id) in self.feed.entries
        return [*found, *([Entry(event=names.GOAL_ADDED, occurrence=goal_id)] if fed else [])]

    def forget(self, user_id: str, alias: str) -> Mapping[str, int]:
        goals, payments, left = self.goals.rename(user_id, alias)
        fed = [key for key in self.feed.entries if key[0] == user_id]
        for key in fed:
            del self.feed.entries[key]
        statistics = 0
        for (event, occurrence), told in [*self.tracker.tracked.items()]:
            new = names.renamed_transaction(occurrence, user_id, alias), _renamed(told, user_id, alias)
            if new != (occurrence, told):
                del self.tracker.tracked[event, occurrence]
                self.tracker.tracked[event, new[0]] = new[1]
                statistics += 1
        passes = self.passes.drop(user_id)
        changed = {"goals": goals, "payments": payments, "statistics": statistics, "feed": len(fed), "passes": passes}
        return {**changed, "left": left}


def _renamed(told: Mapping[str, object], user_id: str, alias: str) -> Mapping[str, object]:
    new: dict[str, object] = {**told}
    for name, value in told.items():
        if name in _NAMES and value == user_id:
            new[name] = alias
        elif name == "metadata" and isinstance(value, Mapping):
            new[name] = _renamed(value, user_id, alias)
        elif name == "insert_id" and isinstance(value, str):
            new[name] = names.renamed_transaction(value, user_id, alias)
    return new


def _reason(properties: Mapping[str, object]) -> str | None:
    reason = properties.get("reason")
    return reason if isinstance(reason, str) else None
