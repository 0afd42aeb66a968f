"""Why is the money where it is? Reads what every port knows about a user, a goal or a transaction. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from ...ports.books import Books
from ...ports.clock import Clock
from ...ports.errors import UnreadableDocument
from ...ports.goals import Goals
from ...ports.journal import Journal
from ...ports.passes import Passes
from ...ports.sessions import Sessions
from ...ports.sweeps import Sweeps
from ...ports.wallet import Wallet
from .. import names
from ..last_sweep import SetAside
from ..model import Goal, Session, ViewerPass
from ..money import Hold, Payment
from ..settings import Settings
from .overlong import Overlong
from .story import Answer, Facts, Line, Verdict, of_hold, verdict_of, waits
from .timeline import timeline

HOLDS = 100
"""So many of a goal's holds are read."""
LAST = 20
"""So many of a user's last holds and payments are told."""


@frozen(kw_only=True)
class ExplainMoney:
    goals: Goals
    sessions: Sessions
    wallet: Wallet
    books: Books
    passes: Passes
    sweeps: Sweeps
    journal: Journal
    overlong: Overlong
    clock: Clock
    settings: Settings

    def __call__(self, asked: str) -> Answer | None:
        """The answer for a transaction, a goal or a user with this id. None if nothing is known of it.

        A user is answered by the wallet's books. Raises Unavailable.
        """
        hold = self.wallet.find(asked)
        named = names.ids_of_transaction(asked)
        if hold is not None:
            return self._answer(asked, hold.goal_id, hold)
        if named is not None:
            return self._answer(asked, named[0], None)
        goal = self.goals.get(asked)
        if goal is not None or self.wallet.holds_of(names.escrow_id(asked), 1).items:
            return self._answer(asked, asked, None)
        return self._user(asked)

    def _answer(self, asked: str, goal_id: str, hold: Hold | None) -> Answer:
        goal = self.goals.get(goal_id)
        escrow = hold.escrow_id if hold else names.escrow_id(goal_id, goal._cls if goal else names.TRIGGER_PRIVATE_GOAL)
        page = self.wallet.holds_of(escrow, HOLDS)
        asked_for = [hold] if hold is not None else page.items
        session, problems = self._session(goal, page.items)
        streamer_id = goal.streamer_id if goal else None
        transactions = [one.transaction_id for one in asked_for]
        facts = Facts(
            asked=asked,
            goal_id=goal_id,
            goal=goal,
            session=session,
            hold=hold,
            holds=page.items,
            more=page.next is not None,
            entries=self.journal.entries(goal_id, streamer_id, transactions),
            passes=self._passes(goal, asked_for),
            aside=self._aside({goal_id, *transactions, *([session.id] if session else [])}),
            problems=problems,
            overlong=None if goal is None else self.overlong.says(goal),
            now=self.clock.now(),
            settle_delay=self.settings.settle_delay,
        )
        verdict, says = verdict_of(facts)
        return Answer(asked=asked, kind=facts.kind, verdict=verdict, says=says, lines=timeline(facts))

    def _session(self, goal: Goal | None, holds: Sequence[Hold]) -> tuple[Session | None, Sequence[str]]:
        """The goal's session, or that of a claim that became no goal. One that cannot be read is told as a problem."""
        tagged = [ids[0] for hold in holds[:1] for tag in hold.tags if (ids := names.ids_of(tag))]
        session_id = goal.session_id if goal is not None else next(iter(tagged), None)
        try:
            return (None if session_id is None else self.sessions.fetch(session_id)), ()
        except UnreadableDocument as error:
            return None, (str(error),)

    def _passes(self, goal: Goal | None, holds: Sequence[Hold]) -> Mapping[str, ViewerPass | None]:
        """Only an agreed goal gives passes."""
        if goal is None or goal.agreed is None or goal.session_id is None:
            return {}
        viewers = [hold.from_user_id for hold in holds[:5]]
        return {viewer_id: self.passes.find(goal.session_id, viewer_id) for viewer_id in viewers}

    def _aside(self, ids: set[str]) -> Sequence[SetAside]:
        """Sweeps name what they set aside by its kind and its id."""
        last = self.sweeps.last()
        return [one for one in (last.aside if last else ()) if one.item.partition(" ")[2] in ids]

    def _user(self, user_id: str) -> Answer | None:
        if not hasattr(self.books, "history"):
            return None  # a wallet works without books
        history = self.books.history(user_id, LAST)
        balance = self.books.balance(user_id)
        earned = [waits(goal, self.settings.settle_delay) for goal in self.goals.agreed(user_id, LAST)]
        if not history and not earned and not balance.available and not balance.held:
            return None
        says = f"{balance.available} available, {balance.held} held"
        lines = [self._paid(one) if isinstance(one, Payment) else self._held(one) for one in history]
        return Answer(asked=user_id, kind="user", verdict=Verdict.ACCOUNT, says=says, lines=[*lines[::-1], *earned])

    def _held(self, hold: Hold) -> Line:
        goal = self.goals.get(hold.goal_id)
        entries = self.journal.entries(hold.goal_id, None, [hold.transaction_id])
        _, says = of_hold(hold, goal, entries, self.settings.settle_delay)
        return Line(at=hold.placed_at, source="wallet", says=f"{hold.transaction_id}: {says}")

    def _paid(self, payment: Payment) -> Line:
        done = "withdrawn" if payment.withdrawn else "deposited"
        return Line(at=None, source="wallet", says=f"{payment.amount} {done}: {payment.id}")
