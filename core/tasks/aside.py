"""What sweeps could not do. They try it again after a pause that grows, and meanwhile go on without it (D43)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import define, field

from ...ports.errors import Unavailable
from ..last_sweep import SetAside
from ..model import Goal
from ..trace import describe

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
AWAY, AWAY_AT_MOST = timedelta(seconds=1), MINUTE
"""The first and the longest pause if a service is away: when it is back, what waits for it must not wait long."""
MOST = 1_000
"""So many are kept: those tried most often."""
WORDS = 200
"""So many characters of a reason."""


@define
class Aside:
    """``before``: what was set aside when the sweep ``began``, by its name."""

    began: datetime
    before: Mapping[str, SetAside]
    _failed: dict[str, SetAside] = field(factory=dict)
    _done: set[str] = field(factory=set)

    def knows(self, item: str) -> bool:
        return item in self.before

    def waits(self, item: str) -> bool:
        """Whether it is not to be tried yet."""
        return self.knows(item) and self.before[item].next_try > self.began

    def add(self, item: str, error: Exception) -> None:
        attempts = (self.before[item].attempts if self.knows(item) else 0) + 1
        next_try = self.began + pause(attempts, error)
        why = describe(error)[:WORDS]
        self._failed[item] = SetAside(item=item, attempts=attempts, next_try=next_try, why=why)

    def done(self, item: str) -> None:
        self._done.add(item)

    def after(self, recorded: Collection[SetAside], *, more: bool) -> Sequence[SetAside]:
        """What is set aside now. ``recorded`` is what other sweeps have set aside meanwhile, too.

        What was due, and was not met although there is no ``more``, is gone.
        """
        left = [one for one in recorded if more or one.next_try > self.began]
        kept = {one.item: one for one in left if one.item not in self._done} | self._failed
        return tuple(sorted(kept.values(), key=lambda one: -one.attempts)[:MOST])


def untouched(goal: Goal) -> str:
    """The name of a goal of which the next sweep does everything again: of its money nothing could be moved, or a hold
    may have moved and was not reported."""
    return f"settled {goal.id}"


def unmoved(goal: Goal) -> str:
    """The name of a goal of whose money not all could be moved. Its end was told, or is ``untold``."""
    return f"escrow {goal.id}"


def untold(goal: Goal) -> str:
    """The name of a goal whose end could not be told."""
    return f"goal.ended {goal.id}"


def unreported(goal: Goal) -> str:
    """The name of a goal of whose end and money tasks were asked to tell: the channel service was away."""
    return f"goal.settled {goal.id}"


def pause(attempts: int, error: Exception) -> timedelta:
    """How long to wait after so many attempts. It doubles."""
    first, longest = (AWAY, AWAY_AT_MOST) if _away(error) else (MINUTE, HOUR)
    return min(first * (1 << min(attempts - 1, 20)), longest)


def _away(error: Exception) -> bool:
    if isinstance(error, ExceptionGroup):
        return all(map(_away, error.exceptions))
    return isinstance(error, Unavailable)
