"""The indexes. Two of them are promises: without them a race could leave two private goals, or two charges.

A sharded cluster cannot have these two unique; docs/scale.md says what keeps the promises there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pymongo
from pymongo import IndexModel
from pymongo.database import Database

from .client import ping
from .collection import Document, open_collection
from .errors import within
from .goal_documents import ONGOING_PRIVATE_GOAL, UNSETTLED_GOAL
from .session_documents import CLAIM, UNBOUND_CLAIM
from .settings import MongoSettings
from .wallet_documents import FIRST_PLACED, LAST_PLACED

_BUILD_SECONDS = 600  # over a large collection: longer than a request may wait


def create_indexes(database: Database[Document], settings: MongoSettings, *, wallet: bool = True) -> None:
    """Create what is missing; repeating it changes nothing. ``wallet`` is whether MongoWallet keeps the money.

    Raises StoreUnavailable when the server does not answer, and pymongo's own errors when it does and says no: a
    DuplicateKeyError names the session or the transaction of which the collection holds two already.
    """
    ping(database, settings)  # a server that is down is not waited for as long as one that builds
    with pymongo.timeout(_BUILD_SECONDS):
        for name, indexes in _indexes(settings, wallet).items():
            for index in indexes:
                open_collection(database, name).create_indexes([index])


def missing_indexes(database: Database[Document], settings: MongoSettings) -> list[str]:
    """``collection.index`` for each that does not stand exactly as ``create_indexes`` makes it. Raises as it does."""
    with within(settings):
        return [
            f"{name}.{index.document['name']}"
            for name, indexes in _indexes(settings, wallet=True).items()
            for index in _lacking(indexes, list(open_collection(database, name).list_indexes()))
        ]


def _lacking(wanted: Sequence[IndexModel], standing: Sequence[Mapping[str, object]]) -> Iterator[IndexModel]:
    stand = [_form(index) for index in standing]
    return (index for index in wanted if _form(index.document) not in stand)


def _form(index: Mapping[str, object]) -> tuple[object, ...]:
    """What an index promises and serves, as wanted and as the server tells it."""
    key = index["key"]
    pairs = list(key.items()) if isinstance(key, Mapping) else key
    return pairs, bool(index.get("unique")), index.get("partialFilterExpression")


def _indexes(settings: MongoSettings, wallet: bool) -> Mapping[str, Sequence[IndexModel]]:
    """By collection; without ``wallet`` those of the wallet are left out: a host's own might be called the same."""
    unique = not settings.sharded
    indexes = {settings.goals: _goals(unique), settings.sessions: _SESSIONS}
    return indexes | {settings.accounts: _accounts(unique), settings.transactions: _TRANSACTIONS} if wallet else indexes


def _goals(unique: bool) -> Sequence[IndexModel]:
    return (
        IndexModel(  # the backstop of D2: whoever races, a session has one ongoing private goal
            {"conditions.session_id": 1},
            name="one_ongoing_private_goal_a_session",
            unique=unique,
            partialFilterExpression=ONGOING_PRIVATE_GOAL,
        ),
        IndexModel(  # the sweeper asks for active goals past their exp, of all goals that ever were (D26)
            {"active": 1, "exp": 1},
            name="active_goals_by_exp",
            partialFilterExpression={"active": True},
        ),
        IndexModel(  # and for goals that ended and are not settled (L3, N7)
            {"exp": 1},
            name="unsettled_goals_by_exp",
            partialFilterExpression=UNSETTLED_GOAL,
        ),
    )


_SESSIONS = (
    IndexModel(  # a streamer switches the preset of the one that is active (L4)
        {"user": 1},
        name="active_sessions_by_streamer",
        partialFilterExpression={"active": True},
    ),
    IndexModel(  # the sweeper asks for claims that live and were never bound (D26)
        {f"{CLAIM}.exp": 1},
        name="unbound_claims_by_exp",
        partialFilterExpression=UNBOUND_CLAIM,
    ),
)


def _accounts(unique: bool) -> Sequence[IndexModel]:
    return (
        IndexModel(  # a held transaction is found by its id; and it stands in one account alone (D15)
            {"holds.transaction_id": 1},
            name="one_account_a_transaction",
            unique=unique,
            partialFilterExpression={"holds.transaction_id": {"$exists": True}},
        ),
        IndexModel(  # a settlement asks who has paid into the escrow (L3)
            {"holds.escrow_id": 1},
            name="held_by_escrow",
            partialFilterExpression={"holds.escrow_id": {"$exists": True}},
        ),
        IndexModel(  # the sweeper asks for holds whose time is over; one key an account, so that it can sort
            {"next_exp": 1},
            name="held_by_next_exp",
            partialFilterExpression={"next_exp": {"$exists": True}},
        ),
    )


_TRANSACTIONS = (
    IndexModel([("escrow_id", 1), *FIRST_PLACED], name="settled_by_escrow"),
    IndexModel([("from_user_id", 1), *LAST_PLACED], name="settled_by_payer"),
)
