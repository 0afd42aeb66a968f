"""The problems of :mod:`show_goal.adapters.problems` as Flask responses, and as the description names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen
from flask import Blueprint, Response, current_app
from werkzeug.exceptions import HTTPException, InternalServerError

from ...core.errors import InvalidRequest, LivestreamTriggerQuotaExceeded, Refused
from ...core.trace import describe
from ...ports.errors import Unavailable
from ..container import Container
from ..problems import MEDIA_TYPE, REFUSALS, UNAVAILABLE, Problem, problem_of, title
from .responses import json_response


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
        return Kind(code="unavailable", status=503, detail=UNAVAILABLE.detail or "", retry_after=True)
    status, detail = REFUSALS[error.code]
    return Kind(
        code=error.code,
        status=status,
        detail=detail,
        members={"errors": dict[str, str]} if issubclass(error, InvalidRequest) else {},
        retry_after=issubclass(error, LivestreamTriggerQuotaExceeded),
    )


def register_problems(blueprint: Blueprint, container: Container) -> None:
    """Answer what the blueprint's views raise with a problem. Flask logs an unknown error with its cause first."""

    def respond_to(error: Exception) -> Response:
        return refused(problem_of(error, container.clock().now()), error)

    for kind in (Refused, Unavailable, ExceptionGroup):
        blueprint.register_error_handler(kind, respond_to)
    blueprint.register_error_handler(InternalServerError, http_problem)


def refused(problem: Problem, error: Exception) -> Response:
    """A 503 has its true reason in the log."""
    if problem.status == UNAVAILABLE.status:
        current_app.logger.warning("show_goal answers 503: %s", describe(error))
    return respond(problem)


def respond(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response."""
    wait = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return json_response(problem.status, problem.document(), mimetype=MEDIA_TYPE, headers={**wait, **(headers or {})})


def http_problem(error: HTTPException) -> Response:
    """The problem of an error of Werkzeug's, such as a wrong method. Its code is the status in words."""
    status = error.code or 500
    code = title(status).lower().replace(" ", "_")
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return respond(Problem(status=status, code=code, detail=error.description), headers)
