"""What becomes of a goal's escrow: decided once, by compare-and-set, before any money moves (L3, D35)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from ...ports.clock import Clock
from ...ports.errors import UnreadableDocument
from ...ports.goals import Goals
from ...ports.page import Page
from ...ports.passes import Passes
from ...ports.sessions import Sessions
from ...ports.wallet import Wallet
from .. import names
from ..crowd import PART, admit
from ..decision import Rule, Settlement, Why
from ..model import Goal, Session
from ..money import Hold, HoldState
from ..rules.on_sd import session_over
from ..rules.settlement import Facts, Verdict
from ..rules.states import may_earn, why
from ..settings import Settings
from ..showing import Showing
from ..trace import current

LOOK_AGAIN = timedelta(seconds=60)
"""How often sweeps look at a show that goes on."""


@frozen(kw_only=True)
class Decided:
    """``goal`` is the goal, with its decision. ``due`` is None then; else its show goes on until about ``due``."""

    goal: Goal
    due: datetime | None = None


@frozen(kw_only=True)
class Deciding:
    goals: Goals
    sessions: Sessions
    wallet: Wallet
    passes: Passes
    showing: Showing
    clock: Clock
    settings: Settings

    def __call__(self, goal: Goal) -> Decided:
        """Decide what becomes of the goal's escrow, once, unless its show goes on. Raises Unavailable."""
        if goal.settled or goal.settlement is not None:
            return Decided(goal=goal)
        now = self.clock.now()
        session = self._session(goal) if may_earn(goal) else None
        goal = self.showing.record(goal, session, now)
        seen = why(goal, session, self.settings.settle_delay)
        if goal._cls == names.TRIGGER_PRIVATE_GOAL and may_earn(goal):
            over = session_over(goal, session, now, self.settings.settle_delay)
            facts = self.showing.facts(goal, seen.show_began, now, over)
            verdict = self._verdict(goal, facts)
            if verdict.due > facts.now:
                return self._postponed(goal, verdict.due, facts)
            seen = evolve(seen, rule=verdict.rule)
        if seen.settlement is Settlement.RELEASED and not self._page(goal, None, 1).items:
            seen = evolve(seen, rule=Rule.NOT_PAID)  # nobody has paid (D33)
        return self._decided(goal, seen)

    def _decided(self, goal: Goal, seen: Why) -> Decided:
        decided = self.goals.decide(goal.id, seen.settlement, seen) or goal
        if decided.why is not None:
            current().decided(decided.why)
        return Decided(goal=decided)

    def _session(self, goal: Goal) -> Session | None:
        """Only for a goal that may have earned something does the session count: most have not, so it is not read."""
        try:
            return self.sessions.fetch(goal.session_id or "")
        except UnreadableDocument:
            if goal.show_began is None or self.showing.metered(goal):
                raise
            return None  # the decision needs nothing more

    def _verdict(self, goal: Goal, facts: Facts) -> Verdict:
        """The first that is not due; else one that earns the streamer something, if there is one."""
        best: Verdict | None = None
        page = self._page(goal, None, PART) if self.showing.rule.metered else Page[Hold]([])
        while True:
            held = [hold for hold in page.items if hold.state is HoldState.HELD]
            self._let_in(goal, held, facts)
            for verdict in self.showing.verdicts(goal, held, facts).values():
                if verdict.due > facts.now:
                    return verdict
                best = verdict if best is None or verdict.rule.earns else best
            if page.next is None:
                return best or self.showing.of_nobody(goal, facts)
            page = self._page(goal, page.next, PART)

    def _let_in(self, goal: Goal, holds: Sequence[Hold], facts: Facts) -> None:
        """Whose pass was lost is let in now, and pays from now on (D38). Who cannot be let in holds up nobody (D39)."""
        if facts.began is None or not holds:
            return
        try:
            admit(self.passes, evolve(goal, show_began=facts.began), holds, self.clock.now())
        except Exception as error:  # if the store is away, the next read says so
            current().left_out("pass", goal.id, error)

    def _postponed(self, goal: Goal, due: datetime, facts: Facts) -> Decided:
        """No sweep looks at it until it is due, or some time has passed: its session may end without a word.

        That the show has begun is recorded: a session that a host switches by itself does not remember it (D40).
        """
        if goal.show_began is None and facts.began is not None:
            self.goals.begin_show(goal.id, facts.began)
        look = min(due, facts.now + LOOK_AGAIN)
        seen = facts.session_over or facts.now  # of a session that is over the end stays
        self.goals.postpone(goal.id, look - self.settings.settle_delay, seen)
        return Decided(goal=goal, due=due)

    def _page(self, goal: Goal, after: str | None, limit: int) -> Page[Hold]:
        return self.wallet.holds_of(names.escrow_id(goal.id, goal._cls), limit, after)
