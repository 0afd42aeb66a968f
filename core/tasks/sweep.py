"""Task ``sweep``: finish what lost timers and messages left undone. It is the guarantee; timers are for speed (D26)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from attrs import asdict, frozen

from ...ports.clock import Clock
from ...ports.errors import NotifierUnavailable
from ...ports.goals import Goals
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ...ports.wallet import Wallet
from .. import names
from ..errors import Refused
from ..messages import DeactivateGoal, SettleEscrow, Sweep
from ..model import Goal, Hold, Session
from ..rules.private_goal import create_goal_message
from ..settings import Settings
from ..signals import Signals
from ..trace import Tracer, current
from .deactivate_goal import DeactivateGoalTask
from .settle_escrow import SettleEscrowTask, report_settled

T = TypeVar("T")


@frozen(kw_only=True)
class Swept:
    """How many of each kind one sweep finished. If one of them reaches ``sweep_limit``, there may be more."""

    ended: int
    resumed: int
    settled: int
    refunded: int


@frozen(kw_only=True)
class SweepTask:
    sessions: Sessions
    goals: Goals
    wallet: Wallet
    task_queue: TaskQueue
    signals: Signals
    deactivate_goal: DeactivateGoalTask
    settle_escrow: SettleEscrowTask
    clock: Clock
    settings: Settings
    tracer: Tracer

    def __call__(self, message: Sweep) -> Swept:
        """End goals past their exp, create goals for paid claims, settle what is due, refund holds without a goal.

        Takes at most ``sweep_limit`` of each kind. Safe to run at any time, and several at once: each item is an
        idempotent step. One that fails does not stop the others; failures are raised together at the end.
        """
        with self.tracer.unit("sweep"):
            now = self.clock.now()
            due, limit = now - self.settings.settle_delay, self.settings.sweep_limit
            heard: set[str] = set()
            failures: list[Exception] = []
            swept = Swept(
                ended=_each(self.goals.overdue(now, limit), lambda goal: self._end(goal, heard, failures), failures),
                resumed=_each(self.sessions.unbound(now, limit), self._resume, failures),
                settled=_each(self.goals.unsettled(due, limit), lambda goal: self._settle(goal, heard), failures),
                refunded=_each(self.wallet.overdue(due, limit), self._refund, failures),
            )
            current().swept(**asdict(swept))
            if failures:
                raise ExceptionGroup("some of the sweep failed", failures)
            return swept

    def _end(self, goal: Goal, heard: set[str], failures: Sequence[Exception]) -> bool:
        """End the goal. After a first notifier failure, leave the notifying to a task.

        We pay a hanging channel service's timeout once per sweep, so there is time left for the settlements (D27).
        """
        message = DeactivateGoal(goal_id=goal.id, exp=goal.exp)
        if not any(map(_notifier_is_away, failures)):
            return self._tell(message, heard) is not None
        self.goals.end(goal.id, self.clock.now())
        self.task_queue.trigger(message)
        return True

    def _tell(self, message: DeactivateGoal, heard: set[str]) -> Goal | None:
        """End the goal and send ``goal.ended``, once in this sweep.

        If that fails, a task retries it: a timer may settle the goal first, and no sweep finds a settled goal.
        """
        try:
            goal = self.deactivate_goal(message)
        except Refused:
            raise
        except Exception:
            self.task_queue.trigger(message)
            raise
        heard.add(message.goal_id)
        return goal

    def _resume(self, session: Session) -> bool:
        """Create a goal that a viewer paid for although its ``create_goal`` was lost.

        A claim without a hold is left to expire: the viewer got no 202, or repeats the request.
        """
        claim = session.claim
        holds = [] if claim is None else self.wallet.holds_of(names.escrow_id(claim.goal_id))
        if claim is None or not holds:
            return False
        first = holds[0]
        self.task_queue.trigger(create_goal_message(claim, session, first.from_user_id, first.duration))
        return True

    def _settle(self, goal: Goal, heard: set[str]) -> bool:
        """Send ``goal.ended`` again, then settle. A goal that no timer settled has lost messages, maybe that one too.

        The signal comes first, because no sweep finds a settled goal. If it fails, the money still moves.
        """
        message = SettleEscrow(goal_id=goal.id)
        try:
            if goal.id not in heard:
                self._tell(DeactivateGoal(goal_id=goal.id), heard)
        except Exception:
            self.settle_escrow(message)
            raise
        return self.settle_escrow(message) is not None

    def _refund(self, hold: Hold) -> bool:
        """Refund an overdue hold whose goal is settled or never existed.

        If the goal has ended but is not settled (a host may end one itself), settle its whole escrow.
        """
        goal = self.goals.get(hold.goal_id)
        if goal is not None and not goal.settled:
            return self.settle_escrow(SettleEscrow(goal_id=goal.id)) is not None
        refunded = self.wallet.refund(hold.transaction_id)
        report_settled(refunded, self.wallet, self.signals)
        return True


def _notifier_is_away(failure: Exception) -> bool:
    return isinstance(failure, ExceptionGroup) and failure.subgroup(NotifierUnavailable) is not None


def _each(items: Iterable[T], step: Callable[[T], bool], failures: list[Exception]) -> int:
    """Run the step for each item. Return how many did something."""
    done = 0
    for item in items:
        try:
            done += step(item)
        except Refused:
            continue  # another worker was quicker
        except Exception as error:
            failures.append(error)
    return done
