"""Statistics about goals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Tracker(Protocol):
    def track(self, event: str, occurrence: str, properties: Mapping[str, object]) -> None:
        """Record an event with its properties. May raise StoreUnavailable.

        ``occurrence`` distinguishes events of the same name: the goal's id, or the transaction that made it progress.

        Promises:
            - recorded: The event is recorded with every property.
            - each: Each event of each occurrence is recorded.
            - once: An event of an occurrence is recorded once. A repeat changes nothing, also at the same moment (D19).
        """
        ...
