"""The stores and the wallet on MongoDB, through pymongo, without an ODM.

The server is 5.0 or newer; a replica set, for safe retries and transactions. Without one the wallet settles in steps,
each safe to repeat.

Field names are the platform's, so that other tools read the same documents. ObjectIds stay in here: everybody else sees
strings (D3). Run :func:`create_indexes` before the first request: two of the promises rest on its unique indexes.

May import core, ports and pymongo; no other adapter.
"""

from .channel_cache import MongoChannelCache
from .client import ServerFacts, connect, ping, server_facts
from .feed import MongoFeed
from .goals import MongoGoals
from .ids import MongoIds
from .indexes import create_indexes, missing_indexes
from .rtc_sources import MongoRtcSources
from .sessions import MongoSessions
from .settings import MongoSettings
from .tracker import MongoTracker
from .viewers import MongoViewers
from .wallet import MongoWallet

__all__ = [
    "MongoChannelCache",
    "MongoFeed",
    "MongoGoals",
    "MongoIds",
    "MongoRtcSources",
    "MongoSessions",
    "MongoSettings",
    "MongoTracker",
    "MongoViewers",
    "MongoWallet",
    "ServerFacts",
    "connect",
    "create_indexes",
    "missing_indexes",
    "ping",
    "server_facts",
]
