"""The body of an invitation: ``{"exp": timestamp, "duration": sec-in-int}`` and nothing else (D6, D7)."""

from __future__ import annotations

from datetime import UTC, datetime

from ..errors import InvalidInvitation
from ..settings import Settings


def parse_invitation(body: object, now: datetime, settings: Settings) -> tuple[datetime, int]:
    """Read a decoded JSON body: ``exp``, until when the invitation stands, and ``duration``, the seconds paid for.

    Raises InvalidInvitation with every field that is wrong.
    """
    if not isinstance(body, dict):
        raise InvalidInvitation({"body": "must be a JSON object with exp and duration"})
    exp = _exp_or_problem(body.get("exp"), now, settings)
    duration = _duration_or_problem(body.get("duration"), settings)
    if isinstance(exp, str) or isinstance(duration, str) or len(body) > 2:
        problems = {"exp": exp, "duration": duration}
        problems |= {str(key): "is not known here" for key in body if key not in problems}
        raise InvalidInvitation({name: problem for name, problem in problems.items() if isinstance(problem, str)})
    return exp, duration


def parse_duration(duration: object, settings: Settings) -> int:
    """Read a duration that stands alone, as a number or as a query's text. Raises InvalidInvitation."""
    if isinstance(duration, str) and duration.isascii() and duration.isdigit() and len(duration) < 10:
        duration = int(duration)
    seconds = _duration_or_problem(duration, settings)
    if isinstance(seconds, str):
        raise InvalidInvitation({"duration": seconds})
    return seconds


def _exp_or_problem(exp: object, now: datetime, settings: Settings) -> datetime | str:
    if type(exp) is not int:  # True is an int by isinstance
        return "must be Unix time in whole seconds"
    try:
        until = datetime.fromtimestamp(exp, UTC)
    except (ValueError, OverflowError, OSError):  # no calendar reaches so far: milliseconds, as a rule
        return "must be Unix time in whole seconds"
    if until <= now:
        return "must be in the future"
    if until > now + settings.max_ttl:
        return f"must be at most {settings.max_ttl.total_seconds():.0f} seconds ahead"
    return until


def _duration_or_problem(duration: object, settings: Settings) -> int | str:
    if type(duration) is not int or not 1 <= duration <= settings.max_duration:
        return f"must be a whole number of seconds from 1 to {settings.max_duration}"
    return duration
