"""Task ``settle_escrow``: the streamer is paid, or each payer gets their money back (L3)."""

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
        """Release or refund everything in the goal's escrow, ``settle_delay`` after its end.

        Returns the goal as it stands, None while it is too early: then the timer is set anew. What becomes of the
        escrow is decided once, by compare-and-set, before any money moves; so that a task that breaks off half-way is
        carried on by the next one, whatever the session has become. Money that was held too late for it goes back to
        its viewer. Raises GoalUnknown and GoalNotEnded (final); Unavailable, and an ExceptionGroup of what could not be
        moved and of failed receivers (retry).
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
        """Nobody pays for a show that they may not see, whatever became of the task that told of the agreement."""
        if goal.agreed is not None and goal.session_id is not None:
            self.sessions.admit_viewers(goal.session_id, viewer_passes(goal.agreed, holds, goal.metadata))

    def _settlement(self, goal: Goal) -> Settlement:
        if goal.settlement is not None:
            return goal.settlement
        return settlement_of(goal, self.sessions.fetch_active(goal.session_id or ""))

    def _carry_out_each(self, settlement: Settlement | None, holds: Sequence[Hold]) -> None:
        """Move the money, then report what has moved. A hold that cannot be moved keeps no other from moving."""
        carry_out = self.wallet.release if settlement is Settlement.RELEASED else self.wallet.refund
        settled: list[Hold] = []
        failures: list[Exception] = []
        for hold in holds:
            try:
                settled.append(carry_out(hold.transaction_id))
            except Unavailable as error:  # nor would the wallet answer for the others
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
    """Send ``balance.incremented`` for whoever has the money now. A wallet that calls back says so itself.

    All of it has moved by then, so that a receiver that fails keeps nobody waiting for their money (D21).
    """
    if not wallet.calls_back:
        signals.send_all(map(_balance_incremented, settled))


def _balance_incremented(hold: Hold) -> BalanceIncremented:
    receiver = hold.to_user_id if hold.state is HoldState.RELEASED else hold.from_user_id
    return BalanceIncremented(user_id=receiver, amount=hold.amount, transaction_id=hold.transaction_id, tags=hold.tags)
