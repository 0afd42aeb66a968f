"""Task ``sweep``: finish what lost timers and messages left undone. It is the guarantee; timers are for speed (D26)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from attrs import asdict, frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.page import Page
from ...ports.sessions import Sessions
from ...ports.sweeps import Sweeps
from ...ports.task_queue import TaskQueue
from ...ports.wallet import Wallet
from .. import names
from ..last_sweep import LastSweep
from ..messages import SettleEscrow, Sweep
from ..model import Goal, Session
from ..money import Hold
from ..rules.private_goal import create_goal_message
from ..settings import Settings
from ..trace import Tracer, current
from .aside import Aside, unmoved, untold, untouched
from .closing import Closing
from .emptying import Emptying, Escrow
from .settle_escrow import STEP, SettleEscrowTask
from .turns import Kind, Listing, Rest, T, Work


@frozen(kw_only=True)
class Swept:
    """How many of each kind one sweep finished. ``more``: the time was over before it had met everything."""

    ended: int = 0
    resumed: int = 0
    settled: int = 0
    refunded: int = 0
    more: bool = False


LAPSED_AFTER = timedelta(seconds=5)
"""Machines' clocks differ, and a transfer that came in time may be placing its hold."""
ONGOING = "ongoing"
FOR_EVER = datetime.max.replace(tzinfo=UTC)
DONE = ("ended", "resumed", "settled", "refunded")


