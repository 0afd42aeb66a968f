"""The guards of ``trigger_private_session``, in the seed's order (D9). Pure: each returns a refusal or None.

The ones that only ask whether something is there at all (viewer, active session, ``sd`` price) are ``Trace.require``.
Each guard bears the name of the reason for which it refuses.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .. import names
from ..errors import (
    Blocked,
    GoalEnding,
    InsufficientBalance,
    LivestreamTriggerQuotaExceeded,
    OwnSession,
    PriceChanged,
    ShowRunning,
    TransactionConflict,
)
from ..model import Claim, Session, Viewer
from ..money import Hold, Pledge, Statement


def own_session(viewer: Viewer, session: Session) -> OwnSession | None:
    return OwnSession() if viewer.id == session.streamer_id else None


def blocked(viewer: Viewer, session: Session) -> Blocked | None:
    """``user.tags`` exists ``blocked-by:{streamer_id}``."""
    return Blocked() if names.blocked_by(session.streamer_id) in viewer.tags else None


def show_running(session: Session) -> ShowRunning | None:
    """Exist show_goal_pair and funding / show not ended (D12)."""
    return ShowRunning() if session.show_goal_pair is not None and session.show_goal_pair.running else None


def cooldown(session: Session, now: datetime, rest: timedelta) -> LivestreamTriggerQuotaExceeded | None:
    """The session's last private goal, of any viewer: not agreed, and goal_ended + cooldown > now (D13)."""
    previous = session.trigger_private_goal
    if previous is None or previous.goal_agreed is not None:
        return None
    goal_ended = session.private_goal_ended(now)
    if goal_ended is None or goal_ended + rest <= now:
        return None
    return LivestreamTriggerQuotaExceeded(retry_at=goal_ended + rest)


def transaction_conflict(
    hold: Hold | None, consented: int | None, duration: int, streamer_id: str
) -> TransactionConflict | None:
    """The wallet has this transaction id with another streamer or duration, or an amount not consented to (D15).

    A hold of a transfer that named no duration fits any. A repeat pays what the first one paid, whatever the price is.
    """
    if hold is None:
        return None
    asked = hold.amount if consented is None else consented
    same = (hold.amount, hold.to_user_id, hold.duration or duration) == (asked, streamer_id, duration)
    return None if same else TransactionConflict()


def promised_otherwise(promised: Claim | Pledge, consented: int | None, duration: int) -> TransactionConflict | None:
    """The viewer was promised another duration or amount. No worker has held the money yet (D30)."""
    same = promised.duration == duration and (consented is None or promised.amount in (None, consented))
    return None if same else TransactionConflict()


def price_changed(consented: int | None, amount: int) -> PriceChanged | None:
    """The viewer was shown another price (D30)."""
    return None if consented in (None, amount) else PriceChanged(amount)


def goal_ending(ongoing: Claim, now: datetime, least: timedelta) -> GoalEnding | None:
    """The goal that the viewer would join leaves the streamer no time to answer (D31)."""
    return GoalEnding(ongoing.exp) if ongoing.exp is not None and ongoing.exp < now + least else None


def insufficient_balance(statement: Statement, amount: int) -> InsufficientBalance | None:
    """The user's balance < the session's sd price. A viewer who has paid for this goal already passes (D14)."""
    return InsufficientBalance() if statement.hold is None and statement.available < amount else None
