"""Task ``settle_escrow``: pay the streamer, or refund every payer (L3)."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from ...ports.clock import Clock
from ...ports.errors import Unavailable
from ...ports.goals import Goals
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ...ports.wallet import Wallet
from .. import names
from ..errors import GoalNotEnded, GoalUnknown
from ..events import BalanceIncremented
from ..messages import SettleEscrow
from ..model import Goal, Hold, HoldState, Settlement
from ..rules.private_goal import viewer_passes
from ..rules.states import settlement_of
from ..settings import Settings
from ..signals import Signals
from ..trace import Tracer, require


@frozen(kw_only=True)
class SettleEscrowTask:
    goals: Goals
    sessions: Sessions
    wallet: Wallet
    signals: Signals
    task_queue: TaskQueue
    clock: Clock
    settings: Settings
    tracer: Tracer

    def __call__(self, message: SettleEscrow) -> Goal | None:
        """Release or refund everything in the goal's escrow, ``settle_delay`` after the goal ended.

        Returns the goal, or None if it is too early; then the timer is set again. The decision is made once, by
        compare-and-set, before any money moves. If the task breaks off half-way, the next run carries the same decision
        on, even if the session has changed. Money that was held after the settlement is refunded. Final refusals:
        GoalUnknown, GoalNotEnded. Retry on Unavailable and on an ExceptionGroup of holds that could not be moved and of
        failed receivers.
        """
        with self.tracer.unit("settle_escrow", goal_id=message.goal_id):
            goal = require(self.goals.get(message.goal_id), GoalUnknown)
            if goal.active or goal.exp is None:
                raise GoalNotEnded(f"goal {goal.id} is still active")
            due = goal.exp + self.settings.settle_delay
            if due > self.clock.now():
                self.task_queue.trigger(message, eta=due)
                return None
            return self._settle(goal)

    def _settle(self, goal: Goal) -> Goal:
        holds = self.wallet.holds_of(names.escrow_id(goal.id, goal._cls))
        if goal.settled:
            late = [hold for hold in holds if hold.state is HoldState.HELD]
            self._carry_out_each(Settlement.REFUNDED, late)
            return goal
        settlement = (self.goals.decide(goal.id, self._settlement(goal)) or goal).settlement
        if settlement is Settlement.RELEASED and goal._cls == names.TRIGGER_PRIVATE_GOAL:
            self._let_in(goal, holds)
        self._carry_out_each(settlement, holds)
        self.goals.mark_settled(goal.id)
        return self.goals.get(goal.id) or goal

    def _let_in(self, goal: Goal, holds: Sequence[Hold]) -> None:
        """Write the passes again before the money moves: nobody pays for a show that they may not see."""
        if goal.agreed is not None and goal.session_id is not None:
            self.sessions.admit_viewers(goal.session_id, viewer_passes(goal.agreed, holds, goal.metadata))

    def _settlement(self, goal: Goal) -> Settlement:
        if goal.settlement is not None:
            return goal.settlement
        return settlement_of(goal, self.sessions.fetch_active(goal.session_id or ""))

    def _carry_out_each(self, settlement: Settlement | None, holds: Sequence[Hold]) -> None:
        """Move each hold, then report those that moved. One that cannot be moved does not stop the others."""
        carry_out = self.wallet.release if settlement is Settlement.RELEASED else self.wallet.refund
        settled: list[Hold] = []
        failures: list[Exception] = []
        for hold in holds:
            try:
                settled.append(carry_out(hold.transaction_id))
            except Unavailable as error:  # the wallet would not answer for the others either
                failures.append(error)
                break
            except Exception as error:
                failures.append(error)
        try:
            report_settled(settled, self.wallet, self.signals)
        except ExceptionGroup as failed:
            failures.append(failed)
        if failures:
            raise ExceptionGroup("not all of the escrow is settled", failures)


def report_settled(settled: Sequence[Hold], wallet: Wallet, signals: Signals) -> None:
    """Send ``balance.incremented`` for each user who got money, unless the wallet calls back and reports it itself.

    Call it after all the money has moved, so a receiver that fails keeps nobody waiting (D21).
    """
    if not wallet.calls_back:
        signals.send_all(map(_balance_incremented, settled))


def _balance_incremented(hold: Hold) -> BalanceIncremented:
    receiver = hold.to_user_id if hold.state is HoldState.RELEASED else hold.from_user_id
    return BalanceIncremented(user_id=receiver, amount=hold.amount, transaction_id=hold.transaction_id, tags=hold.tags)
