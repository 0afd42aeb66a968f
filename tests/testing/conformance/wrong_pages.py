"""Lists that are paged in a wrong way: each is called with the right method, and its arguments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import evolve

from show_goal.ports.page import Page, read_place, write_place

from .breaking import after as changed


def only(listed: Callable[[Any], bool]) -> Any:
    """Leave some items out."""
    return changed(lambda page: evolve(page, items=[item for item in page.items if listed(item)]))


def the_newest(right: Any, before: datetime, limit: int) -> Page[Any]:
    return Page([*right(before, 99).items][::-1][:limit])


def from_the_front(right: Any, before: datetime, limit: int, after: str | None = None) -> Any:
    """Begin again with each page. What is still there is listed twice."""
    return right(before, limit)


def behind_the_exp(right: Any, before: datetime, limit: int, after: str | None = None) -> Any:
    """Pass over what has the same exp as the last item."""
    return right(before, limit, after and write_place(read_place(after)[0], "z"))
