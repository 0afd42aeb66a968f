"""Every port in memory: for a host's tests, the demo and the simulator. Thread-safe and deterministic.

May import core and ports; no other adapter.
"""

from .channel_authorizer import MemoryChannelAuthorizer
from .clock import MemoryClock
from .goals import MemoryGoals
from .ids import MemoryIds
from .notices import MemoryChannelCache, MemoryFeed, MemoryNotifier, MemoryTracker
from .rtc_sources import MemoryRtcSources
from .sessions import MemorySessions
from .task_queue import MemoryTaskQueue, MemoryWorker
from .viewers import MemoryViewers
from .wallet import MemoryWallet

__all__ = [
    "MemoryChannelAuthorizer",
    "MemoryChannelCache",
    "MemoryClock",
    "MemoryFeed",
    "MemoryGoals",
    "MemoryIds",
    "MemoryNotifier",
    "MemoryRtcSources",
    "MemorySessions",
    "MemoryTaskQueue",
    "MemoryTracker",
    "MemoryViewers",
    "MemoryWallet",
    "MemoryWorker",
]
