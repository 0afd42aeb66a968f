"""A clock and ids that are the same in every run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryClock:
    """A clock that moves only when you move it."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by

    def move_to(self, now: datetime) -> None:
        self._now = now


class MemoryIds:
    """``000000000000000000000001``, ``...2`` and so on. Different ``prefix`` (hex), different ids."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._count = count(1)

    def new(self) -> str:
        return self._prefix + format(next(self._count), f"0{24 - len(self._prefix)}x")
