"""``_cls``: bare at every boundary (D5); mongoengine stores the path of classes that leads to it."""

from __future__ import annotations

_BASE = "Goal"


def stored_cls(name: str, *, dotted: bool) -> str:
    return f"{_BASE}.{name}" if dotted else name


def bare_cls(stored: str) -> str:
    return stored.rpartition(".")[2]
