"""What an orchestrator asks: is the process alive, may requests come?"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, current_app

from ...core.trace import describe
from ...ports.errors import Unavailable
from ..container import Container
from ..problems import Problem
from .answers import Alive, Ready
from .operation import Operation, add_route
from .problems import Kind, respond

NOT_READY = Kind(
    code="not_ready",
    status=503,
    detail="Some dependencies do not answer; down names them.",
    members={"down": list[str]},
)
HEALTHZ = Operation(summary="Whether the process is alive", who="an orchestrator", answer=Alive)
READYZ = Operation(summary="Whether requests may come", who="an orchestrator", answer=Ready, problems=[NOT_READY])


class _NotReady(Exception):
    """``down`` names what does not answer."""

    def __init__(self, down: list[str]) -> None:
        super().__init__(", ".join(down))
        self.down = down


def create_probes(container: Container) -> Blueprint:
    """``/healthz`` and ``/readyz``. An app made by ``create_app`` has them; a host may register them on its own."""
    blueprint = Blueprint("show_goal_probes", __name__)

    def healthz() -> Alive:
        """The process answers. Touches nothing, so that a dead store restarts no web process."""
        return Alive(status="alive")

    def readyz() -> Ready:
        """Run each check of ``container.checks()``; 503 names those that raised Unavailable.

        One after the other: together they take as long as their timeouts together.
        """
        down = [name for name, check in container.checks().items() if not _answers(name, check)]
        if down:
            raise _NotReady(down)
        return Ready(status="ready")

    blueprint.register_error_handler(_NotReady, _not_ready)
    add_route(blueprint, "GET", "/healthz", healthz, HEALTHZ)
    add_route(blueprint, "GET", "/readyz", readyz, READYZ)
    return blueprint


def _not_ready(error: _NotReady) -> Response:
    members = {"down": error.down}
    return respond(Problem(status=NOT_READY.status, code=NOT_READY.code, detail=NOT_READY.detail, members=members))


def _answers(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Unavailable as error:
        current_app.logger.warning("show_goal is not ready: %s: %s", name, describe(error))
        return False
    return True
