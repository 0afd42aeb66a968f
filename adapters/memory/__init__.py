"""Every port in memory: for a host's tests, the demo and the simulator. Thread-safe and deterministic.

May import core and ports; no other adapter.
"""

from .goals import MemoryGoals
from .journal import MemoryJournal
from .keyed_requests import MemoryKeyedRequests
from .passes import MemoryPasses
from .services import (
    MemoryChannelAuthorizer,
    MemoryChannelCache,
    MemoryFeed,
    MemoryNotifier,
    MemoryRtcSources,
    MemorySweeps,
    MemoryTracker,
)
from .sessions import MemorySessions
from .task_queue import MemoryTaskQueue, MemoryWorker
from .time_and_ids import MemoryClock, MemoryIds
from .wallet import MemoryWallet

__all__ = [
    "MemoryChannelAuthorizer",
    "MemoryChannelCache",
    "MemoryClock",
    "MemoryFeed",
    "MemoryGoals",
    "MemoryIds",
    "MemoryJournal",
    "MemoryKeyedRequests",
    "MemoryNotifier",
    "MemoryPasses",
    "MemoryRtcSources",
    "MemorySessions",
    "MemorySweeps",
    "MemoryTaskQueue",
    "MemoryTracker",
    "MemoryWallet",
    "MemoryWorker",
]
