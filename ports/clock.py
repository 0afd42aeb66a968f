"""The time. Nothing else in the flow asks the machine for it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the current time.

        Promises:
            - utc: The time is aware and in UTC.
            - milliseconds: The time is in whole milliseconds, because MongoDB keeps no more.
        """
        ...
