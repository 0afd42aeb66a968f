"""The probes of an orchestrator: is the process alive, may requests come?"""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve
from flask import Blueprint, Response, current_app

from ...core.trace import describe
from ...ports.errors import Unavailable
from ..container import Container
from ..http.operations import Operation
from ..http.responses import Alive, Ready, refusal
from ..problems import Problem
from .openapi import add_route
from .responses import response

NOT_READY = Problem(
    status=503,
    code="not_ready",
    detail="Some dependencies do not answer; down names them.",
    members={"down": list[str]},
)
HEALTHZ = Operation(tag="probes", summary="Whether the process is alive", who="an orchestrator", response=Alive)
READYZ = Operation(
    tag="probes", summary="Whether requests may come", who="an orchestrator", response=Ready, others=[NOT_READY]
)


def create_probes(container: Container) -> Blueprint:
    """``/healthz`` and ``/readyz``. ``create_app`` includes them; your own app may register them anywhere.

    ``/healthz`` touches nothing, so a dead store restarts no web process. ``/readyz`` runs each of
    ``container.checks()``, one after the other, and answers 503 with the names of those that raise Unavailable. It
    takes up to the sum of their timeouts.
    """
    blueprint = Blueprint("show_goal_probes", __name__)

    def healthz() -> Alive:
        return Alive(status="alive")

    def readyz() -> Ready | Response:
        down = [name for name, check in container.checks().items() if not _answers(name, check)]
        return response(refusal(evolve(NOT_READY, members={"down": down}))) if down else Ready(status="ready")

    add_route(blueprint, "GET", "/healthz", healthz, HEALTHZ)
    add_route(blueprint, "GET", "/readyz", readyz, READYZ)
    return blueprint


def _answers(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Unavailable as error:
        current_app.logger.warning("show_goal is not ready: %s: %s", name, describe(error))
        return False
    return True
