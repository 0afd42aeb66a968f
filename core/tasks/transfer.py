"""Task ``transfer``: hold the viewer's money in the goal's escrow."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from attrs import frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.notifier import Notifier
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ...ports.wallet import Wallet
from .. import names
from ..crowd import tell_lapsed
from ..errors import GoalEnded, GoalUnknown, InsufficientBalance, Refused
from ..events import TransactionCreated
from ..in_place import Kept, keeping
from ..messages import AdmitViewers, DeactivateGoal, IncrementGoalProgress, Message, SettleEscrow, Transfer
from ..model import Claim, Goal
from ..money import Hold
from ..signals import Signals
from ..trace import Trace, Tracer, current, received, require
from .increment_goal_progress import IncrementGoalProgressTask


@frozen(kw_only=True)
class TransferTask:
    goals: Goals
    sessions: Sessions
    wallet: Wallet
    task_queue: TaskQueue
    increment_goal_progress: IncrementGoalProgressTask
    notifier: Notifier
    signals: Signals
    clock: Clock
    tracer: Tracer

    def __call__(self, message: Transfer) -> Hold:
        """Hold the amount in the goal's escrow and report it, as the wallet's callback would (L1).

        The report triggers ``increment_goal_progress``. If the goal exists, we carry that out right after this task,
        which saves a message; if it fails, its message is queued.

        Idempotent by ``transaction_id``: a repeat holds nothing and reports again, even after the goal has ended (D15).
        Final refusals: GoalEnded when the goal has ended or its exp has passed (D18), GoalUnknown, TransactionConflict,
        InsufficientBalance, which ends a goal without a deposit (D33). Retry on Unavailable and on an ExceptionGroup of
        failed receivers.
        """
        hold: Hold | None = None
        counts: list[Kept] = []
        try:
            with self._unit(message):
                goal = self.goals.get(message.goal_id)
                hold = self._hold_or_lapse(message, goal)
                self._report(hold, None if goal is None else counts)
        except Exception:
            if hold is not None:
                self._look_again(hold, self._count(counts))
            raise
        self._look_again(hold, self._count(counts, goal if hold.new else None))
        return hold

    def _unit(self, transfer: Transfer | Hold) -> Trace:
        return self.tracer.unit("transfer", goal_id=transfer.goal_id, transaction_id=transfer.transaction_id)

    def _count(self, counts: list[Kept], before: Goal | None = None) -> Goal | None:
        """Carry out each message, or queue it if it fails. Returns the goal of the last one, as it is then.

        ``before`` is the goal as it was before the hold, if the hold is new.
        """
        goal = None
        for message, headers in counts:
            try:
                with received(headers):
                    goal = self.increment_goal_progress(message, before)
            except Exception:  # its trace says why
                self.task_queue.trigger(message)
        return goal

    def _hold_or_lapse(self, message: Transfer, goal: Goal | None) -> Hold:
        """Whoever was told 202 hears that nothing comes of it, if the channel service answers (D34).

        It is told once: a repeat might hold the money after all.
        """
        try:
            return self._hold(message, goal)
        except Refused as refused:
            if message.escrow_id == names.escrow_id(message.goal_id):
                session_id = message.session_id or _session_in(message.tags)
                try:
                    tell_lapsed(self.notifier, session_id, message.goal_id, message.from_user_id, refused.code)
                except Exception as error:
                    current().left_out("viewer", message.from_user_id, error)
            raise

    def _hold(self, message: Transfer, goal: Goal | None) -> Hold:
        """Hold the amount, unless the goal has ended.

        An earlier delivery may have placed the hold before the goal ended, and broken off (D19). Then we carry on with
        that hold: without the report nobody would learn that the viewer has paid.
        """
        try:
            claim = require(self._live_claim(message, goal, self.clock.now()), GoalEnded)
        except (GoalEnded, GoalUnknown):
            earlier = self.wallet.find(message.transaction_id)
            if earlier is None or not earlier.same_transfer(_hold_of(message, exp=None)):
                raise
            current().money(earlier)
            return earlier
        try:
            return self.wallet.hold(_hold_of(message, claim.exp))
        except InsufficientBalance:
            self._give_up_unpaid(message, goal)
            raise

    def _give_up_unpaid(self, message: Transfer, goal: Goal | None) -> None:
        """End a private goal that has no deposit, if who asked for it cannot pay (D33).

        A goal that does not exist yet is not bound any more when it is created, because its claim is over.
        """
        claim = self._session_claim(message) if goal is None else None
        first = claim.triggered_by if goal is None and claim is not None else goal.triggered_by if goal else None
        private = message.escrow_id == names.escrow_id(message.goal_id)
        if not private or first not in (None, message.from_user_id):
            return
        if self.wallet.holds_of(message.escrow_id, 1).items:
            return
        now = self.clock.now()
        if goal is None:
            session_id = message.session_id or _session_in(message.tags) or ""
            self.sessions.drop_trigger_private_goal(session_id, message.goal_id, ended=now)
        self.task_queue.trigger(DeactivateGoal(goal_id=message.goal_id, metadata={"unpaid": now.isoformat()}))

    def _look_again(self, hold: Hold, goal: Goal | None) -> None:
        """If the goal ended between the check and the hold, let the viewer in, or send the goal's end again.

        The worker that handled the end did not see this hold. Without this the money could be released (L3) and the
        viewer never let in. If the goal is settled already, the money goes back.
        ``goal`` is the goal if it was read after the hold.
        """
        if goal is None or goal.id != hold.goal_id:
            goal = self.goals.get(hold.goal_id)
        if goal is None or goal.active:
            return
        messages: list[Message] = [DeactivateGoal(goal_id=goal.id)]
        if goal.agreed is not None and goal._cls == names.TRIGGER_PRIVATE_GOAL:  # a crowd need not be told again
            messages = [AdmitViewers(goal_id=goal.id, transactions=[hold.transaction_id], tell=True)]
        if goal.settled or hold.exp is None:  # no timer looks at it any more, and nobody is let in for a refund
            messages = [SettleEscrow(goal_id=goal.id, transactions=[hold.transaction_id])]
        with self._unit(hold):
            for message in messages:
                self.task_queue.trigger(message)

    def _report(self, hold: Hold, counts: list[Kept] | None) -> None:
        """Send ``transaction.created``, unless the wallet calls back and reports it itself (L1).

        What is to be counted is queued, or comes into ``counts``.
        """
        if self.wallet.calls_back:
            return
        event = TransactionCreated(
            transaction_id=hold.transaction_id,
            timestamp=self.clock.now(),
            tags=hold.tags,
            from_account=hold.from_user_id,
            from_amount=hold.amount,
            to_account=None,
            to_amount=None,
        )
        with nullcontext() if counts is None else keeping(IncrementGoalProgress, counts):
            self.signals.send(event)

    def _live_claim(self, message: Transfer, goal: Goal | None, now: datetime) -> Claim | None:
        """The claim of a goal that may still take money; None when the goal has ended. Raises GoalUnknown.

        When the transfer arrives before ``create_goal``, the session's claim proves that the goal will exist (D2).
        """
        if goal is not None:
            return Claim(goal_id=goal.id, exp=goal.exp) if goal.active and not goal.expired(now) else None
        claim = self._session_claim(message)
        if claim is None or claim.goal_id != message.goal_id:
            raise GoalUnknown(f"neither a goal nor a claim is called {message.goal_id}")
        return claim if claim.live(now) else None

    def _session_claim(self, message: Transfer) -> Claim | None:
        session_id = message.session_id or _session_in(message.tags)
        session = self.sessions.fetch_active(session_id) if session_id else None
        return None if session is None else session.claim


def _session_in(tags: Sequence[str]) -> str | None:
    """The session that a tag names, for a message of version 0.1 or of a host: those have no ``session_id`` header."""
    return next((ids[0] for tag in tags if (ids := names.ids_of(tag))), None)


def _hold_of(message: Transfer, exp: datetime | None) -> Hold:
    """The hold has every argument of the message under the same name."""
    values: dict[str, Any] = message.arguments()
    return Hold(**values, duration=message.duration, asked_exp=message.asked_exp, exp=exp)
