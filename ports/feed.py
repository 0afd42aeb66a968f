"""The livestream feed: what a streamer's followers see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Feed(Protocol):
    def publish(self, streamer_id: str, goal_id: str, entry: Mapping[str, object]) -> None:
        """Put an entry for the goal into the streamer's feed. May raise StoreUnavailable.

        Promises:
            - entered: The entry is in this streamer's feed only, unchanged.
            - each: Each goal has its own entry.
            - once: A goal has one entry. A repeat changes nothing, also at the same moment (D19).
        """
        ...
