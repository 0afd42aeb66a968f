"""The problem document (RFC 9457) that a client gets for each error: one table, for every web framework.

``type`` is always ``about:blank``, so ``title`` is the status in words. ``code`` tells problems apart and is stable
(D10). ``detail`` says what to do next. Why a request was refused is only in its trace.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from attrs import field, frozen

from ..core.errors import (
    HostRefusal,
    InvalidRequest,
    PriceChanged,
    Refused,
    RequestUnderWay,
    TooEarly,
)
from ..ports.errors import TaskQueueFull, Unavailable

RETRY_AFTER = 5
"""Seconds."""
MEDIA_TYPE = "application/problem+json"

# The 401s have no WWW-Authenticate header: how to log in is up to the host.
REFUSALS: Mapping[str, tuple[int, str]] = {
    "not_logged_in": (401, "Log in first."),
    "unsupported_media_type": (415, "The body must be {wanted}."),
    "body_too_large": (413, "The body must have at most {limit} bytes."),
    "incomplete_body": (400, "The body broke off; send the whole of it."),
    "malformed_json": (400, "The body must be JSON in UTF-8, each key once."),
    "invalid_invitation": (400, "The invitation is not valid; errors names each field."),
    "overloaded": (503, "Too many invitations just now; please repeat yours later."),
    "session_not_found": (404, "No active session has this id."),
    "own_session": (403, "You cannot invite yourself to a private show."),
    "private_show_unavailable": (403, "No private show can be had in this session."),
    "show_running": (403, "Wait until the show, or its funding, has ended."),
    "cooldown": (429, "The session rests after its last private invitation; see Retry-After."),
    "goal_ending": (409, "The ongoing invitation is about to end; see Retry-After."),
    "insufficient_balance": (403, "Your balance does not cover the price."),
    "transaction_conflict": (409, "You have joined this private show already, for another duration or price."),
    "idempotency_key_reused": (422, "You have sent another invitation with this Idempotency-Key."),
    "request_under_way": (409, "Your first request with this Idempotency-Key has no answer yet; repeat it later."),
    "price_changed": (409, "The price has changed; amount says what it is now."),
    "goal_not_found": (404, "No goal of yours has this id."),
    "not_paid": (409, "The viewer could not pay, so the invitation is void."),
    "session_over": (409, "The session is over, so there can be no show."),
    "goal_ended": (409, "The goal has ended already."),
    "invalid_answer": (400, "The answer is not valid; errors names each field."),
    "invalid_subscription": (400, "The subscription is not valid; errors names each field."),
    "channel_forbidden": (403, "This channel is not yours to listen on."),
    "bad_signature": (401, "The body must be signed with a valid key."),
    "invalid_transaction": (400, "The transaction is not valid; errors names each field."),
}
"""Status and detail of each public code. Gaps in a detail are attributes of the refusal."""


@frozen(kw_only=True)
class Problem:
    """``detail`` is None for an error of the web framework that has no description."""

    status: int
    code: str
    detail: str | None
    members: Mapping[str, object] = field(factory=dict)
    """Members of the document beyond the usual five."""
    retry_after: int | None = None
    """Seconds, for the header ``Retry-After``."""

    def document(self) -> dict[str, object]:
        """The body of the response, to be sent as ``MEDIA_TYPE``."""
        return {
            "type": "about:blank",
            "title": title(self.status),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.members,
        }


_OLD_WORDS = {413: "Request Entity Too Large", 422: "Unprocessable Entity"}
UNAVAILABLE = Problem(
    status=503,
    code="unavailable",
    detail="Please repeat the request; nobody is charged twice.",
    retry_after=RETRY_AFTER,
)
"""A store or a broker did not answer."""


def problem_of(error: Exception, now: datetime) -> Problem:
    """The problem that a client gets for ``error``: a refusal, an Unavailable, or the group that receivers failed with.

    A group is worth repeating when something in it was unavailable. Any other error is not meant for clients: it is
    raised again, for the framework to log and to answer with 500.
    """
    if isinstance(error, HostRefusal):
        return host_problem(type(error))
    if isinstance(error, Refused) and error.code in REFUSALS:
        return _refusal(error, now)
    if isinstance(error, Unavailable):
        return UNAVAILABLE
    if isinstance(error, ExceptionGroup) and error.subgroup(Unavailable) is not None:
        return UNAVAILABLE
    raise error


def host_problem(kind: type[HostRefusal]) -> Problem:
    """What a host's own guard refuses with (D32)."""
    return Problem(status=403, code=kind.code, detail=kind.detail)


def title(status: int) -> str:
    """The status in words. Python 3.13 has new words for 413 and 422."""
    return _OLD_WORDS.get(status) or HTTPStatus(status).phrase


def _refusal(error: Refused, now: datetime) -> Problem:
    status, detail = REFUSALS[error.code]
    return Problem(
        status=status,
        code=error.code,
        detail=detail.format_map(vars(error)),
        members=_members(error),
        retry_after=_retry_after(error, now),
    )


def _members(error: Refused) -> Mapping[str, object]:
    if isinstance(error, PriceChanged):
        return {"amount": error.amount}
    return {"errors": error.errors} if isinstance(error, InvalidRequest) else {}


def _retry_after(error: Refused, now: datetime) -> int | None:
    if isinstance(error, TooEarly):
        return max(1, math.ceil((error.retry_at - now).total_seconds()))
    return RETRY_AFTER if isinstance(error, TaskQueueFull | RequestUnderWay) else None
