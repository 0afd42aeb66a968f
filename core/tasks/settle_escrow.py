"""Task ``settle_escrow``: pay the streamer, or refund every payer (L3).

The holds of an escrow come in pages. A single page is settled at once. Of several, each is a message of its own, which
any worker carries out, so that a crowd is settled by all workers together (D43). The pages are handed out one by one:
whoever hands out a page asks for the next one to be handed out behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from attrs import evolve, frozen

from ...ports.clock import Clock
from ...ports.errors import UnreadableDocument, WalletUnavailable
from ...ports.goals import Goals
from ...ports.page import Page
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ...ports.wallet import Wallet
from .. import names
from ..crowd import PART, tell_lapsed, tell_streamer
from ..decision import Settlement
from ..errors import GoalEnded, GoalNotEnded, GoalUnknown
from ..messages import SettleEscrow
from ..model import Goal
from ..money import Hold, HoldState
from ..settings import Settings
from ..trace import Trace, Tracer, current, require
from .deciding import Deciding
from .moving import Moved, Moving

STEP = timedelta(seconds=3)
"""How long one run goes on: well under the soft time limit of a worker's tasks."""
REPORTS = timedelta(seconds=1)
"""How long one run reports at least."""
TOLD_AT_A_TIME = 1_000
"""So many holds of an escrow are read at a time to add up what was moved."""
PAUSE = timedelta(seconds=5)
"""How long the next run waits after a run that could move nothing: the wallet may be away."""


