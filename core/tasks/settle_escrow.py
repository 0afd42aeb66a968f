"""Task ``settle_escrow``: pay the streamer, or refund every payer, in steps (L3).

A run goes on for ``STEP``, and then asks for the next one, which goes on where this one stopped (D43). Reports begin
when every hold has been tried, so that no receiver delays the money (D44).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from operator import attrgetter

from attrs import define, evolve, field, frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.passes import Passes
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ...ports.wallet import Wallet, whole_escrow
from .. import names
from ..errors import GoalNotEnded, GoalUnknown
from ..events import BalanceIncremented
from ..messages import SettleEscrow
from ..model import Goal, Hold, HoldState, Settlement
from ..rules.private_goal import viewer_passes
from ..rules.states import may_earn, settlement_of
from ..settings import Settings
from ..signals import Signals
from ..trace import Tracer, require

STEP = timedelta(seconds=3)
"""How long one run goes on: well under the soft time limit of a worker's tasks."""
_BY_ID = attrgetter("transaction_id")
PAUSE = timedelta(seconds=5)
"""How long the next run waits after a run that could move nothing: the wallet may be away."""


@define
class Escrow:
    """What one run finds and does. ``holds`` are in the order of their ids, as they are now."""

    goal: Goal
    holds: list[Hold]
    moved: list[int] = field(factory=list)
    """The numbers of the holds that this run moved."""
    next: int | None = None
    """The hold that the next run begins with, if the time was over before all were tried."""
    failures: list[Exception] = field(factory=list)

    @property
    def complete(self) -> bool:
        return self.next is None and not self.failures


