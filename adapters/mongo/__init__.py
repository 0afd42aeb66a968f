"""The stores and the wallet on MongoDB, with pymongo and no ODM.

MongoDB 5.0 or newer. Use a replica set: retries are safe there, and a majority keeps what was acknowledged. Nothing
here is a transaction of MongoDB's: a call writes one document at a time, and may be repeated wherever it broke off.

Field names are the platform's, so that other tools read the same documents; those of sessions are settings (D49).
ObjectIds never leave this package: callers pass and get strings (D3). Run :func:`create_indexes` before the first
request: two promises need its unique indexes.

May import core, ports and pymongo; no other adapter.
"""

from .client import ServerFacts, connect, ping, server_facts
from .encoding import MongoIds
from .goals import MongoGoals
from .indexes import create_indexes, missing_indexes
from .journal import MongoJournal
from .keyed_requests import MongoKeyedRequests
from .moving_contributions import move_old_contributions
from .other_collections import MongoChannelCache, MongoFeed, MongoRtcSources, MongoSweeps, MongoTracker
from .passes import MongoPasses, move_old_passes
from .sessions import MongoSessions, with_several_sessions
from .settings import MongoSettings
from .wallet import MongoWallet

__all__ = [
    "MongoChannelCache",
    "MongoFeed",
    "MongoGoals",
    "MongoIds",
    "MongoJournal",
    "MongoKeyedRequests",
    "MongoPasses",
    "MongoRtcSources",
    "MongoSessions",
    "MongoSettings",
    "MongoSweeps",
    "MongoTracker",
    "MongoWallet",
    "ServerFacts",
    "connect",
    "create_indexes",
    "missing_indexes",
    "move_old_contributions",
    "move_old_passes",
    "ping",
    "server_facts",
    "with_several_sessions",
]