@frozen(kw_only=True)
class SettleEscrowTask:
    goals: Goals
    sessions: Sessions
    wallet: Wallet
    deciding: Deciding
    moving: Moving
    task_queue: TaskQueue
    clock: Clock
    settings: Settings
    tracer: Tracer

    def __call__(self, message: SettleEscrow) -> Goal | None:
        """Release or refund everything in the goal's escrow, ``settle_delay`` after the goal ended.

        Returns the goal, or None if it is too early, or its show goes on; then the timer is set again. The decision is
        made once, by compare-and-set, before any money moves. If a run breaks off, the next one carries the same
        decision on, even if the session has changed. Money that was held after the settlement is refunded. Idempotent:
        a repeat moves what is still held of a single page, and hands out no page of several again; a page that is
        delivered again is reported again. Final refusals: GoalUnknown, GoalNotEnded.
        Retry on Unavailable and on an ExceptionGroup: none of the page's holds could be moved, or reported.
        """
        with self._unit(message.goal_id):
            now = self.clock.now()
            until = now + STEP
            goal = require(self.goals.get(message.goal_id), GoalUnknown)
            if goal.active or goal.ended is None:
                raise GoalNotEnded(f"goal {goal.id} is still active")
            due = goal.ended + self.settings.settle_delay
            if due > now:
                self.task_queue.trigger(message, eta=due)
                return None
            decided = self.deciding(goal)
            if decided.due is not None:
                self.task_queue.trigger(message, eta=decided.due)
                self.moving.showing.tell_began(goal, decided.goal)
                return None
            goal = decided.goal
            if message.transactions is None and goal.planned > (message.page or 0):
                return goal  # this page was handed out
            if message.transactions is not None and not message.transactions:
                self._add_up(goal, message, until)
                return goal
            page = self.page(goal, message.after)
            if message.transactions is not None:
                return self._settle(goal, message, self._those(message.transactions, page.items), until)
            if message.after is None and page.next is None:
                return self._settle(goal, message, left_to_do(goal, page.items), until)
            self._hand_out(goal, message, page)
            return goal

    def page(self, goal: Goal, after: str | None, limit: int = PART) -> Page[Hold]:
        """A page of the goal's escrow: what is held comes first."""
        return self.wallet.holds_of(names.escrow_id(goal.id, goal._cls), limit, after)

    def mark_if_empty(self, goal: Goal, escrow: Page[Hold] | None = None, *, tell: bool = True) -> Goal:
        """Mark the goal as settled unless something is still held. Tell of it, or else a task does (D34).

        ``escrow`` is its first page, if the caller knows it. Money that comes later is found by its exp (N8).
        """
        if goal.settled:
            return goal
        escrow = escrow or self.page(goal, None)
        if any(hold.state is HoldState.HELD for hold in escrow.items):
            return goal
        if goal._cls == names.TRIGGER_PRIVATE_GOAL and not (tell and self._told(goal, escrow)):
            self.task_queue.trigger(SettleEscrow(goal_id=goal.id, transactions=[]))
        self.goals.mark_settled(goal.id)  # last: nobody looks at a goal that is marked again
        return evolve(goal, settled=True)

    def refund(self, hold: Hold, goal: Goal | None) -> Callable[[], None] | None:
        """Refund one hold. Returns the report, None if it is not held.

        While another worker may still release it, the money goes first: nobody loses both it and the pass. The goal is
        read again behind it: one that was agreed to meanwhile has let its viewer in.
        """
        ids = {"goal_id": hold.goal_id, "transaction_id": hold.transaction_id}

        def report() -> None:
            with self.tracer.unit("settle_escrow", **ids):
                moved = Moved(settled=[refunded])
                self.moving.report(goal, moved, self.clock.now())
                if moved.failures and goal is not None:
                    self._ask(SettleEscrow(goal_id=goal.id), moved.settled)
                if moved.failures:
                    raise ExceptionGroup("the refund is not reported", [*moved.failures.values()])

        with self.tracer.unit("settle_escrow", **ids):
            found = self.wallet.find(hold.transaction_id)
            if found is None or found.state is not HoldState.HELD:
                return None
            money_first = goal is not None and _may_be_released(goal)
            if goal is not None and not money_first:
                self.moving.take_back(goal, [found])
            refunded = self.wallet.refund(hold.transaction_id)
            if goal is not None and money_first and refunded.state is HoldState.REFUNDED:
                goal = self.goals.get(goal.id) or goal
                self.moving.take_back(goal, [refunded])
            return report

    def _told(self, goal: Goal, escrow: Page[Hold]) -> bool:
        try:
            if escrow.next is None:
                self._tell(goal, escrow, _total(goal, escrow))
        except Exception:  # a task does, and its trace says why it cannot
            return False
        return escrow.next is None

    def _add_up(self, goal: Goal, message: SettleEscrow, until: datetime) -> None:
        """Tell the streamer the total of the whole escrow. When the time is over, ask for the next run."""
        page = self.page(goal, message.after, TOLD_AT_A_TIME)
        total = (message.total or 0) + _total(goal, page)
        while page.next is not None:
            if self.clock.now() >= until:
                self.task_queue.trigger(evolve(message, after=page.next, total=total))
                return
            page = self.page(goal, page.next, TOLD_AT_A_TIME)
            total += _total(goal, page)
        self._tell(goal, page, total)

    def _tell(self, goal: Goal, escrow: Page[Hold], total: int) -> None:
        """Tell the streamer, and who asked for the goal if their transfer was lost: it would be refused now (D34).

        Everybody hears that the show has ended. ``escrow`` is its last page.
        """
        self.moving.showing.tell_ended(goal)
        if escrow.items or total:
            tell_streamer(self.moving.notifier, goal, total)
        viewer_id = goal.triggered_by
        if viewer_id is None or goal.unpaid or any(hold.from_user_id == viewer_id for hold in escrow.items):
            return
        if self.wallet.find(names.transaction_id(goal.id, viewer_id)) is None:
            tell_lapsed(self.moving.notifier, goal.session_id, goal.id, viewer_id, GoalEnded.code)

    def _unit(self, goal_id: str) -> Trace:
        return self.tracer.unit("settle_escrow", goal_id=goal_id)

    def _those(self, transactions: Sequence[str], page: Sequence[Hold]) -> Sequence[Hold]:
        """The holds of a page that was handed out. Most are still where it began."""
        here = {hold.transaction_id: hold for hold in page}
        found = [here.get(transaction_id) or self.wallet.find(transaction_id) for transaction_id in transactions]
        return [hold for hold in found if hold is not None]

    def _settle(self, goal: Goal, message: SettleEscrow, holds: Sequence[Hold], until: datetime) -> Goal:
        """Move what is held, report what is settled, and ask for another run for what is left of either.

        What is still held is left to the sweep, which sets it aside if it fails again. What has moved and cannot be
        reported, or may have moved without an answer, is asked for once more. If all failed, a task is retried.
        """
        moved = self.moving.move(goal, holds, until)
        self._ask(message, moved.rest, None if moved.settled else PAUSE)
        unreported = self.moving.report(goal, moved, max(until, self.clock.now() + REPORTS))
        self._ask(message, unreported)
        if moved.failures and len(moved.failures) == len(holds):
            raise ExceptionGroup("not all of the escrow is settled", [*moved.failures.values()])
        away = {one for one, error in moved.failures.items() if isinstance(error, WalletUnavailable)}
        again = away | moved.failures.keys() & {hold.transaction_id for hold in moved.settled}
        self._ask(message, [hold for hold in holds if hold.transaction_id in again], PAUSE)  # no sweep finds it
        for transaction_id, error in moved.failures.items():
            current().left_out("hold", transaction_id, error)
        self._free_session(goal)
        return goal if moved.failures or moved.rest or unreported else self.mark_if_empty(goal)

    def _free_session(self, goal: Goal) -> None:
        """Nobody joins a goal whose money has moved, although what should write its end was lost (D2, D30)."""
        if goal._cls != names.TRIGGER_PRIVATE_GOAL:
            return
        ended = goal.exp or self.clock.now()
        with suppress(UnreadableDocument):  # it is written all the same
            self.sessions.end_trigger_private_goal(goal.session_id or "", goal.id, ended=ended, agreed=goal.agreed)

    def _ask(self, message: SettleEscrow, holds: Sequence[Hold], pause: timedelta | None = None) -> None:
        if holds:
            own = evolve(message, transactions=[hold.transaction_id for hold in holds])
            self.task_queue.trigger(own, eta=None if pause is None else self.clock.now() + pause)

    def _hand_out(self, goal: Goal, message: SettleEscrow, page: Page[Hold]) -> None:
        """Ask for this page, and for the next one to be handed out: few of them wait before a viewer's transfer.

        The plan is marked last. A run that breaks off before hands the page out again.
        """
        held = [hold for hold in page.items if hold.state is HoldState.HELD]
        if not held:
            if message.after is None:
                self.mark_if_empty(goal)
            return
        planned = (message.page or 0) + 1
        self._ask(SettleEscrow(goal_id=goal.id, after=message.after), held)
        if page.next is not None and len(held) == len(page.items):  # what is held comes first
            self.task_queue.trigger(SettleEscrow(goal_id=goal.id, after=page.next, page=planned))
        self.goals.plan(goal.id, planned)


def _may_be_released(goal: Goal) -> bool:
    return goal.settlement is not Settlement.REFUNDED and not goal.settled


def _total(goal: Goal, page: Page[Hold]) -> int:
    """What of a page was moved as decided."""
    if goal.settlement is Settlement.RELEASED:
        return sum(hold.released for hold in page.items)
    return sum(hold.refunded for hold in page.items if goal.settlement)


def left_to_do(goal: Goal, holds: Sequence[Hold]) -> Sequence[Hold]:
    """What is held, and what a run may have settled that broke off before it reported.

    Once the goal is settled, everything has been reported.
    """
    return [hold for hold in holds if not goal.settled or hold.state is HoldState.HELD]
