"""Task ``transfer``: the viewer's money into the goal's escrow."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ...ports.wallet import Wallet
from .. import names
from ..errors import GoalEnded, GoalUnknown
from ..events import TransactionCreated
from ..messages import DeactivateGoal, Message, SettleEscrow, Transfer
from ..model import Claim, Hold
from ..signals import Signals
from ..trace import Trace, Tracer


@frozen(kw_only=True)
class TransferTask:
    goals: Goals
    sessions: Sessions
    wallet: Wallet
    task_queue: TaskQueue
    signals: Signals
    clock: Clock
    tracer: Tracer

    def __call__(self, message: Transfer) -> Hold:
        """Hold the amount for the goal, once, and report it as the wallet's callback would (L1).

        Idempotent by transaction_id (D15); it reports again, after the goal's end too. Raises, as final: GoalEnded
        when the goal has ended or its exp has passed (D18), GoalUnknown, TransactionConflict, InsufficientBalance.
        Unavailable and an ExceptionGroup of failed receivers mean retry.
        """
        ids = {"goal_id": message.goal_id, "transaction_id": message.transaction_id}
        with self.tracer.unit("transfer", **ids) as trace:
            hold = self._hold(message, trace)
            trace.money(hold)
            self._look_again(hold, trace)
            self._report(hold)
            return hold

    def _hold(self, message: Transfer, trace: Trace) -> Hold:
        """A delivery that broke off may have held before the goal ended: that hold stands, and the rest is due (D19).

        Otherwise nobody would hear that the viewer has paid, and they would hear that the money comes back.
        """
        try:
            claim = trace.require(self._live_claim(message, self.clock.now()), GoalEnded)
        except (GoalEnded, GoalUnknown):
            standing = self.wallet.find(message.transaction_id)
            if standing is None or not standing.same_transfer(_hold_of(message, exp=None)):
                raise
            return standing
        return self.wallet.hold(_hold_of(message, claim.exp))

    def _look_again(self, hold: Hold, trace: Trace) -> None:
        """The goal may have ended between the question and the hold: its end is told once more.

        Otherwise their money could be released to the streamer (L3), and they never let in: whoever told of the end
        has not seen this hold. And one without exp, which no sweep looks for, may be settled already.
        """
        goal = self.goals.get(hold.goal_id)
        if goal is None or goal.active:
            return
        messages: list[Message] = [DeactivateGoal(goal_id=goal.id)]
        if hold.exp is None:
            messages.append(SettleEscrow(goal_id=goal.id))
        for message in messages:
            self.task_queue.trigger(message)
            trace.task(message)

    def _report(self, hold: Hold) -> None:
        """What a wallet that calls back would report: the money has left the viewer, and sits in escrow (L1)."""
        if self.wallet.calls_back:
            return
        self.signals.send(
            TransactionCreated(
                transaction_id=hold.transaction_id,
                timestamp=self.clock.now(),
                tags=hold.tags,
                from_account=hold.from_user_id,
                from_amount=hold.amount,
                to_account=None,
                to_amount=None,
            )
        )

    def _live_claim(self, message: Transfer, now: datetime) -> Claim | None:
        """Until when the goal may take money; None when it has ended.

        A transfer may overtake its create_goal: then the session's claim vouches for the goal (D2).
        """
        goal = self.goals.get(message.goal_id)
        if goal is not None:
            return Claim(goal_id=goal.id, exp=goal.exp) if goal.active and not goal.expired(now) else None
        claim = self._session_claim(message)
        if claim is None or claim.goal_id != message.goal_id:
            raise GoalUnknown(f"neither a goal nor a claim is called {message.goal_id}")
        return claim if claim.live(now) else None

    def _session_claim(self, message: Transfer) -> Claim | None:
        named = [ids for tag in message.tags if (ids := names.ids_of(tag))]
        session = self.sessions.fetch_active(named[0][0]) if named else None
        return None if session is None else session.claim


def _hold_of(message: Transfer, exp: datetime | None) -> Hold:
    return Hold(
        transaction_id=message.transaction_id,
        goal_id=message.goal_id,
        escrow_id=message.escrow_id,
        from_user_id=message.from_user_id,
        to_user_id=message.to_user_id,
        amount=message.amount,
        duration=message.duration,
        tags=message.tags,
        exp=exp,
    )
