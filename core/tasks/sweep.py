"""Task ``sweep``: finish what lost timers and messages left undone. It is the guarantee; timers are for speed (D26)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from attrs import asdict, frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.sessions import Sessions
from ...ports.sweeps import Sweeps
from ...ports.task_queue import TaskQueue
from ...ports.wallet import Wallet
from .. import names
from ..errors import Refused
from ..messages import DeactivateGoal, SettleEscrow, Sweep
from ..model import Goal, Hold, LastSweep, Session
from ..rules.private_goal import create_goal_message
from ..settings import Settings
from ..trace import Tracer, current
from .aside import Aside, unmoved, untold, untouched
from .deactivate_goal import DeactivateGoalTask
from .emptying import Emptying, Escrow
from .settle_escrow import STEP, SettleEscrowTask
from .turns import Kind, Rest, Work


@frozen(kw_only=True)
class Swept:
    """How many of each kind one sweep finished. ``more``: the time was over before it had met everything."""

    ended: int = 0
    resumed: int = 0
    settled: int = 0
    refunded: int = 0
    more: bool = False


DONE = ("ended", "resumed", "settled", "refunded")


@frozen(kw_only=True)
class SweepTask:
    sessions: Sessions
    goals: Goals
    wallet: Wallet
    task_queue: TaskQueue
    sweeps: Sweeps
    deactivate_goal: DeactivateGoalTask
    settle_escrow: SettleEscrowTask
    emptying: Emptying
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
        now, limit, places = work.began, self.settings.sweep_limit, work.places
        due = now - self.settings.settle_delay
        return (
            Kind(
                name="ended",
                page=lambda after: self.goals.overdue(now, limit, after),
                do=partial(self._end, work),
                id_of=lambda goal: goal.id,
                start=places.get("ended"),
            ),
            Kind(
                name="resumed",
                page=lambda after: self.sessions.unbound(now, limit, after),
                do=partial(self._resume, work),
                id_of=lambda session: session.id,
                start=places.get("resumed"),
            ),
            Kind(
                name="over",
                page=lambda after: self.sessions.over(now, limit, after),
                do=partial(self._close_session, work),
                id_of=lambda session: session.id,
                start=places.get("over"),
            ),
            Kind(
                name="settled",
                page=lambda after: self.goals.unsettled(due, limit, after),
                do=partial(self._settle, work),
                id_of=lambda goal: goal.id,
                start=places.get("settled"),
            ),
            Kind(
                name="refunded",
                page=lambda after: self.wallet.overdue(due, limit, after),
                do=partial(self._refund, work),
                id_of=lambda hold: hold.transaction_id,
                start=places.get("refunded"),
            ),
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
        return partial(self._tell, work, ended)

    def _settle(self, work: Work, goal: Goal) -> Rest | None:
        """Move the money of a goal that no timer has settled. It has lost messages, maybe ``goal.ended``, too."""
        if not work.is_new(goal.id):
            return None
        if work.aside.waits(untouched(goal)) or work.aside.waits(unmoved(goal)):
            return None
        found = self.goals.get(goal.id)
        if found is None or found.settled or not self._is_due(work, found):
            return None  # another worker was quicker
        return self._empty(work, found, known=work.aside.knows(unmoved(goal)) or work.aside.knows(untold(goal)))

    def _is_due(self, work: Work, goal: Goal) -> bool:
        return not goal.active and goal.exp is not None and goal.exp + self.settings.settle_delay <= work.began

    def _empty(self, work: Work, goal: Goal, *, ended_now: bool = False, known: bool = False) -> Rest | None:
        """Move the money. Returns the rest, None if the time for this goal is over first."""
        escrow = Escrow(goal=goal, place=work.places.get(goal.id), ended_now=ended_now, known=known)
        self._go_on(work, escrow)
        if escrow.over:
            return partial(self._close, work, escrow)
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
                work.attempt(partial(self._close, work, escrow))
            else:
                work.unfinished.append(escrow)
        for escrow in work.unfinished:
            work.attempt(partial(self._stop, work, escrow))

    def _stop(self, work: Work, escrow: Escrow) -> None:
        self._report(work, escrow)
        if escrow.failures:
            self.emptying.close(escrow)

    def _close(self, work: Work, escrow: Escrow) -> None:
        """Tell of the goal's end, report the money and mark the goal as settled.

        A goal that is not marked is found by the next sweep, which tells again.
        """
        if work.over:
            self._leave(escrow)
            return
        if escrow.untouched:
            work.attempt(partial(self.emptying.close, escrow), untouched(escrow.goal))
            return
        try:
            told = self._told(work, escrow)
        except Exception:
            work.attempt(partial(self._report, work, escrow))
            raise
        except BaseException:
            work.attempt(partial(self._leave, escrow))
            raise
        self._report(work, escrow)
        if told or escrow.failures:
            work.attempt(partial(self.emptying.close, escrow), unmoved(escrow.goal))
            work.counts["settled"] += not escrow.failures

    def _told(self, work: Work, escrow: Escrow) -> bool:
        """Tell of the goal's end, unless an earlier sweep did. Returns whether that needs no other sweep."""
        telling = untold(escrow.goal)
        if escrow.known and not work.aside.knows(telling):
            return True
        return not work.aside.waits(telling) and self._tell(work, escrow.goal, due=True)

    def _leave(self, escrow: Escrow) -> None:
        """Leave it to the next sweep, if that finds it again. For a crowd, ask for tasks that tell and report."""
        if escrow.settled and not escrow.whole:
            self.task_queue.trigger(DeactivateGoal(goal_id=escrow.goal.id))
            self.emptying.report(escrow, self.clock.now())

    def _report(self, work: Work, escrow: Escrow) -> None:
        """Report what has moved, or leave it to tasks: a sweep pays a hanging channel service's timeout once (D27)."""
        escrow.away = work.notifier_is_away
        self.emptying.report(escrow, self.clock.now() + (timedelta(0) if escrow.away else STEP))

    def _tell(self, work: Work, goal: Goal, *, due: bool = False) -> bool:
        """Send ``goal.ended``. Returns whether it needs no other sweep.

        One whose settlement is not due is left to a task. After a first failure of the notifier this sweep tells no
        more: it pays a hanging channel service's timeout once (D27).
        """
        message = DeactivateGoal(goal_id=goal.id)
        if work.notifier_is_away or work.over:
            if not due:
                self.task_queue.trigger(message)
            return False
        work.telling = goal.id
        try:
            self.deactivate_goal.tell(goal)
        except ExceptionGroup as failed:
            work.telling = None
            work.fail(failed)
            if not work.aside.knows(untold(goal)):
                self.task_queue.trigger(message)  # a timer may mark the goal before the next sweep
            final = failed.split(Refused)[1] is None
            if due and not final:
                work.aside.add(untold(goal), failed)
            return final
        work.telling = None
        work.aside.done(untold(goal))
        return True

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

    def _refund(self, work: Work, hold: Hold) -> Rest | None:
        """Refund an overdue hold whose goal is settled or never existed.

        A goal that is not settled is finished as a whole: it is overdue, too, or a host has ended it by itself.
        """
        if hold.goal_id in work.met:
            return None  # the hold was listed before its goal was settled
        goal = self.goals.get(hold.goal_id)
        if goal is None or goal.settled:
            report = self.settle_escrow.refund(hold, goal)
            work.counts["refunded"] += report is not None
            return report and partial(self._report_refund, work, hold, report, known=goal is not None)
        if not goal.active:
            return self._settle(work, goal)
        return self._end(work, goal) if goal.expired(work.began) else None

    def _report_refund(self, work: Work, hold: Hold, report: Rest, *, known: bool) -> None:
        """When the time is over, a task reports it, which needs a goal."""
        if work.over and known:
            self.task_queue.trigger(SettleEscrow(goal_id=hold.goal_id, transactions=[hold.transaction_id]))
        else:
            report()
