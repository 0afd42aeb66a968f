"""Adapters that forget one condition each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import (
    MemoryGoals,
    MemoryKeyedRequests,
    MemoryPasses,
    MemoryRtcSources,
    MemorySessions,
    MemoryWallet,
)
from show_goal.core.decision import Settlement, Why
from show_goal.core.errors import TransactionUnknown
from show_goal.core.keyed_request import Accepted, KeyedRequest
from show_goal.core.model import Claim, Goal, Progress, Session, ViewerPass
from show_goal.core.money import Hold, HoldState, Pledge, Statement
from show_goal.core.rules.passes import NEVER
from show_goal.ports.page import Page


class ClaimsWithoutLooking(MemorySessions):
    """The last caller has the session: the update has no condition."""

    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        record = self._active(session_id)
        if record is None:
            return None
        self._records[session_id] = evolve(record, session=evolve(record.session, claim=claim))
        return claim


class KeepsTheLastShow(MemorySessions):
    """A pair takes any show that comes."""

    def bind_show_goal(self, session_id: str, claim: Claim, now: datetime, *, funding_goal: str) -> Session | None:
        record = self._active(session_id)
        if record is not None:
            pairs = tuple(
                evolve(pair, show_goal=None)
                if pair.funding_goal == funding_goal and pair.show_goal != claim.goal_id
                else pair
                for pair in record.show_goal_pairs
            )
            self._put(evolve(record, show_goal_pairs=pairs))
        return super().bind_show_goal(session_id, claim, now, funding_goal=funding_goal)


class EndsAgain(MemoryGoals):
    """Ends a goal without asking whether it is active."""

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


class CountsAgain(MemoryGoals):
    """Counts a transaction each time it is reported."""

    def increment_progress(self, goal_id: str, **by: Any) -> Progress | None:
        goal = self._goals.get(goal_id)
        if goal is not None and self.counted(goal_id, [by["insert_id"]]):
            self._put(evolve(goal, progress=goal.progress + by["amount"]))
        return super().increment_progress(goal_id, **by)


class DecidesAgain(MemoryGoals):
    """The last settlement replaces the first."""

    def decide(self, goal_id: str, settlement: Settlement, why: Why | None = None) -> Goal | None:
        goal = self._goals.get(goal_id)
        return None if goal is None else self._put(evolve(goal, settlement=settlement))


class HoldsAgain(MemoryWallet):
    """Takes the amount at every call, even for a transaction id that it has."""

    def hold(self, hold: Hold) -> Hold:
        return self._place(hold)


class HoldsOnCredit(MemoryWallet):
    """Does not look whether the money is there."""

    def _place(self, hold: Hold) -> Hold:
        self._move(hold.from_user_id, available=-hold.amount, held=hold.amount)
        self._holds[hold.transaction_id] = hold
        return hold


class ForgetsPledges(MemoryWallet):
    """Remembers nothing but holds."""

    def pledge(self, user_id: str, transaction_id: str, pledge: Pledge | None, now: datetime) -> Statement:
        return self.statement(user_id, transaction_id)


class TakesNothingBack(MemoryWallet):
    """Keeps the promise to a request that failed."""

    def take_back(self, user_id: str, transaction_id: str) -> None:
        return None


class RefundsAgain(MemoryWallet):
    """Refunds without asking whether the money is still held."""

    def refund(self, transaction_id: str) -> Hold:
        hold = self._holds.get(transaction_id)
        if hold is None:
            raise TransactionUnknown(transaction_id)
        self._move(hold.from_user_id, held=-hold.amount, available=hold.amount)
        self._holds[transaction_id] = evolve(hold, state=HoldState.REFUNDED)
        return self._holds[transaction_id]


class ListsOnePage(MemoryWallet):
    """Never says that there are more pages."""

    def overdue(self, before: datetime, limit: int, after: str | None = None) -> Page[Hold]:
        return Page(super().overdue(before, limit, after).items)


class OneSwitch(MemoryRtcSources):
    """Snapshots are on or off: the first goal that ends has them taken again."""

    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        self._stopped.pop(streamer_id, None)


class ForgetsAnswers(MemoryKeyedRequests):
    """Frees a key when its request is answered."""

    def finish(self, request: KeyedRequest, answer: Accepted) -> None:
        self.release(request)


class NotesNothing(MemoryKeyedRequests):
    """Nobody knows what a request was about to do that got no answer."""

    def note(self, request: KeyedRequest, tried: Accepted) -> None:
        pass


class KnowsOnlyTheKey(MemoryKeyedRequests):
    """Gives the first answer to any body that comes with the key."""

    def claim(self, request: KeyedRequest) -> KeyedRequest:
        return evolve(super().claim(request), asked=request.asked)


class TakesAnyKey(MemoryKeyedRequests):
    """Two requests with one key may act at once, and each is kept as if it were the only one."""

    def claim(self, request: KeyedRequest) -> KeyedRequest:
        super().claim(request)
        return request


class KeepsTheLastPass(MemoryPasses):
    """A pass replaces the one before it."""

    def admit(self, session_id: str, goal_id: str, viewers: Mapping[str, ViewerPass], now: datetime) -> None:
        for viewer_id in viewers:
            self._bought.pop((session_id, viewer_id), None)
        super().admit(session_id, goal_id, viewers, now)


class MovesTimeThatHasBegun(MemoryPasses):
    """What comes behind time that is gone moves up, whether or not it has begun."""

    def take_back(self, session_id: str, goal_id: str, viewer_ids: Iterable[str], now: datetime) -> None:
        super().take_back(session_id, goal_id, viewer_ids, NEVER)

    def shorten(self, session_id: str, goal_id: str, ends: Mapping[str, datetime], now: datetime) -> None:
        super().shorten(session_id, goal_id, ends, NEVER)
