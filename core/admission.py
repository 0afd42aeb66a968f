"""May this viewer invite into this session now, and at what price? The rules, in the seed's order (D9)."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from ..ports.wallet import Wallet
from . import guards, names
from .errors import NoPrice
from .model import Session, Viewer
from .settings import Settings
from .trace import Trace


@frozen(kw_only=True)
class Admission:
    wallet: Wallet
    settings: Settings

    def check(self, viewer: Viewer, session: Session, duration: int, now: datetime, trace: Trace) -> int:
        """The amount to pay for ``duration`` seconds. Raises the first refusal; changes nothing."""
        # IF any of following -> FORBIDDEN
        trace.guard(guards.own_session, viewer, session)
        trace.guard(guards.blocked, viewer, session)
        amount = trace.require(session.get_price(names.PRESET_SD, duration), NoPrice)
        trace.guard(guards.show_running, session)

        # IF cooldown not finish -> raise LivestreamTriggerQuotaExceeded
        trace.guard(guards.cooldown, session, now, self.settings.cooldown)

        # IF user's balance < session's sd price -> FORBIDDEN
        # One question to the wallet answers both: what is left, and whether this goal is paid already (D14, D15).
        ongoing = session.ongoing_private_goal(now)
        paid_as = names.transaction_id(ongoing.goal_id, viewer.id) if ongoing else None
        statement = self.wallet.statement(viewer.id, paid_as)
        trace.guard(guards.transaction_conflict, statement, amount, session.streamer_id)
        trace.guard(guards.insufficient_balance, statement, amount)
        return amount
