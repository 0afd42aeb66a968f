"""May this viewer invite into this session now, and at what price? The rules, in the seed's order (D9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from attrs import frozen

from ...ports.wallet import Wallet
from .. import names
from ..errors import (
    Blocked,
    InsufficientBalance,
    LivestreamTriggerQuotaExceeded,
    NoPrice,
    OwnSession,
    PriceChanged,
    ShowRunning,
    TransactionConflict,
)
from ..model import Claim, Session, Viewer
from ..rules import guards
from ..rules.host_guards import HostGuard, ask, refusals_of
from ..settings import Settings
from ..trace import guard, require


class Admitted(NamedTuple):
    """The amount to pay, and whether it is held already: then there is nothing left to do (D14)."""

    amount: int
    paid: bool


@frozen(kw_only=True)
class Admission:
    wallet: Wallet
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
    ) -> Admitted:
        """The amount to pay for ``duration`` seconds, into the ``ongoing`` goal if there is one.

        ``consented`` is the amount that the viewer was shown. Raises the first refusal; changes nothing.
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
        paid_as = names.transaction_id(ongoing.goal_id, viewer.id) if ongoing else None
        statement = self.wallet.statement(viewer.id, paid_as)
        hold = statement.hold
        conflict, promised = guards.transaction_conflict(hold, consented, duration, session.streamer_id), None
        if hold is not None:
            promised = hold.amount
        elif ongoing is not None and ongoing.triggered_by == viewer.id:
            conflict, promised = guards.promised_otherwise(ongoing, consented, duration), ongoing.amount
        guard(conflict, TransactionConflict)
        amount = price if promised is None else promised
        guard(guards.price_changed(consented, amount), PriceChanged)
        guard(guards.insufficient_balance(statement, amount), InsufficientBalance)
        return Admitted(amount, paid=hold is not None)
