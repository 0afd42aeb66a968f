"""The sweeper: finds what timers and messages left undone, and is the guarantee that nothing stays so (D26)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
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
    """How many of each one run took care of. A run that reaches ``limit`` in one of them has left work for the next."""

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
        """End goals past exp, resume claims without a goal, settle what is due, refund holds without a live goal.

        Bounded: at most ``sweep_limit`` of each kind a run. Safe to run at any time, twice at once, and again: each
        item is a step that is idempotent by itself. One that fails stops no other; the failures are raised together.
        """
        with self.tracer.unit("sweep"):
            now = self.clock.now()
            limit = self.settings.sweep_limit
            heard: set[str] = set()
            failures: list[Exception] = []
            swept = Swept(
                ended=_each(self.goals.overdue(now, limit), lambda goal: self._end(goal, heard, failures), failures),
                resumed=_each(self.sessions.unbound(now, limit), self._resume, failures),
                settled=_each(
                    self.goals.unsettled(self._due(now), limit), lambda goal: self._settle(goal, heard), failures
                ),
                refunded=_each(self.wallet.overdue(self._due(now), limit), self._refund, failures),
            )
            current().swept(**asdict(swept))
            if failures:
                raise ExceptionGroup("some of the sweep failed", failures)
            return swept

    def _due(self, now: datetime) -> datetime:
        return now - self.settings.settle_delay

    def _end(self, goal: Goal, heard: set[str], failures: Sequence[Exception]) -> bool:
        """A channel service that hangs is waited for once a sweep, and not at every goal: or the sweep would be out of
        time before it comes to the money (D27). The others are ended all the same, and a task tells each.
        """
        message = DeactivateGoal(goal_id=goal.id, exp=goal.exp)
        if not any(map(_notifier_is_away, failures)):
            return self._tell(message, heard) is not None
        self.goals.end(goal.id, self.clock.now())
        self.task_queue.trigger(message)
        return True

    def _tell(self, message: DeactivateGoal, heard: set[str]) -> Goal | None:
        """End the goal, and tell everybody once in this sweep.

        When that breaks off it becomes a task, which is retried: a timer may settle the goal before anybody has heard
        of its end, and no sweep finds a goal that is settled.
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
        """Create the goal that somebody paid for although its ``create_goal`` was lost.

        A claim that nobody paid for is left to its exp: whoever asked was never told that they were accepted, or asks
        again.
        """
        claim = session.claim
        holds = [] if claim is None else self.wallet.holds_of(names.escrow_id(claim.goal_id))
        if claim is None or not holds:
            return False
        first = holds[0]
        self.task_queue.trigger(create_goal_message(claim, session, first.from_user_id, first.duration))
        return True

    def _settle(self, goal: Goal, heard: set[str]) -> bool:
        """What the timers did not settle has lost messages: its end may not have been heard, so it is sent again.

        That comes first, as a settled goal is not found again; and should it fail, the money moves all the same.
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
        """A hold whose time is over, and whose goal is settled or was never there.

        Of a goal that ended and is not settled - a host may end one itself - the escrow is settled as a whole.
        """
        goal = self.goals.get(hold.goal_id)
        if goal is not None and not goal.settled:
            return self.settle_escrow(SettleEscrow(goal_id=goal.id)) is not None
        refunded = self.wallet.refund(hold.transaction_id)
        report_settled([refunded], self.wallet, self.signals)
        return True


def _notifier_is_away(failure: Exception) -> bool:
    return isinstance(failure, ExceptionGroup) and failure.subgroup(NotifierUnavailable) is not None


def _each(items: Iterable[T], step: Callable[[T], bool], failures: list[Exception]) -> int:
    """Take each item's step; count those that did something."""
    done = 0
    for item in items:
        try:
            done += step(item)
        except Refused:
            continue  # somebody else was quicker
        except Exception as error:
            failures.append(error)
    return done
