"""A part of a long list, and where the rest begins."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from attrs import field, frozen

T = TypeVar("T")


@frozen
class Page(Generic[T]):
    """``next`` is what to pass as ``after`` for the items that follow. None: nothing follows.

    It is a text of the adapter's own, which may be kept and passed later, in another process. The pages that follow
    have only items whose place in the order is behind it, however many of those before it are still there.
    """

    items: Sequence[T]
    next: str | None = None
    unreadable: Mapping[str, Exception] = field(factory=dict)
    """By id: items that cannot be read, and why. They hide none behind them (D43)."""


def write_place(exp: datetime | None, *ids: str) -> str:
    """A place in a list that is ordered by exp, and by ids where several have the same: a ``next`` for an adapter."""
    return json.dumps([None if exp is None else exp.isoformat(), *ids])


def read_place(place: str) -> tuple[datetime | None, list[str]]:
    exp, *ids = json.loads(place)
    return None if exp is None else datetime.fromisoformat(exp), ids


def every(ask: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """The items of every page. ``ask`` gets the place at which to begin."""
    page = ask(None)
    yield from page.items
    while page.next is not None:
        page = ask(page.next)
        yield from page.items
