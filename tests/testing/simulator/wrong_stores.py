"""Stores that forget one condition each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import evolve

from show_goal.adapters.memory import MemoryGoals, MemorySessions, MemoryWallet
from show_goal.core.errors import TransactionUnknown
from show_goal.core.model import Claim, Goal, Hold, HoldState, Session, Settlement


class ClaimsWithoutLooking(MemorySessions):
    """The last writer has the session: there is no condition in the update."""

    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        record = self._active(session_id)
        if record is None:
            return None
        self._records[session_id] = evolve(record, session=evolve(record.session, claim=claim))
        return claim


class EndsAgain(MemoryGoals):
    """Sets the end without asking whether the goal is active."""

    def end(
        self,
        goal_id: str,
        now: datetime,
        *,
        streamer_id: str | None = None,
        metadata: Mapping[str, object] | None = None,
    ) -> Goal | None:
        goal = self._goals.get(goal_id)
        if goal is None:
            return None
        exp = now if goal.exp is None else min(goal.exp, now)
        return self._put(evolve(goal, active=False, exp=exp, metadata={**goal.metadata, **(metadata or {})}))


class InsertsOver(MemoryGoals):
    """A second insert replaces what stands."""

    def insert(self, goal: Goal) -> Goal:
        return self._put(goal)


class CountsAgain(MemoryGoals):
    """Adds to the progress whether or not the transaction was counted."""

    def increment_progress(
        self, goal_id: str, *, amount: int, cost: int, breakdown_id: str, insert_id: str
    ) -> Goal | None:
        goal = self._goals.get(goal_id)
        if goal is not None and insert_id in goal.metadata.get("insert_ids", ()):  # type: ignore[operator]
            return self._put(evolve(goal, progress=goal.progress + amount))
        return super().increment_progress(
            goal_id, amount=amount, cost=cost, breakdown_id=breakdown_id, insert_id=insert_id
        )


class DecidesAgain(MemoryGoals):
    """The last settlement stands."""

    def decide(self, goal_id: str, settlement: Settlement) -> Goal | None:
        goal = self._goals.get(goal_id)
        return None if goal is None else self._put(evolve(goal, settlement=settlement))


class HoldsAgain(MemoryWallet):
    """Takes the amount at every call, whatever stands under its id."""

    def hold(self, hold: Hold) -> Hold:
        return self._place(hold)


class HoldsOnCredit(MemoryWallet):
    """Does not look whether the money is there."""

    def _place(self, hold: Hold) -> Hold:
        self._move(hold.from_user_id, available=-hold.amount, held=hold.amount)
        self._holds[hold.transaction_id] = hold
        return hold


class SettlesAgain(MemoryWallet):
    """Gives the money back without asking whether it is held."""

    def refund(self, transaction_id: str) -> Hold:
        hold = self._holds.get(transaction_id)
        if hold is None:
            raise TransactionUnknown(transaction_id)
        self._move(hold.from_user_id, held=-hold.amount, available=hold.amount)
        self._holds[transaction_id] = evolve(hold, state=HoldState.REFUNDED)
        return self._holds[transaction_id]


class BindsOnceSessions(MemorySessions):
    """Answers a repeat as if there were nothing to bind, so that nothing is announced."""

    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        if any(element.goal == claim.goal_id for element in self.private_goals(session_id)):
            return None
        return super().bind_trigger_private_goal(session_id, claim, now)
