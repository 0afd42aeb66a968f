"""Ids that are the same in every run."""

from __future__ import annotations

from itertools import count


class MemoryIds:
    """``000000000000000000000001``, ``...2`` and so on; ``prefix`` (hex) tells one source from another."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._count = count(1)

    def new(self) -> str:
        return self._prefix + format(next(self._count), f"0{24 - len(self._prefix)}x")
