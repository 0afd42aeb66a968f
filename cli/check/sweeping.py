"""The check ``sweeps``: what waits for a sweep, when the last one ran, and what it left (D26, D43)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from ...core.last_sweep import LastSweep
from ...core.model import Goal
from ...core.money import Hold
from ...core.operators.overlong import Overlong
from ...core.settings import Settings
from ...ports.goals import Goals
from ...ports.sessions import Sessions
from ...ports.sweeps import Sweeps
from ...ports.wallet import Wallet
from ..terminal import counted, set_aside
from .running import Finding, Status

MISSED_SWEEPS = 2
"""Work that this many sweeps have left is not being swept."""

MISSED_WHILE_IDLE = 4
"""With nothing to do a sweep is not missed so soon."""

NAMED = 10
"""So many of the items that are set aside are named."""

NO_SWEEP = "No sweep runs. Run one worker with --beat, or repeat show-goal sweep."
FAILS = "Sweeps run, and some of their steps fail: show-goal sweep prints why."
BEHIND = (
    "Sweeps run, and there is more than one at a time can do. Repeat show-goal sweep until it leaves nothing, several "
    "at once if you like. If it comes often, shorten SHOW_GOAL_SWEEP_INTERVAL: then several run at once."
)


@frozen(kw_only=True)
class SweepsCheck:
    goals: Goals
    sessions: Sessions
    wallet: Wallet
    sweeps: Sweeps
    overlong: Overlong
    settings: Settings
    now: datetime
    interval: timedelta

    def __call__(self) -> Finding:
        last, late = self.sweeps.last(), self.interval * MISSED_SWEEPS
        is_late = self._waits_since(late)
        words = [self._waiting(), *([f"some of it for more than {late.total_seconds():.0f} s"] if is_late else [])]
        summary = "; ".join([*words, _told(last, self.now)])
        if not self._ran_within(late, last) and self._waits_since(timedelta(0)):
            return Finding(Status.FAILURE, summary, (NO_SWEEP,))
        if not self._ran_within(self.interval * MISSED_WHILE_IDLE, last):
            return Finding(Status.WARNING, summary, (NO_SWEEP,))
        advice = tuple(_advice(last))
        if is_late:
            return Finding(Status.FAILURE, summary, advice or (BEHIND,))
        advice = (*advice, *self.overlong(NAMED))
        return Finding(Status.WARNING if advice else Status.OK, summary, advice)

    def _ran_within(self, time: timedelta, last: LastSweep | None) -> bool:
        return last is not None and self.now - last.ended <= time

    def _waiting(self) -> str:
        """How much of each kind, and no more than a sweep reads at a time."""
        limit, due = self.settings.sweep_limit, self.now - self.settings.settle_delay
        kinds = (
            (self.goals.overdue(self.now, limit).items, "goal past exp", "goals past exp"),
            (self.sessions.unbound(self.now, limit).items, "claim without a goal", "claims without a goal"),
            (self.goals.unsettled(due, limit).items, "settlement due", "settlements due"),
            (self._holds(due), "hold past its time", "holds past their time"),
        )
        return ", ".join(_at_least(limit, len(found), *names) for found, *names in kinds)

    def _waits_since(self, late: timedelta) -> bool:
        """Whether anything should have been done that long ago. A claim without a goal may be a moment old."""
        now, due = self.now - late, self.now - late - self.settings.settle_delay
        pages = self.goals.overdue(now, 1), self.goals.unsettled(due, 1)
        return any(page.items for page in pages) or bool(self._holds(due))

    def _holds(self, due: datetime) -> Sequence[Hold]:
        """Holds past their time, of one page, without those of shows that go on: their time is not over."""
        holds = self.wallet.overdue(due, self.settings.sweep_limit).items
        goals = self.goals.get_many({hold.goal_id for hold in holds})
        return [hold for hold in holds if not _goes_on(goals.get(hold.goal_id), due)]


def _goes_on(goal: Goal | None, due: datetime) -> bool:
    return goal is not None and goal.postponed is not None and goal.postponed > due


def _advice(last: LastSweep | None) -> Iterator[str]:
    if last is None:
        return
    if last.interrupted_at is not None:
        yield f"A receiver of goal.ended hangs, or takes too long, for goal {last.interrupted_at}: look for it."
    yield from map(set_aside, last.aside[:NAMED])
    if len(last.aside) > NAMED:
        yield f"{len(last.aside) - NAMED} more are set aside."
    if last.failed:
        yield FAILS
    if last.more:
        yield BEHIND


def _told(last: LastSweep | None, now: datetime) -> str:
    if last is None:
        return "no sweep has ended yet"
    done = [f"{count} {what}" for what, count in last.done.items() if count]
    failed = [f"{counted(last.failed, 'step')} failed"] if last.failed else []
    more = ["more was left"] if last.more else []
    ago = max(now - last.ended, timedelta(0)).total_seconds()
    return ", ".join([f"the last sweep ended {ago:.0f} s ago", *done, *failed, *more])


def _at_least(limit: int, count: int, singular: str, plural: str) -> str:
    return f"{count} or more {plural}" if count >= limit else counted(count, singular, plural)
