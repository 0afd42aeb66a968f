"""What operators do to a goal and its money, each with a reason, by the flow's own steps (H4)."""

from __future__ import annotations

from functools import partial

from attrs import frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.tracker import Tracker
from ...ports.wallet import Wallet
from .. import names
from ..errors import GoalUnknown, TransactionUnknown
from ..messages import DeactivateGoal
from ..model import Goal
from ..money import Hold, HoldState
from ..tasks.deactivate_goal import DeactivateGoalTask
from ..tasks.settle_escrow import SettleEscrowTask
from ..trace import Tracer, observing, require
from .story import REASON


@frozen(kw_only=True)
class EndGoal:
    goals: Goals
    deactivate_goal: DeactivateGoalTask
    tracer: Tracer

    def __call__(self, goal_id: str, reason: str) -> Goal:
        """End the goal as its exp would, and keep the reason in its metadata. Returns the goal as it ended.

        A goal that has ended stays as it is: its metadata may have another reason, or none. Its payers are refunded as
        after any end without an agreement. Raises GoalUnknown and Unavailable, and an ExceptionGroup of receivers that
        failed: then the goal has ended, and a sweep tells of it again.
        """
        with self.tracer.unit("end_goal", goal_id=goal_id, reason=reason):
            goal = require(self.goals.get(goal_id), GoalUnknown)
            if not goal.active:
                return goal
            message = DeactivateGoal(goal_id=goal_id, metadata={REASON: reason})
            return self.deactivate_goal(message) or goal


@frozen(kw_only=True)
class RefundHold:
    goals: Goals
    wallet: Wallet
    settle_escrow: SettleEscrowTask
    tracker: Tracker
    clock: Clock
    tracer: Tracer

    def find(self, transaction_id: str) -> Hold:
        """The hold as it is. Raises TransactionUnknown and Unavailable."""
        return require(self.wallet.find(transaction_id), TransactionUnknown)

    def __call__(self, transaction_id: str, reason: str) -> Hold:
        """Refund the hold if it is held, whatever was decided about its goal, and keep the reason in the statistics.

        Returns the hold as it is then: a released one stays released. A repeat completes what broke off. Raises
        TransactionUnknown and Unavailable, and an ExceptionGroup if the refund could not be reported.
        """
        with self.tracer.unit("refund_hold", transaction_id=transaction_id, reason=reason):
            hold = self.find(transaction_id)
            goal = self.goals.get(hold.goal_id)
            report = self.settle_escrow.refund(hold, goal)
            now = self.find(transaction_id)
            if goal is not None and now.state is HoldState.REFUNDED:
                self.settle_escrow.moving.take_back(goal, [now])  # an earlier call may have broken off before
            if report is not None:
                kept = {REASON: reason, "goal_id": hold.goal_id, "amount": hold.amount, "at": self.clock.now()}
                observing(partial(self.tracker.track, names.OPERATOR_REFUNDED, transaction_id, kept))
                report()
            return now
