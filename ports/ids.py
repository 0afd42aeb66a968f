"""New ids, so that a request knows its goal before any task runs (D1)."""

from __future__ import annotations

from typing import Protocol


class Ids(Protocol):
    def new(self) -> str:
        """Return a new ObjectId, as text.

        Promises:
            - hex: The id has 24 hex digits.
            - once: An id is returned once, even if many threads ask at once.
            - everywhere: No other process returns the same id.
        """
        ...
