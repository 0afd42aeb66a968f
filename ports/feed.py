"""The livestream feed: what followers of a streamer see happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Feed(Protocol):
    def publish(self, streamer_id: str, goal_id: str, entry: Mapping[str, object]) -> None:
        """Put an entry into the streamer's feed, as it is. Each goal has an entry of its own.

        A goal is published once: a repeat changes nothing, also at the same moment (D19). May raise Unavailable.
        """
        ...
