"""What :class:`show_goal.ports.channel_cache.ChannelCache` promises."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from attrs import frozen

from ...core.names import cached_channels
from ...ports.channel_cache import ChannelCache
from .examples import STREAMER, STREAMER_2
from .promise import Conformance, Promise
from .races import CALLERS, at_once

CHANNELS = cached_channels(STREAMER)
OTHERS = cached_channels(STREAMER_2)


@frozen(kw_only=True)
class ChannelCacheUnderTest:
    channel_cache: ChannelCache
    """Empty."""
    put: Callable[[str], object]
    """Caches some data for a channel."""
    cached: Callable[[str], bool]
    """Says whether the cache has data for a channel."""


class ChannelCacheConformance(Conformance[ChannelCacheUnderTest]):
    """``under_test`` returns :class:`ChannelCacheUnderTest`: the adapter, and functions that fill and read it."""

    def take(self, under_test: ChannelCacheUnderTest) -> None:
        self.invalidate = under_test.channel_cache.invalidate
        self.put, self.cached = under_test.put, under_test.cached

    @Promise(ChannelCache.invalidate, "forgotten")
    def test_the_data_of_every_named_channel_is_deleted_d25(self) -> None:
        for channel in CHANNELS:
            self.put(channel)
        self.invalidate(CHANNELS)
        assert [channel for channel in CHANNELS if self.cached(channel)] == [], "stale data is still there"

    @Promise(ChannelCache.invalidate, "others")
    def test_other_channels_keep_their_data_d25(self) -> None:
        for channel in OTHERS:
            self.put(channel)
        for named in (CHANNELS, CHANNELS[:0]):
            self.invalidate(named)
            assert [channel for channel in OTHERS if not self.cached(channel)] == [], "another channel's data is gone"

    @Promise(ChannelCache.invalidate, "repeated")
    def test_repeats_are_harmless(self) -> None:
        self.put(CHANNELS[0])
        for _ in range(2):
            self.invalidate(CHANNELS)
            assert not self.cached(CHANNELS[0]), "stale data is still there"
        self.put(CHANNELS[0])
        assert self.cached(CHANNELS[0]), "the channel cannot be cached again"

    @Promise(ChannelCache.invalidate, "repeated")
    def test_many_repeats_at_once_are_harmless(self) -> None:
        self.put(CHANNELS[0])
        at_once([partial(self.invalidate, CHANNELS)] * CALLERS)
        assert not self.cached(CHANNELS[0]), "stale data survived a race"
