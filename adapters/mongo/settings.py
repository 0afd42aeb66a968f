"""Where the database is, and what things are called there."""

from __future__ import annotations

from attrs import field, frozen, validators
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri


@frozen(kw_only=True)
class MongoSettings:
    """``uri`` and ``database`` matter to ``connect`` alone: a host may hand a database of its own to the adapters."""

    uri: str = field(default="mongodb://127.0.0.1:27017", repr=False)  # it may hold a password
    database: str = "show_goal"
    timeout_ms: int = field(default=1_000, validator=validators.ge(1))
    """How long one call of a port may take, retries included, before it raises Unavailable."""

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
    """The collections are split by their ``_id``, hashed: a unique index can be had on that alone."""

    @property
    def well_formed(self) -> bool:
        """Whether the driver can read ``uri``. One that names its hosts through DNS is believed until it is used."""
        if self.uri.startswith("mongodb+srv://"):
            return True
        try:
            parse_uri(self.uri)
        except (PyMongoError, ValueError):
            return False
        return True
