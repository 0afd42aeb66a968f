"""The shadow ledger: what every account must have, computed from the wallet's calls."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from ...core.decision import Settlement
from ...core.errors import GoalUnknown, InsufficientBalance, Refused, TransactionConflict
from ...core.messages import Transfer
from ...core.money import Balance, Hold, HoldState
from .faults import Frame
from .records import GoalRecord, Records

LATE = "nothing is held for a goal that has ended (D18)"
ONCE = "a viewer has one hold per goal, and it ends once (D15, L6)"
DECIDED = "money moves as the goal's settlement was decided, never before (L3)"
PAID = "an accepted invitation is paid for while its goal is ongoing (D27)"


class Ledger:
    """Watches the wallet."""

    def __init__(self, records: Records, held: Callable[[Hold], None], *, metered: bool) -> None:
        """``held`` hears of every new hold. If viewers pay for what was shown, ``Shown`` says who gets a refund."""
        self._records = records
        self._held = held
        self._metered = metered
        self.balances: dict[str, Balance] = {}
        self.holds: dict[str, Hold] = {}  # by transaction id
        self.placed: dict[str, int] = {}  # after how many port calls
        self.settled_by: dict[str, Frame | None] = {}  # the action at work
        self.moved = False  # whether money may have moved since the last check

    def deposit(self, user_id: str, amount: int) -> None:
        self._move(user_id, available=amount)

    def held(self) -> list[Hold]:
        return [hold for hold in self.holds.values() if hold.state is HoldState.HELD]

    def wallet_hold(self, result: Hold, hold: Hold) -> None:
        known = self.holds.get(hold.transaction_id)
        if known is None:
            self._is_the_only_one(hold)
            self._is_in_time(hold, self._records.goal(hold.goal_id))
            self.holds[hold.transaction_id] = hold
            self.placed[hold.transaction_id] = self._records.calls.made
            goal = self._records.goal(hold.goal_id)
            goal.paid_at = goal.paid_at or self._records.calls.made
            self._records.keep_promise(hold.transaction_id, hold.amount, held=True)
            self._move(hold.from_user_id, available=-hold.amount, held=hold.amount)
            self._held(hold)
        elif (result.amount, result.state) != (known.amount, known.state):
            self._records.broken(ONCE, f"{hold.transaction_id} is {known.state}, the wallet says {result}")

    def wallet_release(self, result: Hold, transaction_id: str, amount: int | None = None) -> None:
        goal = self._goal_of(transaction_id)
        if goal.decided is not Settlement.RELEASED:
            self._records.broken(DECIDED, f"{transaction_id} is released, the decision is {goal.decided}")
        self._settle(result, transaction_id, HoldState.RELEASED, amount)

    def wallet_refund(self, result: Hold, transaction_id: str) -> None:
        goal = self._goal_of(transaction_id)
        decided = goal.decided is Settlement.REFUNDED or (self._metered and goal.private and goal.decided)
        if goal.inserted and not decided and not goal.settled:
            self._records.broken(DECIDED, f"{transaction_id} is refunded, the decision is {goal.decided}")
        self._settle(result, transaction_id, HoldState.REFUNDED)

    def transfer_refused(self, transfer: Transfer, refusal: Refused) -> None:
        """A transfer may be refused when the goal or the session is over, the money is short, or the id is taken.

        A neighbour's transfer may also come before its goal exists: no claim vouches for that goal (N2).
        """
        goal = self._records.goal(transfer.goal_id)
        session = self._records.sessions.get(goal.session_id)
        over = goal.over(self._records.latest) or (session is not None and not session.active)
        too_early = isinstance(refusal, GoalUnknown) and not goal.private
        if not (over or too_early or isinstance(refusal, InsufficientBalance | TransactionConflict)):
            what = f"{transfer.transaction_id} is refused as {refusal.reason}, and goal {goal.id} is ongoing"
            self._records.broken(PAID, what)

    def _settle(self, result: Hold, transaction_id: str, state: HoldState, amount: int | None = None) -> None:
        hold = self.holds[transaction_id]
        if hold.state is HoldState.HELD:
            part = None if amount == hold.amount else amount
            hold = self.holds[transaction_id] = evolve(hold, state=state, part=part)
            self.settled_by[transaction_id] = self._records.frame
            self._move(hold.from_user_id, available=hold.refunded, held=-hold.amount)
            self._move(hold.to_user_id, available=hold.released)
        if (result.state, result.part) != (hold.state, hold.part):
            self._records.broken(ONCE, f"{transaction_id} ended as {hold}, the wallet says {result}")
        self.moved = True

    def _goal_of(self, transaction_id: str) -> GoalRecord:
        return self._records.goal(self.holds[transaction_id].goal_id)

    def _is_the_only_one(self, hold: Hold) -> None:
        for other in self.holds.values():
            if (other.goal_id, other.from_user_id) == (hold.goal_id, hold.from_user_id):
                self._records.broken(ONCE, f"{hold.transaction_id} is the second hold, after {other.transaction_id}")

    def _is_in_time(self, hold: Hold, goal: GoalRecord) -> None:
        """A goal that was over before the task began takes no money. It may end while the task is at work."""
        frame = self._records.frame
        if frame is None:
            return
        ended = goal.ended is not None and goal.ended_at < frame.started
        expired = goal.ended is None and goal.exp is not None and goal.exp <= frame.at
        if ended or expired:
            self._records.broken(LATE, f"{hold.transaction_id} is held, although goal {goal.id} was over")

    def _move(self, user_id: str, *, available: int = 0, held: int = 0) -> None:
        balance = self.balances.get(user_id, Balance())
        self.balances[user_id] = Balance(available=balance.available + available, held=balance.held + held)
        self.moved = True
