"""Where the database is, and what its collections are called."""

from __future__ import annotations

from attrs import field, frozen, validators
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri


@frozen(kw_only=True)
class MongoSettings:
    """Only ``connect`` reads ``uri`` and ``database``: a host may pass its own database to the adapters."""

    uri: str = field(default="mongodb://127.0.0.1:27017", repr=False)  # it may contain a password
    database: str = "show_goal"
    timeout_ms: int = field(default=1_000, validator=validators.ge(1))
    """How long one call of a port may take in total, with retries, before it raises Unavailable. Milliseconds."""

    sessions: str = "sessions"
    goals: str = "goals"
    users: str = "users"
    accounts: str = "accounts"
    transactions: str = "transactions"
    livestream_feed: str = "livestream_feed"
    tracked_goals: str = "tracked_goals"
    pusher_channel_data: str = "pusher_channel_data"
    rtc_sources: str = "rtc_sources"

    dotted_cls: bool = False
    """Write ``_cls`` as mongoengine does, ``Goal.TriggerPrivateGoal``. Both forms are always read."""

    sharded: bool = False
    """The collections are sharded by a hashed ``_id``, so no other field can have a unique index."""

    @property
    def well_formed(self) -> bool:
        """Whether pymongo can parse ``uri``. A ``mongodb+srv`` URI needs DNS, so it is not checked until first use."""
        if self.uri.startswith("mongodb+srv://"):
            return True
        try:
            parse_uri(self.uri)
        except (PyMongoError, ValueError):
            return False
        return True
