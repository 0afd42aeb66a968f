"""Time comes in through here: nothing else asks the machine."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present. It is aware and UTC. It is in whole milliseconds, which is what a store keeps."""
        ...
