"""Lists that are paged in a wrong way: each is called with the right method, and its arguments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import evolve

from show_goal.core.money import HoldState
from show_goal.ports.page import Page, read_place, write_place

from .breaking import after as changed


def only(listed: Callable[[Any], bool]) -> Any:
    """Leave some items out."""
    return changed(lambda page: evolve(page, items=[item for item in page.items if listed(item)]))


def the_newest(right: Any, before: datetime, limit: int) -> Page[Any]:
    return Page([*right(before, 99).items][::-1][:limit])


def from_the_front(right: Any, of: Any, limit: int, after: str | None = None) -> Any:
    """Begin again with each page. What is still there is listed twice."""
    return right(of, limit)


def behind_the_exp(right: Any, before: datetime, limit: int, after: str | None = None) -> Any:
    """Pass over what has the same exp as the last item."""
    return right(before, limit, after and write_place(read_place(after)[0], "z"))


def in_the_order_of_payment(right: Any, escrow_id: str, limit: int, after: str | None = None) -> Any:
    holds = [hold for hold in right.__self__.holds() if hold.escrow_id == escrow_id]
    start = int(after or 0)
    return Page(holds[start : start + limit], str(start + limit) if len(holds) > start + limit else None)


def of_its_payers(right: Any, escrow_id: str, limit: int, after: str | None = None) -> Any:
    payers = {hold.from_user_id for hold in right(escrow_id, 99).items}
    return Page([hold for hold in right.__self__.holds() if hold.from_user_id in payers])


def with_a_next_page(right: Any, escrow_id: str, limit: int, after: str | None = None) -> Any:
    """Each full page has a next one, although that one may be empty."""
    page = right(escrow_id, limit, after)
    return evolve(page, next=page.next or ("[true, 99]" if len(page.items) == limit else None))


def by_offset(right: Any, escrow_id: str, limit: int, after: str | None = None) -> Any:
    """Pass over so many. What was listed and is settled since comes last, so another one takes its place."""
    holds = right(escrow_id, 99).items
    start = int(after or 0)
    return Page(holds[start : start + limit], str(start + limit) if len(holds) > start + limit else None)


def what_is_behind_in_either_state(right: Any, escrow_id: str, limit: int, after: str | None = None) -> Any:
    """Begin the settled ones behind the last held one, too."""
    holds = [hold for hold in right.__self__.holds() if hold.escrow_id == escrow_id]
    places = [(hold.state is not HoldState.HELD, number) for number, hold in enumerate(holds)]
    rest = sorted(place for place in places if place[1] > int(after or -1))
    page = [number for _, number in rest[:limit]]
    return Page([holds[number] for number in page], str(page[-1]) if len(rest) > limit else None)
