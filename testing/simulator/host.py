"""What a host may put in the place of what the library brings: adapters, receivers, invariants of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ...adapters.container import Container
from ...adapters.memory import (
    MemoryChannelCache,
    MemoryFeed,
    MemoryGoals,
    MemoryNotifier,
    MemoryRtcSources,
    MemorySessions,
    MemoryTracker,
    MemoryWallet,
)
from ...core.model import Session
from ...core.settings import Settings
from ...ports.clock import Clock
from .worker import Worker

if TYPE_CHECKING:
    from .world import World

Invariant = Callable[["World"], Iterator[str]]
"""Yields a sentence for each breach, with the ids. The first line of its docstring is the promise."""


class Host:
    """The library as it comes, in memory. Override what is yours; every run asks for everything anew."""

    settings = Settings(
        cooldown=timedelta(seconds=10), settle_delay=timedelta(seconds=30), eta_horizon=timedelta(seconds=120)
    )
    invariants: Sequence[Invariant] = ()
    """Asked after every step, besides the library's own."""
    at_the_end: Sequence[Invariant] = ()
    """Asked once everything has come to rest."""
    worker: type[Worker] = Worker

    def adapters(self, clock: Clock) -> dict[str, Any]:
        """An empty adapter for each port but clock, ids and task queue, which are the simulator's."""
        return {
            "sessions": MemorySessions(),
            "goals": MemoryGoals(),
            "wallet": MemoryWallet(),
            "notifier": MemoryNotifier(),
            "feed": MemoryFeed(),
            "tracker": MemoryTracker(),
            "channel_cache": MemoryChannelCache(),
            "rtc_sources": MemoryRtcSources(),
        }

    def credit(self, adapters: Mapping[str, Any], user_id: str, amount: int) -> None:
        """Give a user money to spend."""
        adapters["wallet"].credit(user_id, amount)

    def put_session(self, adapters: Mapping[str, Any], session: Session) -> None:
        """Store a session as it is, replacing one with its id."""
        adapters["sessions"].add(session)

    def snapshots_rest(self, adapters: Mapping[str, Any], streamer_id: str) -> bool:
        """What whoever takes the snapshots reads."""
        return bool(adapters["rtc_sources"].stopped(streamer_id))

    def connect(self, container: Container) -> None:
        """Connect receivers to ``container.namespace()``; override what else should be different."""
