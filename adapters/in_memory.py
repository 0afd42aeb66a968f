"""The in-memory adapters, wired to one another."""

from __future__ import annotations

from typing import Any

from dependency_injector import containers, providers

from . import memory


class InMemoryAdapters(containers.DeclarativeContainer):
    clock = providers.ThreadSafeSingleton(memory.MemoryClock)
    ids = providers.ThreadSafeSingleton(memory.MemoryIds)
    sessions = providers.ThreadSafeSingleton(memory.MemorySessions)
    goals = providers.ThreadSafeSingleton(memory.MemoryGoals)
    viewers = providers.ThreadSafeSingleton(memory.MemoryViewers)
    wallet = providers.ThreadSafeSingleton(memory.MemoryWallet)
    task_queue = providers.ThreadSafeSingleton(memory.MemoryTaskQueue, clock=clock)
    notifier = providers.ThreadSafeSingleton(memory.MemoryNotifier)
    channel_authorizer = providers.ThreadSafeSingleton(memory.MemoryChannelAuthorizer)
    feed = providers.ThreadSafeSingleton(memory.MemoryFeed)
    tracker = providers.ThreadSafeSingleton(memory.MemoryTracker)
    channel_cache = providers.ThreadSafeSingleton(memory.MemoryChannelCache)
    rtc_sources = providers.ThreadSafeSingleton(memory.MemoryRtcSources)

    tasks: providers.Provider[Any] = providers.Dependency()
    worker = providers.ThreadSafeSingleton(memory.MemoryWorker, task_queue, tasks, clock)
