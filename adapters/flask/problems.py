"""The problems of :mod:`show_goal.adapters.problems` as responses of Flask."""

from __future__ import annotations

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import HTTPException, InternalServerError

from ...core.errors import Refused
from ...ports.errors import Unavailable
from ..container import Container
from ..http.responses import refusal
from ..http.route import log_unavailable
from ..problems import UNAVAILABLE, Problem, problem_of, title
from .responses import response


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
        log_unavailable(current_app.logger, error)
    return response(refusal(problem))


def http_problem(error: HTTPException) -> Response:
    """The problem for an error of Werkzeug's, such as a wrong method. Its code is the status in words."""
    status = error.code or 500
    code = title(status).lower().replace(" ", "_")
    answer = response(refusal(Problem(status=status, code=code, detail=error.description)))
    answer.headers.update({name: value for name, value in error.get_headers() if name != "Content-Type"})
    return answer
