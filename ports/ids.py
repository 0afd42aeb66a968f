"""Ids come in through here, so that a request knows its goal before any task runs (D1)."""

from __future__ import annotations

from typing import Protocol


class Ids(Protocol):
    def new(self) -> str:
        """A fresh ObjectId. It is 24 hex digits. It was never handed out before, whoever asks at once.

        No other process hands it out either.
        """
        ...
