"""How a sweep closes what is over: it tells of the end, reports the money and marks the goal, or the claim.

What is not marked is found by the next sweep, which tells again (D26).
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from attrs import frozen

from ...ports.clock import Clock
from ...ports.errors import NotifierUnavailable, WalletUnavailable
from ...ports.notifier import Notifier
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ..crowd import tell_lapsed
from ..errors import GoalEnded, Refused
from ..messages import DeactivateGoal
from ..model import Claim, Goal, Session
from .aside import unmoved, unreported, untold, untouched
from .deactivate_goal import DeactivateGoalTask
from .emptying import Emptying, Escrow
from .settle_escrow import STEP
from .turns import Work


@frozen(kw_only=True)
class Closing:
    sessions: Sessions
    notifier: Notifier
    deactivate_goal: DeactivateGoalTask
    emptying: Emptying
    task_queue: TaskQueue
    clock: Clock

    def close(self, work: Work, escrow: Escrow) -> None:
        """Tell of the goal's end, report the money and mark the goal as settled."""
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
        if escrow.away and not told:
            work.aside.add(unreported(escrow.goal), NotifierUnavailable("the channel service is away"))
        if told or escrow.failures:
            work.attempt(partial(self.emptying.close, escrow), unmoved(escrow.goal))
            if escrow.unheard:
                work.aside.add(untouched(escrow.goal), WalletUnavailable("a hold may have moved"))
            work.counts["settled"] += not escrow.failures

    def stop(self, work: Work, escrow: Escrow) -> None:
        """The time for this crowd is over: report what has moved."""
        self._report(work, escrow)
        if escrow.failures:
            self.emptying.close(escrow)

    def tell(self, work: Work, goal: Goal, *, due: bool = False) -> bool:
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
            if not (work.aside.knows(untold(goal)) or work.aside.knows(unreported(goal))):
                self.task_queue.trigger(message)  # a timer may mark the goal before the next sweep
            final = failed.split(Refused)[1] is None
            if due and not final and not work.notifier_is_away:
                work.aside.add(untold(goal), failed)
            return final
        work.telling = None
        work.aside.done(untold(goal))
        work.aside.done(unreported(goal))
        return True

    def tell_lapsed(self, work: Work, session: Session, claim: Claim, viewer_id: str) -> None:
        """Tell the viewer that nothing came of the claim, as a transfer that came now would. Then close it (D34)."""
        if work.notifier_is_away or work.over:
            return
        work.attempt(partial(self._tell_lapsed, session.id, claim.goal_id, viewer_id), f"lapsed {session.id}")

    def _tell_lapsed(self, session_id: str, goal_id: str, viewer_id: str) -> None:
        tell_lapsed(self.notifier, session_id, goal_id, viewer_id, GoalEnded.code)
        self.sessions.close_claim(session_id, goal_id)

    def _told(self, work: Work, escrow: Escrow) -> bool:
        """Tell of the goal's end, unless an earlier sweep did. Returns whether that needs no other sweep."""
        telling = untold(escrow.goal)
        if escrow.known and not work.aside.knows(telling):
            return True
        return not work.aside.waits(telling) and self.tell(work, escrow.goal, due=True)

    def _leave(self, escrow: Escrow) -> None:
        """Leave it to the next sweep, if that reports it again. Else ask for tasks that tell and report."""
        if escrow.settled and (escrow.known or not escrow.whole):
            self.task_queue.trigger(DeactivateGoal(goal_id=escrow.goal.id))
            self.emptying.report(escrow, self.clock.now())

    def _report(self, work: Work, escrow: Escrow) -> None:
        """Report what has moved, or leave it to tasks: a sweep pays a hanging channel service's timeout once (D27).

        Tasks are asked once. A sweep that finds the service back reports all that it finds again (D26).
        """
        escrow.away = work.notifier_is_away
        found_again = escrow.whole and not escrow.known and not escrow.failures
        if escrow.away and found_again and work.aside.knows(unreported(escrow.goal)):
            return
        self.emptying.report(escrow, self.clock.now() + (timedelta(0) if escrow.away else STEP))
