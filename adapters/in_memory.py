"""Every port in memory. What is made of other adapters is made of those that you pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from .memory import (
    MemoryChannelAuthorizer,
    MemoryChannelCache,
    MemoryClock,
    MemoryFeed,
    MemoryGoals,
    MemoryIds,
    MemoryJournal,
    MemoryKeyedRequests,
    MemoryNotifier,
    MemoryPasses,
    MemoryRtcSources,
    MemorySessions,
    MemorySweeps,
    MemoryTaskQueue,
    MemoryTracker,
    MemoryWallet,
)
from .swappable import Ports

T = TypeVar("T")


def ports(given: Ports) -> Ports:
    clock = given.get("clock", MemoryClock())
    feed, tracker = _ours(MemoryFeed, given, "feed"), _ours(MemoryTracker, given, "tracker")
    goals, passes = _ours(MemoryGoals, given, "goals"), _ours(MemoryPasses, given, "passes")
    return {
        "clock": clock,
        "ids": MemoryIds(),
        "sessions": MemorySessions(),
        "goals": goals,
        "passes": passes,
        "wallet": MemoryWallet(),
        "task_queue": MemoryTaskQueue(clock),
        "notifier": MemoryNotifier(),
        "channel_authorizer": MemoryChannelAuthorizer(),
        "feed": feed,
        "tracker": tracker,
        "channel_cache": MemoryChannelCache(),
        "rtc_sources": MemoryRtcSources(),
        "sweeps": MemorySweeps(),
        "keyed_requests": MemoryKeyedRequests(),
        "journal": MemoryJournal(feed=feed, tracker=tracker, goals=goals, passes=passes),
    }


def _ours(kind: type[T], given: Mapping[str, Any], name: str) -> T:
    """The adapter in memory that was passed, or a new one."""
    one = given.get(name)
    return one if isinstance(one, kind) else kind()
