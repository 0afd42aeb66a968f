"""The cache of data for those who subscribe to a channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class ChannelCache(Protocol):
    def invalidate(self, channels: Sequence[str]) -> None:
        """Delete the cached data of these channels. May raise StoreUnavailable.

        Promises:
            - forgotten: The data of every named channel is deleted.
            - others: Other channels keep their data.
            - repeated: Repeats are harmless, also at the same moment.
        """
        ...
