"""The refusals: every way in which the rules say no. And what interrupts a task: :class:`OutOfTime`.

``code`` is public and stable (D10). ``reason`` is for logs and traces; it distinguishes cases that the public code
merges on purpose. A refusal is final: the same call at the same moment is refused again. So a task records it and never
retries.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class ShowGoalError(Exception):
    """The base class of everything that this library raises on purpose."""


class OutOfTime(BaseException):
    """The task has run for as long as it may. A repeat goes on where it stopped.

    An interrupt, like KeyboardInterrupt, and no Exception: code that isolates the failures of one item, or of one
    receiver, must let it through, or the task would work on until it is killed (D44).
    """


class NotMetered(ShowGoalError):
    """The escrow was decided by the time shown, and this worker's settlement rule or wallet releases no parts (D35).

    The money waits for a worker that does.
    """


class RuleFailed(ShowGoalError):
    """A host's settlement rule has raised, or what it said of a deposit makes no sense. The money waits: ask again."""


class Refused(ShowGoalError):
    """The rules say no."""

    code: ClassVar[str]
    reason: ClassVar[str]


class NotLoggedIn(Refused):
    """Nobody is logged in (D8)."""

    code = reason = "not_logged_in"


class InvalidRequest(Refused):
    """The request is malformed or out of range. ``errors`` maps each wrong field to what is wrong with it."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in errors.items()))
        self.errors = errors


class InvalidInvitation(InvalidRequest):
    """The invitation is not ``{"exp": timestamp, "duration": sec-in-int}``, or a value is out of range (D6, D7)."""

    code = reason = "invalid_invitation"


class SessionNotFound(Refused):
    """No active session has this id."""

    code = reason = "session_not_found"


class Forbidden(Refused):
    """The viewer may not invite into this session now."""


class OwnSession(Forbidden):
    """A streamer cannot invite themselves (D8)."""

    code = reason = "own_session"


class Blocked(Forbidden):
    """The streamer has blocked the viewer. The public code is that of NoPrice, so the viewer never learns it (D10)."""

    code = "private_show_unavailable"
    reason = "blocked"


class NoPrice(Forbidden):
    """The session has no ``sd`` price, so it offers no private shows."""

    code = "private_show_unavailable"
    reason = "no_price"


class ShowRunning(Forbidden):
    """A show, or the funding of one, has not ended yet (D12)."""

    code = reason = "show_running"


class TooEarly(Refused):
    """The same may be asked for again at ``retry_at``."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(f"not before {retry_at.isoformat()}")
        self.retry_at = retry_at


class LivestreamTriggerQuotaExceeded(TooEarly):
    """The cooldown after the last private goal is not over (D13). It ends at ``retry_at``."""

    code = reason = "cooldown"


class GoalEnding(TooEarly):
    """The ongoing goal ends too soon for anybody else to join it (D31). It ends at ``retry_at`` at the latest."""

    code = reason = "goal_ending"


class InsufficientBalance(Forbidden):
    """The viewer has less than the price. The guard checks it first, the wallet again when it places the hold."""

    code = reason = "insufficient_balance"


class HostRefusal(Forbidden):
    """The base class of the refusals of a host's own guards (D32). A client gets 403.

    A subclass has a ``code`` that no other refusal has, the same ``reason`` or another one, and a ``detail``: what the
    client may do next.
    """

    detail: ClassVar[str]


class PriceChanged(Refused):
    """The viewer has consented to another price than ``amount``, the price of now (D30)."""

    code = reason = "price_changed"

    def __init__(self, amount: int) -> None:
        super().__init__(f"the price is {amount}")
        self.amount = amount


class KeyReused(Refused):
    """The viewer has used this ``Idempotency-Key`` with another body (D29)."""

    code = reason = "idempotency_key_reused"


class RequestUnderWay(Refused):
    """The first request with this ``Idempotency-Key`` has no answer yet. A later repeat gets it (D29)."""

    code = reason = "request_under_way"


class TransactionConflict(Refused):
    """This transaction id is taken, with another amount, duration or party. No money moved (D15, D30).

    The wallet has it, or the claim on the session promises it.
    """

    code = reason = "transaction_conflict"


class TransactionUnknown(Refused):
    """The wallet has no transaction of this id."""

    code = reason = "transaction_unknown"


class MoneyHeld(Refused):
    """The user's money is still in an escrow, so the user cannot be forgotten yet."""

    code = reason = "money_held"


class GoalEnded(Refused):
    """The goal has ended or its exp has passed, so nothing is created, bound or held for it any more (D18)."""

    code = reason = "goal_ended"


class NotPaid(Refused):
    """The viewer who asked for the goal had too little money, so it has ended (D33)."""

    code = reason = "not_paid"


class SessionOver(Refused):
    """The goal's session is over, so there can be no show (D42)."""

    code = reason = "session_over"


class GoalNotFound(Refused):
    """The goal is unknown, or it belongs to somebody else (L2)."""

    code = reason = "goal_not_found"


class GoalNotEnded(Refused):
    """The goal has not ended, so its escrow cannot be settled yet (L3)."""

    code = reason = "goal_not_ended"


class InvalidAnswer(InvalidRequest):
    """The streamer's answer is not ``{"agree": bool}`` (L2)."""

    code = reason = "invalid_answer"


class InvalidTransaction(InvalidRequest):
    """The wallet's report is signed but not valid (L1)."""

    code = reason = "invalid_transaction"


class InvalidSubscription(InvalidRequest):
    """A browser asked to subscribe without a valid ``socket_id`` and ``channel_name`` (H1)."""

    code = reason = "invalid_subscription"


class ChannelForbidden(Forbidden):
    """The viewer may not subscribe to this channel, or the flow has no such channel (H2)."""

    code = reason = "channel_forbidden"


class BlockedOnChannel(ChannelForbidden):
    """The streamer has blocked the viewer. The public code is the same as for any other channel (D10, H2)."""

    reason = "blocked"


class SessionNotNamed(Refused):
    """The goal's conditions do not name the session it belongs to, so it cannot be bound or ended there."""

    code = reason = "session_not_named"


class GoalUnknown(Refused):
    """There is no goal with this id, and no live claim for it."""

    code = reason = "goal_unknown"


class OngoingGoalExists(Refused):
    """The session already has another active private goal, ``goal_id``. The store's last defence of D2."""

    code = reason = "ongoing_goal_exists"

    def __init__(self, goal_id: str) -> None:
        super().__init__(f"goal {goal_id} is still active in this session")
        self.goal_id = goal_id
