"""What a viewer pays for with each of their goals, and that no time is paid for twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import combinations

from attrs import frozen


@frozen
class Share:
    """What of a deposit is released. ``ticks`` is when the viewer could watch, ``ends`` when their show was over."""

    earns: bool
    released: int
    ticks: frozenset[int] = frozenset()
    ends: datetime | None = None


@frozen
class Paid:
    """What a viewer has paid for with one goal, and when the time of each of their goals began then."""

    goal_id: str
    ticks: frozenset[int]
    begins: Mapping[str, datetime]

    def agrees_with(self, later: Paid) -> bool:
        """Whether nothing was given back or written late in between, so that the time of both began as before."""
        both = (self.goal_id, later.goal_id)
        return all(self.begins.get(one, later.begins.get(one)) == later.begins.get(one) for one in both)


def paid_twice(paid: Iterable[Paid]) -> Iterator[str]:
    """The time that a viewer has paid for with two goals."""
    for first, second in combinations(paid, 2):
        twice = first.ticks & second.ticks
        if twice and first.agrees_with(second):
            yield f"{len(twice)} ticks for goals {first.goal_id} and {second.goal_id}"
