"""One route of the flow, for any web framework to serve."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Literal

from attrs import define

from ...core.errors import Refused
from ...core.trace import describe, guard
from ...ports.errors import Unavailable
from ..container import Container
from ..problems import UNAVAILABLE, Problem, problem_of
from .operations import Operation
from .responses import Reply, refusal, success
from .schema import ObjectId
from .sent import Sent

VARIABLES: Mapping[str, Any] = {"session_id": ObjectId, "goal_id": ObjectId, "preset": Literal["sd", "preview"]}
"""The types of all variables in paths."""
_PATTERNS = {"session_id": "[0-9a-fA-F]{24}", "goal_id": "[0-9a-fA-F]{24}", "preset": "sd|preview"}
_VARIABLE = re.compile(r"{(\w+)}")
_NOWHERE = Problem(status=404, code="not_found", detail="There is nothing here.")
"""Where ``regex`` does not match."""

_log = logging.getLogger("show_goal.http")


@define(kw_only=True, slots=False)
class Route:
    container: Container
    name: str
    method: str
    path: str
    """With a name in braces for each variable, as in OpenAPI."""
    operation: Operation
    act: Callable[[Sent], object]
    """Returns what ``operation.response`` describes. Raises what :func:`problem_of` knows."""

    @cached_property
    def regex(self) -> str:
        """``path`` as a regular expression that admits only what the variables may be."""
        return _VARIABLE.sub(lambda name: f"(?P<{name[1]}>{_PATTERNS[name[1]]})", self.path)

    def answer(self, sent: Sent) -> Reply:
        """What Flask would answer, with every refusal as a problem document (D10). An unknown error is raised."""
        if any(re.fullmatch(_PATTERNS[name], str(value)) is None for name, value in sent.variables.items()):
            return refusal(_NOWHERE)
        try:
            return success(self.operation.status, self.operation.response, self.act(sent))
        except (Refused, Unavailable, ExceptionGroup) as error:
            problem = self.problem(error)
            if problem is UNAVAILABLE:
                log_unavailable(_log, error)
            return refusal(problem)

    def problem(self, error: Exception) -> Problem:
        """The problem that a client gets. Raises ``error`` again if clients do not hear of it."""
        if self.operation.signed and isinstance(error, ExceptionGroup):
            return UNAVAILABLE  # a receiver failed: the wallet must send the report again
        return problem_of(error, self.container.clock().now())


def log_unavailable(log: logging.Logger, error: Exception) -> None:
    """The log has the true reason for a 503."""
    log.warning("show_goal answers 503: %s", describe(error))


@contextmanager
def traced(container: Container, unit: str, **ids: object) -> Iterator[None]:
    """A request that is refused in here does not reach its use case, so it leaves its trace here (D28)."""
    try:
        yield
    except Refused as refused:
        with container.tracer().unit(unit, **ids):
            guard(refused, type(refused))
