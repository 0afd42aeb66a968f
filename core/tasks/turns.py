"""Work of several kinds, in turns, until nothing is left or the time is over.

An item that fails is set aside, and keeps no other from its turn, however many fail (D43). Several
workers at once share the items: each takes those of a page in an order of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar
from zlib import crc32

from attrs import Factory, define, field

from ...ports.clock import Clock
from ...ports.errors import NotifierUnavailable
from ...ports.page import Page
from ..model import Goal
from ..money import Hold
from ..trace import observed_later
from .aside import Aside
from .emptying import Escrow

T = TypeVar("T")
Listing = Callable[[str | None], Page[T]]
"""Returns a page, from the place at which to begin."""

SLICE = timedelta(seconds=0.25)
"""How long a turn lasts: items that take long must not keep those of the other kinds waiting."""

Rest = Callable[[], object]
"""What is left to do for an item when the money of those beside it has moved (D44)."""


@define(kw_only=True)
class Kind(Generic[T]):
    """One kind of item: where its pages come from, and what to do with each item.

    ``do`` returns the rest, or None if there was nothing to do. The work begins after the place ``start``.
    """

    name: str
    page: Listing[T]
    do: Callable[[T], Rest | None]
    id_of: Callable[[Any], str] = lambda item: item.transaction_id if isinstance(item, Hold) else item.id
    start: str | None = None
    a_page_a_run: bool = False
    """Nothing of it is known to be due, so a run looks at one page, and the next run at the next one."""
    over: bool = field(default=False, init=False)
    """There are no more items, or they cannot be read."""
    unreadable: dict[str, Exception] = field(init=False, factory=dict)
    """By id: items of the pages read so far that cannot be read."""
    _here: str | None = field(init=False, default=Factory(lambda self: self.start, takes_self=True))
    """Where the current page begins, and where the next one does."""
    _next: str | None = field(init=False, default=Factory(lambda self: self.start, takes_self=True))

    def items(self, seed: str) -> Iterator[T]:
        """Every item once: from ``start`` to the end, then what is left from the front.

        ``seed`` decides in which order those of a page come.
        """
        met: set[str] = set()
        at_front = self.start is None
        while not self.over:
            self._here, self.over = self._next, True  # it stays over if the page cannot be read
            page = self.page(self._here)
            self.unreadable |= {} if self.a_page_a_run else page.unreadable  # it is named once it is due
            new = [item for item in page.items if self.id_of(item) not in met]
            self._next, self.over = page.next, False
            yield from sorted(new, key=lambda item: crc32(f"{seed} {self.id_of(item)}".encode()))
            stuck = page.next == self._here  # an adapter ignores where to begin
            self.over = stuck or (at_front and page.next is None) or self.a_page_a_run
            at_front = at_front or page.next is None
            met.update(map(self.id_of, new))

    def named(self, item_id: str) -> str:
        """The name under which an item is set aside."""
        return f"{self.name} {item_id}"

    @property
    def stopped(self) -> str | None:
        """Where the next work begins: with the page that was not finished, or at the front again.

        Work that began with this very page, and did not finish it, goes on behind it: its items may take too long.
        """
        if self.over:
            return self._next if self.a_page_a_run and self._next != self.start else None
        return self._next if self._here == self.start else self._here


@define(kw_only=True)
class Work:
    """The work of one run."""

    clock: Clock
    began: datetime
    until: datetime
    most_failures: int
    aside: Aside
    counts: Counter[str] = field(factory=Counter)
    failed: int = 0
    failures: list[Exception] = field(factory=list)
    """The first ``most_failures`` of those that ``failed``."""
    notifier_is_away: bool = False
    untold: int = 0
    """How many rests there was no time for."""
    telling: str | None = None
    """The goal of which receivers are told now."""
    met: set[str] = field(factory=set)
    """The goals that were met, as items of any kind."""
    goals: Mapping[str, Goal] = field(factory=dict)
    """By id: goals of the overdue holds that were listed last, if they could be read."""
    places: Mapping[str, str] = field(factory=dict)
    """Where the last run stopped, by the name of a kind, or the id of a goal."""
    unfinished: list[Escrow] = field(factory=list)
    """The crowds whose money was not moved in one turn."""

    def run(self, kinds: Sequence[Kind[Any]]) -> None:
        """Do items for half of the time that is left, then the rest of each: a receiver may hang in it (D44)."""
        waiting = [(kind, kind.items(self.began.isoformat())) for kind in kinds]
        while waiting and not self.over:
            with observed_later():
                rests = self._turns(waiting, self.clock.now() + (self.until - self.clock.now()) / 2)
            waiting = [(kind, items) for kind, items in waiting if not kind.over]
            self._finish(rests)

    def is_new(self, goal_id: str) -> bool:
        """Whether the goal is met for the first time. A list may be older than what was done since."""
        new = goal_id not in self.met
        self.met.add(goal_id)
        return new

    def attempt(self, step: Callable[[], T], item: str | None = None) -> T | None:
        """The step's result, None if it failed. Then the ``item`` is set aside."""
        try:
            result = step()
        except Exception as error:
            self.fail(error)
            if item is not None:
                self.aside.add(item, error)
            return None
        if item is not None:
            self.aside.done(item)
        return result

    def fail(self, error: Exception) -> None:
        self.failed += 1
        if len(self.failures) < self.most_failures:
            self.failures.append(error)
        if ExceptionGroup("", [error]).subgroup(NotifierUnavailable) is not None:
            self.notifier_is_away = True

    def more(self, kinds: Sequence[Kind[Any]]) -> bool:
        """Whether something is left that was not met."""
        return bool(self.unfinished or self.untold) or any(not kind.over for kind in kinds)

    def stopped(self, kinds: Sequence[Kind[Any]]) -> Mapping[str, str]:
        """Where the list of each kind stopped, and the escrow of each of some crowds."""
        crowds = {escrow.goal.id: escrow.place for escrow in self.unfinished[: self.most_failures]}
        stopped = {**crowds, **{kind.name: kind.stopped for kind in kinds}}
        return {name: place for name, place in stopped.items() if place is not None}

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self.clock.now() >= self.until

    def _turns(self, waiting: Sequence[tuple[Kind[Any], Iterator[Any]]], until: datetime) -> list[Rest]:
        """Each kind has a turn, and another one until the time is over. Returns what is left to do."""
        rests: list[Rest] = []
        while True:
            for kind, items in waiting:
                rests += self._turn(kind, items)
            if self.clock.now() >= until or all(kind.over for kind, _ in waiting):
                return rests

    def _turn(self, kind: Kind[T], items: Iterator[T]) -> Iterator[Rest]:
        """Do the items of one turn."""
        until = min(self.until, self.clock.now() + SLICE)
        while self.clock.now() < until and (item := self.attempt(lambda: next(items, None))) is not None:
            name = kind.named(kind.id_of(item))
            rest = None if self.aside.waits(name) else self.attempt(partial(kind.do, item), name)
            if rest is not None:
                yield rest
        self._set_aside_unreadable(kind)

    def _set_aside_unreadable(self, kind: Kind[Any]) -> None:
        while kind.unreadable:
            item_id, error = kind.unreadable.popitem()
            if not self.aside.waits(kind.named(item_id)):
                self.fail(error)
                self.aside.add(kind.named(item_id), error)

    def _finish(self, rests: Sequence[Rest]) -> None:
        """When the time is over, or one is interrupted, the others only see to it that they are not lost."""
        waiting = iter(rests)
        try:
            for rest in waiting:
                self.untold += self.over
                self.attempt(rest)
        except BaseException:
            self.until = self.clock.now()
            for rest in waiting:
                self.attempt(rest)
            raise
