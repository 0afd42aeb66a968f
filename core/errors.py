"""What the flow refuses, and why.

``code`` is public and stable (D10). ``reason`` is the truth for logs and traces: it may be told apart where the public
code may not. A refusal is final: repeating the same call at the same moment gives the same answer, so tasks record it
and never retry.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class ShowGoalError(Exception):
    """Root of everything this library raises on purpose."""


class Refused(ShowGoalError):
    """The rules say no."""

    code: ClassVar[str]
    reason: ClassVar[str]


class NotLoggedIn(Refused):
    """The host knows no viewer for this request (D8)."""

    code = reason = "not_logged_in"


class InvalidRequest(Refused):
    """The request itself is wrong. ``errors`` maps each field to what is wrong with it."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in errors.items()))
        self.errors = errors


class InvalidInvitation(InvalidRequest):
    """Not ``{"exp": timestamp, "duration": sec-in-int}`` (D6, D7)."""

    code = reason = "invalid_invitation"


class SessionNotFound(Refused):
    """No active session has this id."""

    code = reason = "session_not_found"


class Forbidden(Refused):
    """The viewer may not invite into this session now."""


class OwnSession(Forbidden):
    """A streamer does not invite themselves (D8)."""

    code = reason = "own_session"


class Blocked(Forbidden):
    """The streamer blocked the viewer, who must not learn it: the public code is NoPrice's (D10)."""

    code = "private_show_unavailable"
    reason = "blocked"


class NoPrice(Forbidden):
    """The session has no ``sd`` price: no private shows."""

    code = "private_show_unavailable"
    reason = "no_price"


class ShowRunning(Forbidden):
    """A show, or the funding of one, has not ended (D12)."""

    code = reason = "show_running"


class LivestreamTriggerQuotaExceeded(Refused):
    """The cooldown after the last private goal is not over (D13). ``retry_at`` is when it is."""

    code = reason = "cooldown"

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(f"not before {retry_at.isoformat()}")
        self.retry_at = retry_at


class InsufficientBalance(Forbidden):
    """The viewer has less than the price. The guard says so and, should the balance have gone since, the wallet."""

    code = reason = "insufficient_balance"


class TransactionConflict(Refused):
    """This transaction id already stands with another amount or party; nothing moved (D15)."""

    code = reason = "transaction_conflict"


class TransactionUnknown(Refused):
    """The wallet has no transaction of this id."""

    code = reason = "transaction_unknown"


class GoalEnded(Refused):
    """The goal has ended, or its exp has passed: nothing is created, bound or held for it any more (D18)."""

    code = reason = "goal_ended"


class GoalNotFound(Refused):
    """No goal of this id is the asker's business: it is unknown, or somebody else's (L2)."""

    code = reason = "goal_not_found"


class GoalNotEnded(Refused):
    """An escrow is settled after its goal has ended, never before (L3)."""

    code = reason = "goal_not_ended"


class InvalidAnswer(InvalidRequest):
    """The streamer's answer is not ``{"agree": bool}`` (L2)."""

    code = reason = "invalid_answer"


class InvalidTransaction(InvalidRequest):
    """The wallet's callback is signed, and cannot be read (L1)."""

    code = reason = "invalid_transaction"


class InvalidSubscription(InvalidRequest):
    """What a browser sends to listen on a channel is not ``socket_id`` and ``channel_name`` (H1)."""

    code = reason = "invalid_subscription"


class ChannelForbidden(Forbidden):
    """The channel is not meant for this viewer, or is none of the flow's (H2)."""

    code = reason = "channel_forbidden"


class BlockedOnChannel(ChannelForbidden):
    """The streamer blocked the viewer, who must not learn it: the public code is the same (D10, H2)."""

    reason = "blocked"


class SessionNotNamed(Refused):
    """The goal's conditions do not name the session it belongs to, so it cannot be bound or ended there."""

    code = reason = "session_not_named"


class GoalUnknown(Refused):
    """Neither a goal nor a live claim has this id."""

    code = reason = "goal_unknown"


class OngoingGoalExists(Refused):
    """The store's backstop of D2: the session has another active private goal, ``goal_id``."""

    code = reason = "ongoing_goal_exists"

    def __init__(self, goal_id: str) -> None:
        super().__init__(f"goal {goal_id} is still active in this session")
        self.goal_id = goal_id
