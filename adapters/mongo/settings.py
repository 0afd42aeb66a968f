"""Where the database is, and what its collections are called."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

from attrs import field, frozen
from attrs.validators import optional
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from ...core.validation import InvalidValue, at_least, must, not_empty, typed
from .session_fields import a_path, overlap


def _readable(uri: str) -> bool:
    """Whether pymongo can parse it. A ``mongodb+srv`` URI needs DNS, so it is not checked until first use."""
    if uri.startswith("mongodb+srv://"):
        return True
    try:
        parse_uri(uri)
    except (PyMongoError, ValueError):
        return False
    return True


_A_URI = must(_readable, "a mongodb:// or mongodb+srv:// address, with user and password percent-encoded")


@frozen(kw_only=True, field_transformer=typed)
class MongoSettings:
    """Only ``connect`` reads ``uri`` and ``database``: a host may pass its own database to the adapters."""

    uri: str = field(default="mongodb://127.0.0.1:27017", validator=_A_URI, repr=False)  # it may contain a password
    database: str = field(default="show_goal", validator=not_empty)
    timeout_ms: int = field(default=1_000, validator=at_least(1))
    """How long one call of a port may take in total, with retries, before it raises Unavailable. Milliseconds."""

    sessions: str = field(default="sessions", validator=not_empty)
    goals: str = field(default="goals", validator=not_empty)
    contributions: str = field(default="contributions", validator=not_empty)
    passes: str = field(default="passes", validator=not_empty)
    keyed_requests: str = field(default="keyed_requests", validator=not_empty)
    users: str = field(default="users", validator=not_empty)
    accounts: str = field(default="accounts", validator=not_empty)
    transactions: str = field(default="transactions", validator=not_empty)
    livestream_feed: str = field(default="livestream_feed", validator=not_empty)
    tracked_goals: str = field(default="tracked_goals", validator=not_empty)
    pusher_channel_data: str = field(default="pusher_channel_data", validator=not_empty)
    rtc_sources: str = field(default="rtc_sources", validator=not_empty)
    sweeps: str = field(default="sweeps", validator=not_empty)

    session_user: str = field(default="user", validator=a_path)
    session_active: str = field(default="active", validator=a_path)
    session_preset: str = field(default="status.preset", validator=a_path)
    session_pricing: str = field(default="pricing", validator=a_path)
    """Where a session's document has these: the names of fields, with dots between (D49)."""
    session_last_seen: str | None = field(default=None, validator=optional(a_path))
    """Where it has the time of its last sign of life. None: the host reports none."""

    retention: timedelta | None = field(default=None, validator=optional(at_least(timedelta(seconds=1))))
    """How long feed and statistics keep what is written from now on. None: for ever. The server deletes it then."""

    dotted_cls: bool = False
    """Write ``_cls`` as mongoengine does, ``Goal.TriggerPrivateGoal``. Both forms are always read."""

    sharded: bool = False
    """The collections are sharded by a hashed ``_id``, so no other field can have a unique index."""

    def __attrs_post_init__(self) -> None:
        names: tuple[str, ...] = ("session_user", "session_active", "session_preset", "session_pricing")
        if self.session_last_seen is not None:
            names = (*names, "session_last_seen")
        for one, other in combinations(names, 2):
            if overlap(getattr(self, one), getattr(self, other)):
                wanted = f"a path beside that of {other}, {getattr(self, other)!r}"
                raise InvalidValue("MongoSettings", one, getattr(self, one), wanted)
