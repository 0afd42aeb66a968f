"""The problems of :mod:`show_goal.adapters.problems` as responses of Flask."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import HTTPException, InternalServerError

from ...core.errors import Refused
from ...core.trace import describe
from ...ports.errors import Unavailable
from ..container import Container
from ..problems import MEDIA_TYPE, UNAVAILABLE, Problem, problem_of, title
from .responses import json_response


def register_problems(blueprint: Blueprint, container: Container) -> None:
    """Answer what the blueprint's views raise with a problem. Flask logs an unknown error with its cause first."""

    def refused(error: Exception) -> Response:
        return failed(error, problem_of(error, container.clock().now()))

    for kind in (Refused, Unavailable, ExceptionGroup):
        blueprint.register_error_handler(kind, refused)
    blueprint.register_error_handler(InternalServerError, http_problem)


def failed(error: Exception, problem: Problem = UNAVAILABLE) -> Response:
    """The problem as a response. The log has the true reason for a 503."""
    if problem is UNAVAILABLE:
        current_app.logger.warning("show_goal answers 503: %s", describe(error))
    return respond(problem)


def http_problem(error: HTTPException) -> Response:
    """The problem for an error of Werkzeug's, such as a wrong method. Its code is the status in words."""
    status = error.code or 500
    code = title(status).lower().replace(" ", "_")
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return respond(Problem(status=status, code=code, detail=error.description), headers)


def respond(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    wait = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return json_response(problem.status, problem.document(), media_type=MEDIA_TYPE, headers={**wait, **(headers or {})})
