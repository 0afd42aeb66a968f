"""Channel caches that break a promise."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from show_goal.adapters.memory import MemoryChannelCache
from show_goal.testing.conformance import ChannelCacheConformance, ChannelCacheUnderTest

from .breaking import WrongAdapters

WRONG = WrongAdapters()


@WRONG.breaks("invalidate.forgotten", "stale data is still there")
class TheFirstAlone(MemoryChannelCache):
    def invalidate(self, channels: Sequence[str]) -> None:
        super().invalidate(channels[:1])


@WRONG.breaks("invalidate.others", "another channel's data is gone")
class Everything(MemoryChannelCache):
    def invalidate(self, channels: Sequence[str]) -> None:
        self.data.clear()


@WRONG.breaks("invalidate.others", "invalidating nothing emptied the cache")
class EverythingForNothing(MemoryChannelCache):
    def invalidate(self, channels: Sequence[str]) -> None:
        super().invalidate(channels or [*self.data])


@WRONG.breaks("invalidate.repeated", "KeyError(")
class Raising(MemoryChannelCache):
    def invalidate(self, channels: Sequence[str]) -> None:
        for channel in channels:
            if channel in self.forgotten:
                raise KeyError(channel)
            self.forgotten.add(channel)
        super().invalidate(channels)

    def __init__(self) -> None:
        super().__init__()
        self.forgotten: set[str] = set()


class TestWrongChannelCaches(ChannelCacheConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> ChannelCacheUnderTest:
        cache: MemoryChannelCache = request.param.adapter()
        return ChannelCacheUnderTest(
            channel_cache=cache,
            put=lambda channel: cache.data.update({channel: "data"}),
            cached=lambda channel: channel in cache.data,
        )
