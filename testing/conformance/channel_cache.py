"""What :class:`show_goal.ports.channel_cache.ChannelCache` promises."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from attrs import frozen

from ...core.names import cached_channels
from ...ports.channel_cache import ChannelCache
from .examples import STREAMER, STREAMER_2
from .promise import Conformance, Promise
from .races import CALLERS, at_once

Put = Callable[[str], object]
Cached = Callable[[str], bool]

FORGOTTEN = Promise(ChannelCache.invalidate, "forgotten", "Forget the cached data of these channels.")
OTHERS = Promise(ChannelCache.invalidate, "others", "Every other channel keeps its data.")
REPEATED = Promise(ChannelCache.invalidate, "repeated", "Repeating it is harmless, also at the same moment.")


@frozen(kw_only=True)
class ChannelCacheUnderTest:
    channel_cache: ChannelCache
    """Empty."""
    put: Put
    """Caches some data for a channel."""
    cached: Cached
    """Tells whether there is data for a channel in the cache."""


class ChannelCacheConformance(Conformance[ChannelCacheUnderTest]):
    """``under_test`` gives :class:`ChannelCacheUnderTest`: the adapter, with what fills the cache and looks into it."""

    @pytest.fixture
    def channel_cache(self, under_test: ChannelCacheUnderTest) -> ChannelCache:
        return under_test.channel_cache

    @pytest.fixture
    def put(self, under_test: ChannelCacheUnderTest) -> Put:
        return under_test.put

    @pytest.fixture
    def cached(self, under_test: ChannelCacheUnderTest) -> Cached:
        return under_test.cached

    @FORGOTTEN
    def test_invalidated_channels_are_forgotten_d25(
        self, channel_cache: ChannelCache, put: Put, cached: Cached
    ) -> None:
        channels = cached_channels(STREAMER)
        for channel in channels:
            put(channel)
        channel_cache.invalidate(channels)
        assert [channel for channel in channels if cached(channel)] == [], "stale data is still there"

    @OTHERS
    def test_other_channels_keep_their_data_d25(self, channel_cache: ChannelCache, put: Put, cached: Cached) -> None:
        others = cached_channels(STREAMER_2)
        for channel in others:
            put(channel)
        channel_cache.invalidate(cached_channels(STREAMER))
        assert [channel for channel in others if not cached(channel)] == [], "another channel's data is gone"

    @OTHERS
    def test_no_channels_are_no_error(self, channel_cache: ChannelCache, put: Put, cached: Cached) -> None:
        channel = cached_channels(STREAMER)[0]
        put(channel)
        channel_cache.invalidate([])
        assert cached(channel), "invalidating nothing emptied the cache"

    @REPEATED
    def test_repeating_is_harmless(self, channel_cache: ChannelCache, put: Put, cached: Cached) -> None:
        channel, *others = cached_channels(STREAMER)
        put(channel)
        channel_cache.invalidate([channel, *others])
        channel_cache.invalidate([channel, *others])
        assert not cached(channel), "stale data came back"
        put(channel)
        assert cached(channel), "a channel that was invalidated is not cached again"

    @REPEATED
    def test_many_at_once_are_harmless(self, channel_cache: ChannelCache, put: Put, cached: Cached) -> None:
        channels = cached_channels(STREAMER)
        put(channels[0])
        at_once([partial(channel_cache.invalidate, channels)] * CALLERS)
        assert not cached(channels[0]), "stale data survived a race"
