"""The statistics on goals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Tracker(Protocol):
    def track(self, event: str, occurrence: str, properties: Mapping[str, object]) -> None:
        """Record what happened, with its properties. May raise Unavailable.

        It is recorded once: a repeat changes nothing, also at the same moment (D19). ``occurrence`` tells one ``event``
        from another: the goal's id, or what made it progress.
        """
        ...
