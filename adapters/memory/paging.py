"""Pages of what is in a dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

from ...ports.page import Page, read_place, write_place

T = TypeVar("T")
_FIRST = datetime.min.replace(tzinfo=UTC)


def page(items: Iterable[tuple[datetime | None, str, T]], limit: int, after: str | None) -> Page[T]:
    """Each item comes with its exp and its id, which order them. Those without exp come first."""
    ordered = sorted(((exp or _FIRST, key, item) for exp, key, item in items), key=lambda one: one[:2])
    if after is not None:
        exp, (key,) = read_place(after)
        ordered = [one for one in ordered if one[:2] > (exp or _FIRST, key)]
    here = ordered[:limit]
    more = limit > 0 and len(ordered) > limit
    return Page([item for *_, item in here], write_place(*here[-1][:2]) if more else None)
