"""The shadow ledger: what every account must have, computed from the calls alone."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from ...core.model import Balance, Hold, HoldState, Settlement
from .records import GoalRecord, Records

LATE = "nothing is held for a goal that has ended (D18)"
ONCE = "one hold a viewer and goal, which ends once (D15, L6)"
DECIDED = "money moves as the goal's settlement was decided, never before (L3)"


class Ledger:
    """Watches the wallet."""

    def __init__(self, records: Records, reported: Callable[[Hold], None]) -> None:
        self._records = records
        self._reported = reported
        self.balances: dict[str, Balance] = {}
        self.holds: dict[str, Hold] = {}
        """By transaction id."""
        self.placed: dict[str, int] = {}
        """At which call of a port."""
        self.moved = False

    def credit(self, user_id: str, amount: int) -> None:
        self._move(user_id, available=amount)

    def held(self) -> list[Hold]:
        return [hold for hold in self.holds.values() if hold.state is HoldState.HELD]

    def wallet_hold(self, result: Hold, hold: Hold) -> None:
        standing = self.holds.get(hold.transaction_id)
        if standing is None:
            self._one_a_viewer_and_goal(hold)
            self._in_time(hold, self._records.goal(hold.goal_id))
            self.holds[hold.transaction_id] = hold
            self.placed[hold.transaction_id] = self._records.calls.made
            self._move(hold.from_user_id, available=-hold.amount, held=hold.amount)
            self._reported(hold)
        elif (result.amount, result.state) != (standing.amount, standing.state):
            self._records.broken(ONCE, f"{hold.transaction_id} stands as {standing.state}, the wallet says {result}")

    def wallet_release(self, result: Hold, transaction_id: str) -> None:
        goal = self._goal_of(transaction_id)
        if goal.decided is not Settlement.RELEASED:
            self._records.broken(DECIDED, f"{transaction_id} is released, decided is {goal.decided}")
        self._settle(result, transaction_id, HoldState.RELEASED)

    def wallet_refund(self, result: Hold, transaction_id: str) -> None:
        goal = self._goal_of(transaction_id)
        if goal.inserted and goal.decided is not Settlement.REFUNDED and not goal.settled:
            self._records.broken(DECIDED, f"{transaction_id} is refunded, decided is {goal.decided}")
        self._settle(result, transaction_id, HoldState.REFUNDED)

    def _settle(self, result: Hold, transaction_id: str, state: HoldState) -> None:
        hold = self.holds[transaction_id]
        if hold.state is HoldState.HELD:
            hold = self.holds[transaction_id] = evolve(hold, state=state)
            self._move(hold.from_user_id, held=-hold.amount)
            receiver = hold.to_user_id if state is HoldState.RELEASED else hold.from_user_id
            self._move(receiver, available=hold.amount)
        if result.state is not hold.state:
            self._records.broken(ONCE, f"{transaction_id} ended as {hold.state}, the wallet says {result.state}")
        self.moved = True

    def _goal_of(self, transaction_id: str) -> GoalRecord:
        return self._records.goal(self.holds[transaction_id].goal_id)

    def _one_a_viewer_and_goal(self, hold: Hold) -> None:
        for other in self.holds.values():
            if (other.goal_id, other.from_user_id) == (hold.goal_id, hold.from_user_id):
                self._records.broken(ONCE, f"{hold.transaction_id} is the second hold beside {other.transaction_id}")

    def _in_time(self, hold: Hold, goal: GoalRecord) -> None:
        """The goal may end while the task is at work; one that had ended before it began takes nothing."""
        frame = self._records.frame
        if frame is None:
            return
        ended = goal.ended is not None and goal.ended_at < frame.started
        expired = goal.ended is None and goal.exp is not None and goal.exp <= frame.at
        if ended or expired:
            self._records.broken(LATE, f"{hold.transaction_id} is held although goal {goal.id} was over")

    def _move(self, user_id: str, *, available: int = 0, held: int = 0) -> None:
        balance = self.balances.get(user_id, Balance())
        self.balances[user_id] = Balance(available=balance.available + available, held=balance.held + held)
        self.moved = True
