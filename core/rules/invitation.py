"""The limits of an invitation (D6, D7, D31)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ..errors import InvalidInvitation
from ..model import Invitation
from ..settings import Settings

KEY_HEADER = "Idempotency-Key"
_KEY = re.compile("[!-~]{1,64}")


def check_invitation(invitation: Invitation, now: datetime, settings: Settings) -> datetime:
    """The time until which the invitation lasts. Raises InvalidInvitation with every field that is wrong.

    An exp that is too near is not wrong yet: it may be a repeat, which promises nothing new (D31).
    """
    wrong = {
        "exp": exp_error(invitation.exp, now, settings, least=timedelta(0)),
        "duration": duration_error(invitation.duration, settings),
    }
    if any(wrong.values()):
        raise InvalidInvitation({name: error for name, error in wrong.items() if error})
    return datetime.fromtimestamp(invitation.exp, UTC)


def no_time_to_answer(exp: datetime, now: datetime, settings: Settings) -> InvalidInvitation | None:
    """The refusal, if the streamer would have no time to answer (D31)."""
    wrong = _too_near(exp, now, settings.min_ttl)
    return InvalidInvitation({"exp": wrong}) if wrong else None


def exp_error(exp: int | None, now: datetime, settings: Settings, least: timedelta | None = None) -> str | None:
    """What is wrong with the exp of an invitation, or with None in its place (D6, D31).

    It must be ``least`` ahead; the setting ``min_ttl`` if that is None.
    """
    try:
        until = datetime.fromtimestamp(exp, UTC) if exp is not None else None
    except (ValueError, OverflowError, OSError):  # beyond the calendar: mostly milliseconds
        until = None
    if until is None:
        return "must be Unix time in whole seconds"
    if until <= now:
        return "must be in the future"
    if until > now + settings.max_ttl:
        return f"must be at most {settings.max_ttl.total_seconds():.0f} seconds ahead"
    return _too_near(until, now, settings.min_ttl if least is None else least)


def _too_near(until: datetime, now: datetime, least: timedelta) -> str | None:
    return f"must be at least {least.total_seconds():.0f} seconds ahead" if until < now + least else None


def key_error(key: str) -> str | None:
    """What is wrong with an Idempotency-Key (D29)."""
    return None if _KEY.fullmatch(key) else "must be 1 to 64 visible ASCII characters"


def duration_error(duration: int | None, settings: Settings) -> str | None:
    """What is wrong with the duration of an invitation, or with None in its place (D7)."""
    if duration is None or not 1 <= duration <= settings.max_duration:
        return f"must be a whole number of seconds from 1 to {settings.max_duration}"
    return None
