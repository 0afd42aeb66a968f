"""Problem details (RFC 9457): what a client is told when the answer is no.

``type`` is about:blank throughout, which makes ``title`` the status in words; ``code`` tells problems apart and is
stable (D10). Details say what to do and never why beyond that: the true reason is in the trace.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import field, frozen
from flask import Blueprint, Response, current_app
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.http import HTTP_STATUS_CODES

from ...core.errors import InvalidRequest, LivestreamTriggerQuotaExceeded, Refused
from ...core.trace import describe
from ...ports.errors import Unavailable
from ..container import Container
from .responses import json_response

# No WWW-Authenticate goes with the 401: a challenge names a scheme, and how to log in is the host's affair.
REFUSALS: Mapping[str, tuple[int, str]] = {
    "not_logged_in": (401, "Log in first."),
    "unsupported_media_type": (415, "The body must be {wanted}."),
    "body_too_large": (413, "The body must have at most {limit} bytes."),
    "incomplete_body": (400, "The body broke off; send the whole of it."),
    "malformed_json": (400, "The body must be JSON in UTF-8, each key once."),
    "invalid_invitation": (400, "The invitation is not valid; errors names each field."),
    "session_not_found": (404, "No active session has this id."),
    "own_session": (403, "You cannot invite yourself to a private show."),
    "private_show_unavailable": (403, "No private show can be had in this session."),
    "show_running": (403, "Wait until the show, or its funding, has ended."),
    "cooldown": (429, "The session rests after its last private invitation; see Retry-After."),
    "insufficient_balance": (403, "Your balance does not cover the price."),
    "transaction_conflict": (409, "You have joined this private show already, at another price."),
    "goal_not_found": (404, "No goal of yours has this id."),
    "goal_ended": (409, "The goal has ended already."),
    "invalid_answer": (400, "The answer is not valid; errors names each field."),
    "invalid_subscription": (400, "The subscription is not valid; errors names each field."),
    "channel_forbidden": (403, "This channel is not yours to listen on."),
    "bad_signature": (401, "The body must be signed with a key that stands."),
    "invalid_transaction": (400, "The transaction is not valid; errors names each field."),
}
"""Each public code with its status and detail. By code, so that refusals which share one look the same (D10)."""

UNAVAILABLE = (503, "Please repeat the request; nobody is charged twice.")
UNAVAILABLE_RETRY_AFTER = 5
"""Seconds until a request that met a dead store or broker is worth repeating."""


@frozen(kw_only=True)
class Kind:
    """One problem document, for the description. ``detail`` may have gaps that the operation fills."""

    code: str
    status: int
    detail: str
    members: Mapping[str, object] = field(factory=dict)
    """What it has beyond the usual: the type of each, as ``schema_of`` reads it."""
    retry_after: bool = False


def kinds(*errors: type[Refused | Unavailable]) -> Sequence[Kind]:
    """The problem of each error that a route may raise; one for those that share a code."""
    return list({kind.code: kind for kind in map(_kind, errors)}.values())


def _kind(error: type[Refused | Unavailable]) -> Kind:
    if issubclass(error, Unavailable):
        status, detail = UNAVAILABLE
        return Kind(code="unavailable", status=status, detail=detail, retry_after=True)
    status, detail = REFUSALS[error.code]
    return Kind(
        code=error.code,
        status=status,
        detail=detail,
        members={"errors": dict[str, str]} if issubclass(error, InvalidRequest) else {},
        retry_after=issubclass(error, LivestreamTriggerQuotaExceeded),
    )


def register_problems(blueprint: Blueprint, container: Container) -> None:
    """What the blueprint's views raise becomes a problem; an unknown error is logged by Flask first, with its cause."""

    def refused(error: Refused) -> Response:
        return _refusal(error, container.clock().now())

    blueprint.register_error_handler(Refused, refused)
    blueprint.register_error_handler(Unavailable, unavailable)
    blueprint.register_error_handler(ExceptionGroup, _receivers_failed)
    blueprint.register_error_handler(InternalServerError, http_problem)


def problem(
    status: int,
    code: str,
    detail: str | None,
    *,
    extra: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    title = HTTP_STATUS_CODES[status]
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code, **(extra or {})}
    return json_response(status, body, mimetype="application/problem+json", headers=headers)


def http_problem(error: HTTPException) -> Response:
    """Werkzeug's own errors: no such route, wrong method, an unknown error. The code is the status in words."""
    status = error.code or 500
    code = HTTP_STATUS_CODES[status].lower().replace(" ", "_")
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return problem(status, code, error.description, headers=headers)


def explained(error: Refused) -> tuple[int, str, str]:
    """Status, code and detail. Raises the refusal itself when it is no answer for clients: an unknown error then."""
    if error.code not in REFUSALS:
        raise error
    status, detail = REFUSALS[error.code]
    return status, error.code, detail.format_map(vars(error))


def _refusal(error: Refused, now: datetime) -> Response:
    status, code, detail = explained(error)
    if isinstance(error, InvalidRequest):
        return problem(status, code, detail, extra={"errors": error.errors})
    if isinstance(error, LivestreamTriggerQuotaExceeded):
        wait = max(1, math.ceil((error.retry_at - now).total_seconds()))
        return problem(status, code, detail, headers={"Retry-After": str(wait)})
    return problem(status, code, detail)


def _receivers_failed(failed: ExceptionGroup[Exception]) -> Response:
    """Worth repeating when something did not answer; any other failure is an unknown error."""
    if failed.subgroup(Unavailable) is None:
        raise failed
    return unavailable(failed)


def unavailable(error: Exception) -> Response:
    """503, with the true reason in the log."""
    current_app.logger.warning("show_goal answers 503: %s", describe(error))
    status, detail = UNAVAILABLE
    return problem(status, "unavailable", detail, headers={"Retry-After": str(UNAVAILABLE_RETRY_AFTER)})