@frozen(kw_only=True)
class SettleEscrowTask:
    goals: Goals
    sessions: Sessions
    passes: Passes
    wallet: Wallet
    signals: Signals
    task_queue: TaskQueue
    clock: Clock
    settings: Settings
    tracer: Tracer

    def __call__(self, message: SettleEscrow) -> Goal | None:
        """Release or refund everything in the goal's escrow, ``settle_delay`` after the goal ended.

        Returns the goal, or None if it is too early; then the timer is set again. The decision is made once, by
        compare-and-set, before any money moves. If a run breaks off, the next one carries the same decision on, even if
        the session has changed. Money that was held after the settlement is refunded. Final refusals: GoalUnknown,
        GoalNotEnded. Retry on Unavailable and on an ExceptionGroup of holds that could not be moved and of failed
        receivers.
        """
        with self.tracer.unit("settle_escrow", goal_id=message.goal_id):
            now = self.clock.now()
            goal = require(self.goals.get(message.goal_id), GoalUnknown)
            if goal.active or goal.exp is None:
                raise GoalNotEnded(f"goal {goal.id} is still active")
            due, until = goal.exp + self.settings.settle_delay, now + STEP
            if due > now:
                self.task_queue.trigger(message, eta=due)
                return None
            return self._close(self._move(self._decided(goal), message.tried or 0, until), message, until)

    def move(self, goal: Goal) -> Escrow:
        """Only move the money, for the sweep: the reports come when the money of other goals has moved, too (D44)."""
        with self.tracer.unit("settle_escrow", goal_id=goal.id):
            return self._move(self._decided(goal), 0, self.clock.now() + STEP)

    def close(self, escrow: Escrow) -> None:
        """Report what was moved, and mark the goal as settled."""
        with self.tracer.unit("settle_escrow", goal_id=escrow.goal.id):
            self._close(escrow, SettleEscrow(goal_id=escrow.goal.id), self.clock.now() + STEP)

    def refund(self, hold: Hold) -> Callable[[], None] | None:
        """Refund a hold without a goal, or of one that is settled. Returns the report, None if it is not held."""
        ids = {"goal_id": hold.goal_id, "transaction_id": hold.transaction_id}

        def report() -> None:
            with self.tracer.unit("settle_escrow", **ids):
                report_settled(refunded, self.wallet, self.signals)

        with self.tracer.unit("settle_escrow", **ids):
            found = self.wallet.find(hold.transaction_id)
            if found is None or found.state is not HoldState.HELD:
                return None
            refunded = self.wallet.refund(hold.transaction_id)
            return report

    def _decided(self, goal: Goal) -> Goal:
        if goal.settled or goal.settlement is not None:
            return goal
        return self.goals.decide(goal.id, self._settlement(goal)) or goal

    def _settlement(self, goal: Goal) -> Settlement:
        """Most goals have earned nothing, whatever the session is."""
        session = self.sessions.fetch_active(goal.session_id or "") if may_earn(goal) else None
        return settlement_of(goal, session)

    def _move(self, goal: Goal, tried: int, until: datetime) -> Escrow:
        """Move what is held, until the time is over. A hold that cannot be moved stops no other.

        The holds before number ``tried`` failed in the runs before this one, so they come last.
        """
        escrow = Escrow(goal, sorted(whole_escrow(self.wallet, names.escrow_id(goal.id, goal._cls)), key=_BY_ID))
        held = [number for number, hold in enumerate(escrow.holds) if hold.state is HoldState.HELD]
        for number in sorted(held, key=lambda number: (number < tried, number)):
            if (escrow.moved or escrow.failures) and self.clock.now() >= until:
                if escrow.moved or number >= tried:  # else a run would follow a run for ever
                    escrow.next = number
                break
            try:
                escrow.holds[number] = self._carry_out(goal, escrow.holds[number])
                escrow.moved.append(number)
            except Exception as error:
                escrow.failures.append(error)
        return escrow

    def _carry_out(self, goal: Goal, hold: Hold) -> Hold:
        """Before the money is released, write the pass again: nobody pays for a show that they may not see."""
        if goal.settled or goal.settlement is not Settlement.RELEASED:
            return self.wallet.refund(hold.transaction_id)
        if goal._cls == names.TRIGGER_PRIVATE_GOAL and goal.agreed is not None and goal.session_id is not None:
            self.passes.admit(goal.session_id, viewer_passes(goal.agreed, [hold], goal.metadata))
        return self.wallet.release(hold.transaction_id)

    def _close(self, escrow: Escrow, message: SettleEscrow, until: datetime) -> Goal:
        """Report what has moved, then mark the goal as settled. Ask for the next run if the time is over first."""
        if escrow.next is not None:
            rest = None if escrow.moved else self.clock.now() + PAUSE
            self.task_queue.trigger(evolve(message, tried=escrow.next), eta=rest)
            return escrow.goal
        reported = self._report(escrow, message.reported or 0, until)
        if reported is not None:
            self.task_queue.trigger(evolve(message, reported=reported))
            return escrow.goal
        if escrow.failures:
            raise ExceptionGroup("not all of the escrow is settled", escrow.failures)
        if escrow.goal.settled:
            return escrow.goal
        self.goals.mark_settled(escrow.goal.id)
        return evolve(escrow.goal, settled=True)

    def _report(self, escrow: Escrow, reported: int, until: datetime) -> int | None:
        """Report each hold from number ``reported`` on. Returns where the next run begins, None if all are reported.

        An earlier run may have moved a hold and broken off before it reported it, so those of earlier runs are
        reported, too. Once the goal is settled they have been.
        """
        numbers = escrow.moved if escrow.goal.settled else range(reported, len(escrow.holds))
        for position, number in enumerate(numbers):
            if position and not escrow.goal.settled and self.clock.now() >= until:
                return number
            try:
                report_settled(escrow.holds[number], self.wallet, self.signals)
            except ExceptionGroup as failed:
                escrow.failures.append(failed)
        return None


def report_settled(hold: Hold, wallet: Wallet, signals: Signals) -> None:
    """Send ``balance.incremented`` for the user who got the money, unless the wallet calls back and reports it itself.

    A hold that has not moved is not reported.
    """
    if hold.state is HoldState.HELD or wallet.calls_back:
        return
    receiver = hold.to_user_id if hold.state is HoldState.RELEASED else hold.from_user_id
    signals.send(
        BalanceIncremented(user_id=receiver, amount=hold.amount, transaction_id=hold.transaction_id, tags=hold.tags)
    )