@frozen(kw_only=True)
class SweepTask:
    sessions: Sessions
    goals: Goals
    wallet: Wallet
    task_queue: TaskQueue
    sweeps: Sweeps
    settle_escrow: SettleEscrowTask
    emptying: Emptying
    closing: Closing
    clock: Clock
    settings: Settings
    tracer: Tracer

    def __call__(self, message: Sweep) -> Swept:
        """End goals past their exp or their session, create goals for paid claims, settle what is due, refund holds
        without a goal.

        Goes on until nothing is left or ``sweep_time`` is over. Safe to run at any time, and several at once: each item
        is an idempotent step. One that fails does not stop the others; failures are raised together at the end.
        """
        with self.tracer.unit("sweep"):
            began = self.clock.now()
            last = self._last()
            work = Work(
                clock=self.clock,
                began=began,
                until=began + self.settings.sweep_time,
                most_failures=self.settings.sweep_limit,
                aside=Aside(began, {one.item: one for one in last.aside}),
                places=last.places,
            )
            kinds = self._kinds(work)
            try:
                work.run(kinds)
                self._finish(work)
            finally:  # an interrupted sweep says where
                swept = Swept(**{name: work.counts[name] for name in DONE}, more=work.more(kinds))
                current().swept(**asdict(swept))
                self._record(work, kinds, swept)
            if work.failures:
                raise ExceptionGroup(f"{work.failed} of the sweep's steps failed", work.failures)
            return swept

    def _kinds(self, work: Work) -> Sequence[Kind[Any]]:
        """What a sweep looks for. Each kind goes on where the last sweep stopped."""
        now, limit = work.began, self.settings.sweep_limit
        due = now - self.settings.settle_delay

        def kind(name: str, page: Listing[T], do: Callable[[Work, T], Rest | None]) -> Kind[T]:
            start = work.places.get(name)
            return Kind(name=name, page=page, do=partial(do, work), start=start, a_page_a_run=name == ONGOING)

        return (
            kind("ended", partial(self.goals.overdue, now, limit), self._end),
            kind("resumed", partial(self.sessions.unbound, now, limit), self._resume),
            kind("over", partial(self.sessions.over, now, limit), self._close_session),
            kind(ONGOING, partial(self.goals.overdue, FOR_EVER, limit), self._end_with_session),
            kind("lapsed", partial(self.sessions.lapsed, now - LAPSED_AFTER, limit), self._lapse),
            kind("settled", partial(self.goals.unsettled, due, limit), self._settle),
            kind("refunded", partial(self._overdue_holds, work, due, limit), self._refund),
        )

    def _last(self) -> LastSweep:
        """The last sweep, or one that did nothing: without the record a sweep begins at the front (D44)."""
        now = self.clock.now()
        nothing = LastSweep(began=now, ended=now, done={}, failed=0, more=False)
        try:
            return self.sweeps.last() or nothing
        except Exception:
            return nothing

    def _record(self, work: Work, kinds: Sequence[Kind[Any]], swept: Swept) -> None:
        record = LastSweep(
            began=work.began,
            ended=self.clock.now(),
            done={name: work.counts[name] for name in DONE},
            failed=work.failed,
            more=swept.more,
            interrupted_at=work.telling,
            places=work.stopped(kinds),
            aside=work.aside.after(self._last().aside, more=swept.more),
        )
        try:
            self.sweeps.record(record)
        except Exception as error:  # the sweep has done its work (D44)
            current().not_recorded(error)

    def _end(self, work: Work, goal: Goal) -> Rest | None:
        """End the goal, and move its money if that is due, too."""
        if not work.is_new(goal.id) or work.aside.waits(f"ended {goal.id}"):
            return None
        ended = self.goals.end(goal.id, work.began) or goal
        if ended.settled:
            return None  # another worker was quicker
        work.counts["ended"] += 1
        if self._is_due(work, ended):
            return self._empty(work, ended, ended_now=True)
        return partial(self.closing.tell, work, ended)

    def _settle(self, work: Work, goal: Goal) -> Rest | None:
        """Move the money of a goal that no timer has settled. It has lost messages, maybe ``goal.ended``, too."""
        if not work.is_new(goal.id):
            return None
        if work.aside.waits(untouched(goal)) or work.aside.waits(unmoved(goal)):
            return None
        found = self.goals.get(goal.id)
        if found is None or found.settled or not self._is_due(work, found):
            return None  # another worker was quicker
        knows = work.aside.knows
        known = (knows(unmoved(goal)) or knows(untold(goal))) and not knows(untouched(goal))
        return self._empty(work, found, known=known)

    def _is_due(self, work: Work, goal: Goal) -> bool:
        """A show that is postponed goes on."""
        ended = goal.ended
        if goal.postponed is not None and ended is not None:
            ended = max(ended, goal.postponed)
        return not goal.active and ended is not None and ended + self.settings.settle_delay <= work.began

    def _empty(self, work: Work, goal: Goal, *, ended_now: bool = False, known: bool = False) -> Rest | None:
        """Move the money. Returns the rest, None if the time for this goal is over first."""
        escrow = Escrow(goal=goal, place=work.places.get(goal.id), ended_now=ended_now, known=known)
        self._go_on(work, escrow)
        if escrow.over:
            return partial(self.closing.close, work, escrow)
        if not escrow.goes_on:
            work.unfinished.append(escrow)
        return None

    def _go_on(self, work: Work, escrow: Escrow) -> None:
        self.emptying.go_on(escrow, min(work.until, self.clock.now() + STEP))

    def _finish(self, work: Work) -> None:
        """Use what is left of the time for crowds whose turn was too short. Report what has moved."""
        while work.unfinished and self.clock.now() < work.until:
            escrow = work.unfinished.pop(0)
            work.attempt(partial(self._go_on, work, escrow))
            if escrow.over:
                work.attempt(partial(self.closing.close, work, escrow))
            else:
                work.unfinished.append(escrow)
        for escrow in work.unfinished:
            work.attempt(partial(self.closing.stop, work, escrow))

    def _resume(self, work: Work, session: Session) -> None:
        """Create a goal that a viewer paid for although its ``create_goal`` was lost.

        A claim without a hold is left to expire: the viewer got no 202, or repeats the request.
        """
        claim = session.claim
        holds = [] if claim is None else self.wallet.holds_of(names.escrow_id(claim.goal_id), 1).items
        if claim is None or not holds:
            return
        first = holds[0]
        self.task_queue.trigger(create_goal_message(claim, session, first.from_user_id, first.duration))
        work.counts["resumed"] += 1

    def _close_session(self, work: Work, session: Session) -> Rest | None:
        """End the goal of a session that is over (D42). One that does not exist yet ends when it is created (D24)."""
        goal = None if session.claim is None else self.goals.get(session.claim.goal_id)
        if goal is not None:
            return self._end(work, goal)
        self._resume(work, session)
        return None

    def _end_with_session(self, work: Work, goal: Goal) -> Rest | None:
        """End a goal of a neighbouring class whose session is over (D42). Of a private one the claim says it."""
        if goal._cls == names.TRIGGER_PRIVATE_GOAL:
            return None
        session = self.sessions.fetch(goal.session_id or "")
        return None if session is None or session.active else self._end(work, goal)

    def _lapse(self, work: Work, session: Session) -> Rest | None:
        """Tell the viewer of a claim whose transfer was lost that nothing comes of it (D34).

        If their money is held, its refund tells them. A claim of version 0.1 does not say when it was set.
        """
        claim = session.claim
        if claim is None:
            return None
        viewer_id = claim.triggered_by if claim.since is not None else None
        if viewer_id is None or self.wallet.find(names.transaction_id(claim.goal_id, viewer_id)) is not None:
            self.sessions.close_claim(session.id, claim.goal_id)
            return None
        return partial(self.closing.tell_lapsed, work, session, claim, viewer_id)

    def _overdue_holds(self, work: Work, due: datetime, limit: int, after: str | None) -> Page[Hold]:
        """A page of them. Their goals are read at once: those of shows that go on are met by each sweep."""
        page = self.wallet.overdue(due, limit, after)
        work.goals = self.goals.get_many({hold.goal_id for hold in page.items} - work.met)
        return page

    def _refund(self, work: Work, hold: Hold) -> Rest | None:
        """Refund an overdue hold whose goal is settled or never existed.

        A goal that is not settled is finished as a whole: it is overdue, too, or a host has ended it by itself.
        """
        if hold.goal_id in work.met:
            return None  # the hold was listed before its goal was settled
        goal = work.goals.get(hold.goal_id) or self.goals.get(hold.goal_id)
        if goal is None or goal.settled:
            report = self.settle_escrow.refund(hold, goal)
            work.counts["refunded"] += report is not None
            return report and partial(self._report_refund, work, hold, report, known=goal is not None)
        if not goal.active and not self._is_due(work, goal):
            work.met.add(goal.id)  # its show goes on: its other holds are not due, too
            return None
        if not goal.active:
            return self._settle(work, goal)
        return self._end(work, goal) if goal.expired(work.began) else None

    def _report_refund(self, work: Work, hold: Hold, report: Rest, *, known: bool) -> None:
        """When the time is over, a task reports it, which needs a goal."""
        if work.over and known:
            self.task_queue.trigger(SettleEscrow(goal_id=hold.goal_id, transactions=[hold.transaction_id]))
        else:
            report()
