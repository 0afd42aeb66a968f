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
    """What a viewer has paid for with one goal. ``moved``: how often the time of their goals had been written late."""

    goal_id: str
    ticks: frozenset[int]
    moved: Mapping[str, int]

    def agrees_with(self, later: Paid) -> bool:
        """Whether nothing was written late in between that has moved the time of one of them."""
        return all(self.moved.get(one) == later.moved.get(one) for one in (self.goal_id, later.goal_id))


def paid_twice(paid: Iterable[Paid]) -> Iterator[str]:
    """The time that a viewer has paid for with two goals."""
    for first, second in combinations(paid, 2):
        twice = first.ticks & second.ticks
        if twice and first.agrees_with(second):
            yield f"{len(twice)} ticks for goals {first.goal_id} and {second.goal_id}"
