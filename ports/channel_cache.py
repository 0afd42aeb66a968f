"""What is cached for those who subscribe to a channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class ChannelCache(Protocol):
    def invalidate(self, channels: Sequence[str]) -> None:
        """Forget the cached data of these channels. Every other channel keeps its data.

        Repeating it is harmless, also at the same moment. May raise Unavailable.
        """
        ...
