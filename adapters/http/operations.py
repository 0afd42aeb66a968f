"""What a route takes, returns and refuses. The OpenAPI description is drawn from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from ...core.errors import (
    HostRefusal,
    InvalidRequest,
    PriceChanged,
    Refused,
    RequestUnderWay,
    TooEarly,
)
from ...ports.errors import TaskQueueFull, Unavailable
from ..problems import REFUSALS, UNAVAILABLE, Problem, host_problem
from .bodies import Body
from .schema import Amount

SIGNATURE_HEADER = "X-Wallet-Signature"
TAGS = {
    "invitations": "To a private show, by viewers.",
    "goals": "What became of an invitation.",
    "streams": "What a streamer sends.",
    "channels": "Who may listen where.",
    "wallet": "What the wallet reports.",
    "probes": "For orchestrators.",
}
"""What the operations are about, in the order of the description."""


@frozen(kw_only=True)
class Operation:
    """What one method of one path does."""

    tag: str
    """One of ``TAGS``."""
    summary: str
    who: str
    """Whom it is for."""
    response: type
    """The class whose attributes are sent on success."""
    status: int = 200
    body: Body[Any] | None = None
    query: Mapping[str, Any] = field(factory=dict)
    """The type of each variable of the query. All are required."""
    headers: Mapping[str, Any] = field(factory=dict)
    """The type of each header that may be sent."""
    signed: bool = False
    """Whether the wallet signs the body."""
    errors: Sequence[type[Refused | Unavailable]] = ()
    """What the use case raises for clients. ``body`` knows what else a body is refused for."""
    others: Sequence[Problem] = ()

    def problems(self) -> Sequence[Problem]:
        """Every problem that a client may get; one for errors that share a code.

        They are as a description needs them: gaps in a detail stay, and each member is a type.
        """
        refusals = self.body.refusals(signed=self.signed) if self.body else ()
        by_code = {problem.code: problem for problem in map(_problem_of, (*self.errors, *refusals))}
        return [*by_code.values(), *self.others]


def _problem_of(error: type[Refused | Unavailable]) -> Problem:
    if issubclass(error, Unavailable):
        return UNAVAILABLE
    if issubclass(error, HostRefusal):
        return host_problem(error)
    status, detail = REFUSALS[error.code]
    members: dict[str, Any] = {"errors": dict[str, str]} if issubclass(error, InvalidRequest) else {}
    if issubclass(error, PriceChanged):
        members = {"amount": Amount}
    wait = 60 if issubclass(error, TooEarly | RequestUnderWay | TaskQueueFull) else None
    return Problem(status=status, code=error.code, detail=detail, members=members, retry_after=wait)
