"""How a sweep empties an escrow itself, without the queue: page by page, past what cannot be moved (D43)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import Factory, define, field, frozen

from ...ports.clock import Clock
from ...ports.errors import TaskQueueUnavailable, WalletUnavailable
from ...ports.page import Page
from ...ports.task_queue import TaskQueue
from ..crowd import PART
from ..messages import SettleEscrow
from ..model import Goal
from ..money import Hold, HoldState
from ..trace import Tracer, current
from .moving import Moved, Moving
from .settle_escrow import SettleEscrowTask, left_to_do


@define(kw_only=True)
class Escrow:
    """The escrow of a goal that is due, and what a sweep has done to it."""

    goal: Goal
    place: str | None = None
    """Where the next page begins."""
    ended_now: bool = False
    """This sweep has ended the goal."""
    known: bool = False
    """An earlier sweep has moved and reported what it could, and told of the goal's end or set that aside."""
    settled: dict[str, Hold] = field(factory=dict)
    """What has moved and is to be reported, by transaction id."""
    failures: dict[str, Exception] = field(factory=dict)
    """Why a hold could not be moved, by transaction id; and why a page could not be read, by its place."""
    over: bool = field(default=False, init=False)
    """Every hold was tried."""
    goes_on: bool = field(default=False, init=False)
    """The goal's show goes on, so nothing was tried."""
    whole: bool = field(default=False, init=False)
    """It has one page, which is reported as a whole: a run may have broken off before it reported."""
    emptied: Page[Hold] | None = field(init=False, default=None)
    """All that was in it, as it is now, if it was one page that has moved."""
    unreported: list[Exception] = field(init=False, factory=list)
    """Why reports failed. A task tries those again."""
    unheard: bool = field(init=False, default=False)
    """A hold of its one page may have moved without an answer, and no task looks: the next sweep reports all of it."""
    away: bool = field(init=False, default=False)
    """The channel service does not answer. Tasks tell and report."""
    _last_round: bool = field(init=False, default=Factory(lambda self: self.place is None, takes_self=True))
    """Whether it began at the front. If not, it goes on there when it comes to the end."""

    @property
    def untouched(self) -> bool:
        """Nothing could be moved: there is nothing to tell, too."""
        return bool(self.failures) and not (self.settled or self.ended_now or self.known)

    def turn_page(self, place: str | None) -> None:
        """Go on at ``place``. None is the end."""
        self.place = place
        if place is None:
            self.over, self._last_round = self._last_round, True


@frozen(kw_only=True)
class Emptying:
    settle_escrow: SettleEscrowTask
    moving: Moving
    task_queue: TaskQueue
    clock: Clock
    tracer: Tracer

    def go_on(self, escrow: Escrow, until: datetime) -> None:
        """Move what is held until every hold was tried or the time is over. Nothing is reported yet (D44)."""
        with self.tracer.unit("settle_escrow", goal_id=escrow.goal.id):
            decided = self.settle_escrow.deciding(escrow.goal)
            escrow.goal, escrow.goes_on = decided.goal, decided.due is not None
            while not (escrow.over or escrow.goes_on):
                try:
                    self._move_page(escrow, until)
                except Exception as error:
                    escrow.failures[escrow.place or ""] = error
                    escrow.over = True
                if self.clock.now() >= until:
                    return

    def _move_page(self, escrow: Escrow, until: datetime) -> None:
        page = self.settle_escrow.page(escrow.goal, escrow.place)
        held = [hold for hold in page.items if hold.state is HoldState.HELD]
        escrow.whole = escrow.place is None and page.next is None
        todo = left_to_do(escrow.goal, page.items) if escrow.whole and not escrow.known else held
        moved = self.moving.move(
            escrow.goal, [hold for hold in todo if hold.transaction_id not in escrow.failures], until
        )
        escrow.settled |= {hold.transaction_id: hold for hold in moved.settled}
        escrow.failures |= moved.failures
        if moved.rest:
            self._stop_behind_failures(escrow, held)
            return
        if len(moved.settled) == len(page.items) and escrow.whole:
            escrow.emptied = Page(moved.settled)
        escrow.turn_page(page.next if len(held) == len(page.items) else None)  # what is held comes first

    def _stop_behind_failures(self, escrow: Escrow, held: Sequence[Hold]) -> None:
        """Only those that failed are still there before the first that was not tried."""
        failed = sum(hold.transaction_id in escrow.failures for hold in held)
        if failed:
            escrow.place = self.settle_escrow.page(escrow.goal, escrow.place, failed).next or escrow.place

    def report(self, escrow: Escrow, until: datetime) -> None:
        """Report what has moved. What takes too long is left to task ``settle_escrow``.

        Each page is a unit of its own, so no trace grows with the crowd.
        """
        holds = [*escrow.settled.values()]
        for first in range(0, len(holds), PART):
            with self.tracer.unit("settle_escrow", goal_id=escrow.goal.id):
                self._report_page(escrow, holds[first : first + PART], until)
        escrow.settled.clear()

    def _report_page(self, escrow: Escrow, holds: Sequence[Hold], until: datetime) -> None:
        moved = Moved(settled=[*holds])
        unreported = self.moving.report(escrow.goal, moved, until) if self.clock.now() < until else holds
        escrow.unreported += moved.failures.values()
        ids = [*dict.fromkeys([*moved.failures, *(hold.transaction_id for hold in unreported)])]
        if ids:
            self.task_queue.trigger(SettleEscrow(goal_id=escrow.goal.id, transactions=ids))

    def _ask_after(self, escrow: Escrow) -> None:
        """What the wallet did not answer may have moved: later sweeps would not report it. A task looks (D34).

        Tasks are asked once. After that, or if the queue is away, the next sweep reports a single page as a whole.
        """
        unsure = [place for place, error in escrow.failures.items() if isinstance(error, WalletUnavailable) and place]
        escrow.unheard = escrow.whole and bool(unsure)
        if escrow.known:
            return
        for first in range(0, len(unsure), PART):
            self.task_queue.trigger(SettleEscrow(goal_id=escrow.goal.id, transactions=unsure[first : first + PART]))
        escrow.unheard = False

    def close(self, escrow: Escrow) -> None:
        """Mark the goal as settled. Raises an ExceptionGroup if something could not be moved or reported."""
        if not escrow.failures:
            self.settle_escrow.mark_if_empty(escrow.goal, escrow.emptied, tell=not (escrow.away or escrow.unreported))
        failures = [*escrow.failures.values(), *escrow.unreported]
        if not failures:
            return
        with self.tracer.unit("settle_escrow", goal_id=escrow.goal.id):
            try:
                self._ask_after(escrow)
            except TaskQueueUnavailable as error:  # the wallet's error says more
                current().left_out("report", escrow.goal.id, error)
            raise ExceptionGroup("not all of the escrow is settled", failures[:PART])
