"""The body of an invitation: ``{"exp": timestamp, "duration": sec-in-int}`` and nothing else (D6, D7)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeGuard

from attrs import frozen

from .errors import InvalidInvitation
from .settings import Settings


@frozen(kw_only=True)
class Invitation:
    """``exp``: until when the invitation stands; ``duration``: seconds of private show that are paid for."""

    exp: datetime
    duration: int

    @classmethod
    def parse(cls, body: object, *, now: datetime, settings: Settings) -> Invitation:
        """Read a decoded JSON body. Raises InvalidInvitation with every field that is wrong."""
        if not isinstance(body, dict):
            raise InvalidInvitation({"body": "must be a JSON object with exp and duration"})
        exp_problem = _exp_problem(body.get("exp"), now, settings)
        duration_problem = _duration_problem(body.get("duration"), settings)
        if exp_problem or duration_problem or len(body) > 2:
            problems = {"exp": exp_problem, "duration": duration_problem}
            problems |= {str(key): "is not known here" for key in body if key not in problems}
            raise InvalidInvitation({name: problem for name, problem in problems.items() if problem})
        return cls(exp=datetime.fromtimestamp(body["exp"], UTC), duration=body["duration"])


def parse_duration(duration: object, settings: Settings) -> int:
    """Read a duration that stands alone, as a number or as a query's text. Raises InvalidInvitation."""
    if isinstance(duration, str) and duration.isascii() and duration.isdigit() and len(duration) < 10:
        duration = int(duration)
    problem = _duration_problem(duration, settings)
    if problem is not None or not _whole_number(duration):
        raise InvalidInvitation({"duration": str(problem)})
    return duration


def _exp_problem(exp: object, now: datetime, settings: Settings) -> str | None:
    if not _whole_number(exp):
        return "must be Unix time in whole seconds"
    if exp <= (present := now.timestamp()):
        return "must be in the future"
    if exp > present + settings.max_ttl.total_seconds():
        return f"must be at most {settings.max_ttl.total_seconds():.0f} seconds ahead"
    return None


def _duration_problem(duration: object, settings: Settings) -> str | None:
    if not _whole_number(duration) or not 1 <= duration <= settings.max_duration:
        return f"must be a whole number of seconds from 1 to {settings.max_duration}"
    return None


def _whole_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
