"""How a session looks as a document."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, TypeVar

from bson import Decimal128, ObjectId

from ...core.model import Claim, Session, ShowGoalPair
from ...ports.errors import UnreadableDocument
from .client import Document
from .encoding import goal_id, id_text, object_id, user_id

_log = logging.getLogger("show_goal.mongo")
T = TypeVar("T")

CLAIM = "trigger_private_claim"
PRIVATE_GOALS = "trigger_private_goals"
SHOW_PAIRS = "show_goal_pairs"
KARAOKE = "karaoke_goal"
EXCLUSIVE_PAIRS = "exclusive_goal_pairs"
ON_SD = "trigger_private_sd"
"""``{since, until}``: the last time that the session was on sd (D40)."""

UNBOUND_CLAIM: Document = {"active": True, f"{CLAIM}.bound": False}
"""What the sweeper looks for, with an index for it (D26)."""
CLAIM_OF_A_SESSION_THAT_IS_OVER: Document = {"active": False, f"{CLAIM}.exp": {"$exists": True}}
CLAIMS_BY_EXP = ((f"{CLAIM}.exp", 1), ("_id", 1))

SESSION_FIELDS = {
    "user": True,
    "active": True,
    "status.preset": True,
    "pricing": True,
    SHOW_PAIRS: {"$slice": -1},
    PRIVATE_GOALS: {"$slice": -1},
    CLAIM: True,
    ON_SD: True,
}
"""The projection that ``read_session`` needs: only the last element of each list, however long the list is."""

AHEAD = 60_000
"""How far the server's clock may be behind the clock of the worker that ended a claim, in milliseconds."""

_NEVER = datetime.max.replace(tzinfo=UTC)
_BOUND_AND_LIVE: Document = {
    "$and": [
        f"${CLAIM}.bound",
        {"$gt": [{"$ifNull": [f"${CLAIM}.exp", _NEVER]}, {"$add": ["$$NOW", AHEAD]}]},
    ]
}
_LAST: Document = {
    "$cond": [
        {"$isArray": f"${PRIVATE_GOALS}"},
        {"$slice": [f"${PRIVATE_GOALS}", -1]},
        {"$ifNull": [f"${PRIVATE_GOALS}", None]},  # as it is: ``read_session`` names it
    ]
}
QUICK_SESSION_FIELDS = {**SESSION_FIELDS, PRIVATE_GOALS: {"$cond": [_BOUND_AND_LIVE, "$$REMOVE", _LAST]}}
"""The same, but without the list of goals when the claim already names the last one.

In a list of thousands, finding the last element takes the server longer than the rest of the command.
"""


def active_session(session_id: str) -> Document | None:
    """The query for an active session. None when the id is malformed."""
    _id = object_id(session_id)
    return None if _id is None else {"_id": _id, "active": True}


def read_session(document: Document) -> Session:
    """Read a document that was found with SESSION_FIELDS or QUICK_SESSION_FIELDS.

    Raises UnreadableDocument: what is not understood must not look as if it were not there (D48).
    """
    session_id = id_text(document["_id"])

    def read(field: str, how: Callable[[Any], T]) -> T:
        try:
            return how(document.get(field))
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            said = str(error) if isinstance(error, ValueError) else f"is {document.get(field)!r}: {error!r}"
            raise UnreadableDocument(f"session {session_id} cannot be read: {field} {said}") from error

    claim = read(CLAIM, lambda stored: None if stored is None else read_claim(stored))
    private_goal = read(PRIVATE_GOALS, lambda stored: _last(stored, _read_private_goal))
    if claim is not None and PRIVATE_GOALS not in document and document[CLAIM].get("bound"):
        private_goal = Session.TriggerPrivateGoal(goal=claim.goal_id)  # bound, and not ended
    sd_since, sd_until = read(ON_SD, lambda stored: (None, None) if stored is None else _times(stored))
    return Session(
        id=session_id,
        streamer_id=read("user", user_id),
        active=document["active"],
        preset=read("status", lambda stored: None if stored is None else _preset(stored.get("preset"))),
        pricing=read("pricing", lambda stored: {} if stored is None else _rates(session_id, stored)),
        show_goal_pair=read(SHOW_PAIRS, lambda stored: _last(stored, _read_pair)),
        trigger_private_goal=private_goal,
        claim=claim,
        sd_since=sd_since,
        sd_until=sd_until,
    )


def readable(documents: Iterable[Document]) -> Iterator[Session]:
    """Leave out what cannot be read: it must not hide those behind it (D43)."""
    for document in documents:
        try:
            yield read_session(document)
        except UnreadableDocument as error:
            _log.warning("Left out: %s", error)


def _last(stored: Any, read: Callable[[Document], T]) -> T | None:
    """The last element of a list. A list that is missing or null is empty."""
    if stored is None:
        return None
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
    """``bound`` becomes true in the update that binds the goal, ``renewed`` in that of ``renew_claim``."""
    names = "triggered_by", "prepaid_duration", "amount", "since"
    known = {name: value for name in names if (value := getattr(claim, name)) is not None}
    return {"goal_id": ObjectId(claim.goal_id), "exp": claim.exp, "bound": False, **known}


def _read_private_goal(element: Document) -> Session.TriggerPrivateGoal:
    return Session.TriggerPrivateGoal(
        goal=goal_id(element["goal"]),
        goal_agreed=element.get("goal_agreed"),
        goal_ended=element.get("goal_ended"),
    )


def _read_pair(pair: Document) -> ShowGoalPair:
    show_goal = pair.get("show_goal")
    return ShowGoalPair(
        funding_goal=goal_id(pair["funding_goal"]),
        funding_ended=pair.get("funding_ended"),
        show_goal=None if show_goal is None else goal_id(show_goal),
        show_ended=pair.get("show_ended"),
    )


def _times(stored: Document) -> tuple[datetime | None, datetime | None]:
    since, until = stored.get("since"), stored.get("until")
    if not all(time is None or isinstance(time, datetime) for time in (since, until)):
        raise TypeError("since and until must be times")
    return since, until


def _preset(stored: object) -> str | None:
    if stored is None or isinstance(stored, str):
        return stored
    raise TypeError("preset must be a text")


def _rates(session_id: str, pricing: Mapping[str, object]) -> dict[str, int]:
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
