"""Reads a list page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ...ports.page import Page

T = TypeVar("T")
MOST = 50
"""Pages of a list of few items: a list that goes on for longer has no end."""


def all_pages(
    ask: Callable[[str | None], Page[T]], meanwhile: Callable[[Sequence[T]], object] = lambda items: None
) -> list[T]:
    """The items of every page. ``meanwhile`` gets the items of each page before the next one is asked for."""
    found: list[T] = []
    after: str | None = None
    for _ in range(MOST):
        page = ask(after)
        found += page.items
        after = page.next
        if after is None:
            return found
        meanwhile(page.items)
    raise AssertionError(f"after {MOST} pages there is still a next one")
