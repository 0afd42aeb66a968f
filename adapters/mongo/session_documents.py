"""The host's session documents: where they have what, how to find them, and how to read them (D49)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial

from attrs import evolve

from ...core.border import id_text as flow_id
from ...core.model import Session
from ...core.trace import describe
from ...ports.errors import Unavailable, UnreadableDocument
from .client import Document
from .encoding import id_text, object_id, user_id
from .errors import within
from .session_fields import CLAIM, ON_SD, PRIVATE_GOALS, SHOW_PAIRS
from .session_values import (
    Reading,
    last_of,
    read_claim,
    read_flag,
    read_pair,
    read_preset,
    read_private_goal,
    read_rates,
    read_time,
    read_times,
)
from .settings import MongoSettings

_log = logging.getLogger("show_goal.mongo")

ReadSession = Callable[[Document], Session]
"""A host's own function: from its document to the session."""

CLAIM_WITHOUT_A_GOAL: Document = {f"{CLAIM}.bound": False}
"""Live ones are unbound, others have lapsed: the sweeper looks for both, with one index (D26, D34)."""
CLAIMS_BY_EXP = ((f"{CLAIM}.exp", 1), ("_id", 1))

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
        {"$ifNull": [f"${PRIVATE_GOALS}", None]},  # as it is: ``read`` names it
    ]
}


class SessionDocuments:
    """The session documents of one host.

    Without ``host_reads``, everything is read at the paths of ``settings``. With it, the host's function says the
    preset and the prices, and a show is running if it says so or the document does. Queries find a session by the paths
    of ``user`` and ``active``, so there both must say the same. What the flow has written itself, it reads itself.
    """

    def __init__(self, settings: MongoSettings, host_reads: ReadSession | None = None) -> None:
        self._settings = settings
        self._host_reads = host_reads
        self.is_active: Document = {settings.session_active: True}
        self.is_over: Document = {settings.session_active: False}
        self.unbound_claim: Document = {**self.is_active, **CLAIM_WITHOUT_A_GOAL}
        self.claim_of_a_session_that_is_over: Document = {**self.is_over, f"{CLAIM}.exp": {"$exists": True}}
        self.fields = _fields(settings, whole=host_reads is not None)
        """The projection that ``read`` needs: only the last element of each list, however long the list is."""
        self.quick_fields = _quick(self.fields) if host_reads is None else self.fields
        """The same, but without the list of goals when the claim already names the last one.

        In a list of thousands, finding the last element takes the server longer than the rest of the command.
        """

    def active(self, session_id: str) -> Document | None:
        """The query for an active session. None when the id is malformed."""
        _id = object_id(session_id)
        return None if _id is None else {"_id": _id, **self.is_active}

    def read(self, document: Document) -> Session:
        """Read a document that was found with ``fields`` or ``quick_fields``.

        Raises UnreadableDocument: what is not understood must not look as if it were not there (D48).
        """
        paths, read = self._settings, Reading(id_text(document["_id"]), document)
        claim = read(CLAIM, read_claim, None)
        private_goal = read(PRIVATE_GOALS, lambda stored: last_of(stored, read_private_goal), None)
        if claim is not None and PRIVATE_GOALS not in document and document[CLAIM].get("bound"):
            private_goal = Session.TriggerPrivateGoal(goal=claim.goal_id)  # bound, and not ended
        sd_since, sd_until = read(ON_SD, read_times, (None, None))
        rates = partial(read_rates, read.session_id)
        found = Session(
            id=read.session_id,
            streamer_id=read(paths.session_user, user_id),
            active=read(paths.session_active, read_flag),
            preset=read(paths.session_preset, read_preset if self._host_reads is None else _nothing, None),
            pricing=read(paths.session_pricing, rates, {}) if self._host_reads is None else {},
            show_goal_pair=read(SHOW_PAIRS, lambda stored: last_of(stored, read_pair), None),
            trigger_private_goal=private_goal,
            claim=claim,
            sd_since=sd_since,
            sd_until=sd_until,
            last_seen=None if paths.session_last_seen is None else read(paths.session_last_seen, read_time, None),
        )
        return found if self._host_reads is None else self._as_the_host_says(self._host_reads, found, read)

    def readable(self, documents: Iterable[Document]) -> Iterator[Session]:
        """Leave out what cannot be read: it must not hide those behind it (D43)."""
        for document in documents:
            try:
                yield self.read(document)
            except UnreadableDocument as error:
                _log.warning("Left out: %s", error)

    def _as_the_host_says(self, host_reads: ReadSession, found: Session, read: Reading) -> Session:
        paths, said = self._settings, self._said(host_reads, read)
        for what, ours, theirs in (
            ("_id", found.id, said.id),
            (paths.session_user, found.streamer_id, flow_id(said.streamer_id)),
            (paths.session_active, found.active, said.active),
        ):
            if theirs != ours:
                raise read.unreadable(f"{what} is {ours!r}, and the host's function says {theirs!r}")
        pair = found.show_goal_pair
        if pair is None or not pair.running:
            pair = said.show_goal_pair or pair
        return evolve(
            found,
            preset=said.preset,
            pricing=read_rates(found.id, said.pricing),
            show_goal_pair=pair,
            last_seen=said.last_seen or found.last_seen,
        )

    def _said(self, host_reads: ReadSession, read: Reading) -> Session:
        try:
            with within(self._settings):  # it may ask MongoDB for more
                said: object = host_reads(read.document)
        except Unavailable:
            raise
        except Exception as error:
            raise read.unreadable(f"the host's function failed: {describe(error)}") from error
        if not isinstance(said, Session):
            wanted = f"{Session.__module__}.{Session.__name__}"
            raise read.unreadable(f"the host's function returned {said!r}: it must be a {wanted}")
        return said


def _nothing(_: object) -> None:
    """What is there is for the host's function. The path must lead there, so that a switch can be written."""


def _fields(settings: MongoSettings, *, whole: bool) -> Document:
    """The ``whole`` document, or the first fields of all paths: what is behind them shows whether a path is right."""
    last: Document = {SHOW_PAIRS: {"$slice": -1}, PRIVATE_GOALS: {"$slice": -1}}
    if whole:
        return last
    own = (settings.session_user, settings.session_active, settings.session_preset, settings.session_pricing)
    paths = (*own, *([settings.session_last_seen] if settings.session_last_seen else []))
    return {**dict.fromkeys((*(path.partition(".")[0] for path in paths), CLAIM, ON_SD), True), **last}


def _quick(fields: Document) -> Document:
    return {**fields, PRIVATE_GOALS: {"$cond": [_BOUND_AND_LIVE, "$$REMOVE", _LAST]}}
