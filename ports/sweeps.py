"""The record of the last sweep: for operators, and for the next sweep."""

from __future__ import annotations

from typing import Protocol

from ..core.last_sweep import LastSweep


class Sweeps(Protocol):
    """A sweep works without: what fails here is passed over. Each method may raise StoreUnavailable."""

    def record(self, sweep: LastSweep) -> None:
        """Record a sweep that has ended.

        Promises:
            - recorded: The record takes the place of the one before, with every field.
        """
        ...

    def last(self) -> LastSweep | None:
        """Return the sweep that was recorded last.

        Promises:
            - none: None if no sweep was ever recorded.
        """
        ...
