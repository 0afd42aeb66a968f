"""May this viewer invite into this session now, and at what price? The rules, in the seed's order (D9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from attrs import frozen

from ...ports.pledges import Pledges
from ...ports.wallet import Wallet
from .. import names
from ..errors import (
    Blocked,
    GoalEnding,
    InsufficientBalance,
    LivestreamTriggerQuotaExceeded,
    NoPrice,
    OwnSession,
    PriceChanged,
    ShowRunning,
    TransactionConflict,
)
from ..model import Claim, Session, Viewer
from ..money import Pledge, Statement
from ..rules import guards
from ..rules.host_guards import HostGuard, ask, refusals_of
from ..settings import Settings
from ..trace import guard, require


class Admitted(NamedTuple):
    """The amount to pay, and whether it is held already: then there is nothing left to do (D14)."""

    amount: int
    paid: bool
    pledged: bool
    """Whether the wallet keeps a pledge for this request: take it back if the request fails (D30)."""


@frozen(kw_only=True)
class Admission:
    wallet: Wallet
    pledges: Pledges
    host_guards: Sequence[HostGuard]
    settings: Settings

    def check(
        self,
        viewer: Viewer,
        session: Session,
        ongoing: Claim | None,
        duration: int,
        now: datetime,
        consented: int | None = None,
        pledged_until: datetime | None = None,
    ) -> Admitted:
        """The amount to pay for ``duration`` seconds, into the ``ongoing`` goal if there is one.

        ``consented`` is the amount that the viewer was shown. Raises the first refusal, and changes nothing then.
        ``pledged_until`` lets who joins be promised the amount, until the goal's exp; this one if it has none (D30).
        """
        # IF any of following -> FORBIDDEN
        guard(guards.own_session(viewer, session), OwnSession)
        guard(guards.blocked(viewer, session), Blocked)
        price = require(session.get_price(names.PRESET_SD, duration), NoPrice)
        guard(guards.show_running(session), ShowRunning)

        # IF cooldown not finish -> raise LivestreamTriggerQuotaExceeded
        guard(guards.cooldown(session, now, self.settings.cooldown), LivestreamTriggerQuotaExceeded)

        for host_guard in self.host_guards:
            guard(ask(host_guard, viewer, session, duration, now), refusals_of(host_guard)[0])

        # IF user's balance < session's sd price -> FORBIDDEN
        # One question to the wallet answers both: what is left, and whether this goal is paid already (D14, D15).
        pledge, ending = None, None if ongoing is None else guards.goal_ending(ongoing, now, self.settings.min_ttl)
        if ongoing is not None and ending is None and pledged_until is not None and consented in (None, price):
            pledge = Pledge(amount=price, duration=duration, exp=ongoing.exp or pledged_until)
        statement, promised = self._asked(viewer, ongoing, pledge, now)
        hold = statement.hold
        conflict = guards.transaction_conflict(hold, consented, duration, session.streamer_id)
        if hold is None and promised is not None:
            conflict = guards.promised_otherwise(promised, consented, duration)
        guard(conflict, TransactionConflict)
        settled = hold or promised
        amount = price if settled is None or settled.amount is None else settled.amount
        guard(guards.price_changed(consented, amount), PriceChanged)
        guard(guards.insufficient_balance(statement, amount), InsufficientBalance)
        if ongoing is not None and settled is None:  # a repeat promises nothing new
            guard(ending, GoalEnding)
        return Admitted(amount, paid=hold is not None, pledged=None not in (pledge, statement.pledge))

    def _asked(
        self, viewer: Viewer, ongoing: Claim | None, pledge: Pledge | None, now: datetime
    ) -> tuple[Statement, Claim | Pledge | None]:
        """The wallet's answer, and what the viewer was promised. Who set the claim was promised what it says."""
        if ongoing is None:
            return self.wallet.statement(viewer.id, None), None
        paid_as = names.transaction_id(ongoing.goal_id, viewer.id)
        if ongoing.triggered_by == viewer.id:
            return self.wallet.statement(viewer.id, paid_as), ongoing
        statement = self.pledges.pledge(viewer.id, paid_as, pledge, now)
        return statement, statement.pledge
