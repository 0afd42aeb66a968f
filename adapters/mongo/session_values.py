"""What the values in a session's document mean, and what they are called if they mean nothing (D48)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any, TypeVar

from attrs import frozen
from bson import Decimal128, ObjectId

from ...core.model import Claim, Session, ShowGoalPair
from ...ports.errors import UnreadableDocument
from .client import Document
from .encoding import goal_id
from .session_fields import MissingField, NoObject, value_at

_log = logging.getLogger("show_goal.mongo")
T = TypeVar("T")
D = TypeVar("D")


@frozen
class Reading:
    """Reads one document, field by field. What cannot be read is named by the document's id and the path."""

    session_id: str
    document: Document

    def __call__(self, path: str, how: Callable[[Any], T], *absent: D) -> T | D:
        """The value at ``path``; ``absent`` if there is none, or null. Raises UnreadableDocument."""
        stored: Any = None
        try:
            stored = value_at(self.document, path)
            return absent[0] if stored is None and absent else how(stored)
        except MissingField as error:
            if absent:
                return absent[0]
            raise self.unreadable(f"{path} is missing") from error
        except NoObject as error:
            raise self.unreadable(f"{path} is missing: {error}") from error
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            said = str(error) if isinstance(error, ValueError) else f"is {stored!r}: {error!r}"
            raise self.unreadable(f"{path} {said}") from error

    def unreadable(self, why: str) -> UnreadableDocument:
        return UnreadableDocument(f"session {self.session_id} cannot be read: {why}")


def last_of(stored: Any, read: Callable[[Document], T]) -> T | None:
    """The last element of a list."""
    if not isinstance(stored, list):
        raise TypeError("it must be a list")
    return read(stored[-1]) if stored else None


def read_claim(claim: Document) -> Claim:
    return Claim(
        goal_id=goal_id(claim["goal_id"]),
        exp=claim.get("exp"),
        triggered_by=claim.get("triggered_by"),
        prepaid_duration=claim.get("prepaid_duration"),
        amount=claim.get("amount"),
        since=claim.get("since"),
        renewed=claim.get("renewed", False),
    )


def write_claim(claim: Claim) -> Document:
    """``bound`` becomes true in the update that binds the goal, null if its viewer knows that nothing comes of it, and
    ``renewed`` becomes true in that of ``renew_claim``."""
    names = "triggered_by", "prepaid_duration", "amount", "since"
    known = {name: value for name in names if (value := getattr(claim, name)) is not None}
    return {"goal_id": ObjectId(claim.goal_id), "exp": claim.exp, "bound": False, **known}


def read_private_goal(element: Document) -> Session.TriggerPrivateGoal:
    return Session.TriggerPrivateGoal(
        goal=goal_id(element["goal"]),
        goal_agreed=element.get("goal_agreed"),
        goal_ended=element.get("goal_ended"),
    )


def read_pair(pair: Document) -> ShowGoalPair:
    show_goal = pair.get("show_goal")
    return ShowGoalPair(
        funding_goal=goal_id(pair["funding_goal"]),
        funding_ended=pair.get("funding_ended"),
        show_goal=None if show_goal is None else goal_id(show_goal),
        show_ended=pair.get("show_ended"),
    )


def read_times(stored: Document) -> tuple[datetime | None, datetime | None]:
    since, until = stored.get("since"), stored.get("until")
    if not all(time is None or isinstance(time, datetime) for time in (since, until)):
        raise TypeError("since and until must be times")
    return since, until


def read_time(stored: object) -> datetime:
    if isinstance(stored, datetime):
        return stored
    raise ValueError(f"is {stored!r}: it must be a time")


def read_flag(stored: object) -> bool:
    if isinstance(stored, bool):
        return stored
    raise ValueError(f"is {stored!r}: it must be true or false")


def read_preset(stored: object) -> str:
    if isinstance(stored, str):
        return stored
    raise ValueError(f"is {stored!r}: it must be a text")


def read_rates(session_id: str, pricing: Mapping[str, object]) -> dict[str, int]:
    """Whole numbers from 0, also as doubles or decimals. Any other rate forbids, as if there were none (D11)."""
    rates: dict[str, int] = {}
    for preset, stored in pricing.items():
        rate = _rate(stored)
        if rate is not None:
            rates[preset] = rate
        elif stored is not None:
            what = "session %s has no price for %s: %r is no whole number of the smallest unit, 0 or more"
            _log.warning(what, session_id, preset, stored)
    return rates


def _rate(stored: object) -> int | None:
    number = stored.to_decimal() if isinstance(stored, Decimal128) else stored
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal) or not isfinite(number):
        return None
    return int(number) if number >= 0 and number % 1 == 0 else None
