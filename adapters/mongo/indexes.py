"""The indexes. Two unique ones keep promises: without them a race could create two private goals or two charges.

Neither can be unique on a sharded cluster. docs/scale.md says what keeps the promises there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pymongo
from pymongo import IndexModel
from pymongo.database import Database

from ...core.keyed_request import KEPT
from .client import Document, open_collection, ping
from .errors import within
from .goals import BY_EXP, ONGOING_GOAL, ONGOING_PRIVATE_GOAL, UNSETTLED_GOAL
from .other_collections import FORGET_AT
from .session_documents import CLAIM_WITHOUT_A_GOAL, CLAIMS_BY_EXP, SessionDocuments
from .settings import MongoSettings
from .wallet_documents import FIRST_PLACED, LAST_PLACED
from .wallet_escrow import HELD_BY_ESCROW
from .wallet_folding import UNFOLDED
from .wallet_overdue import BY_NEXT_EXP
from .wallet_payments import BY_USER, IS_PAYMENT

_BUILD_SECONDS = 600  # a large collection takes longer than a request may wait


def create_indexes(database: Database[Document], settings: MongoSettings, *, wallet: bool = True) -> None:
    """Create the indexes that are missing. Repeating it changes nothing.

    Pass ``wallet=False`` when a wallet other than MongoWallet keeps the money: then ``accounts`` and ``transactions``,
    which may be the host's own, get none.

    Raises StoreUnavailable when the server does not answer, and pymongo's own error when it refuses. A
    DuplicateKeyError names the session or the transaction that the collection has twice.
    """
    ping(database, settings)  # fail within timeout_ms when the server is down
    with pymongo.timeout(_BUILD_SECONDS):
        for name, indexes in _indexes(settings, wallet).items():
            open_collection(database, name).create_indexes(list(indexes))


def missing_indexes(database: Database[Document], settings: MongoSettings, *, wallet: bool = True) -> list[str]:
    """``collection.index`` for each index that is missing or differs from what ``create_indexes`` makes.

    ``wallet`` is as there. Raises StoreUnavailable.
    """
    missing = []
    with within(settings):
        for name, wanted in _indexes(settings, wallet).items():
            existing = [_form(index) for index in open_collection(database, name).list_indexes()]
            documents = [index.document for index in wanted]
            missing += [f"{name}.{index['name']}" for index in documents if _form(index) not in existing]
    return missing


def _form(index: Mapping[str, object]) -> tuple[object, ...]:
    """What two indexes must share to be the same. The server lists ``key`` as a mapping, IndexModel as pairs."""
    key = index["key"]
    pairs = list(key.items()) if isinstance(key, Mapping) else key
    return pairs, bool(index.get("unique")), index.get("partialFilterExpression"), index.get("expireAfterSeconds")


def _indexes(settings: MongoSettings, wallet: bool) -> Mapping[str, Sequence[IndexModel]]:
    """By collection."""
    unique = not settings.sharded
    indexes: dict[str, Sequence[IndexModel]] = {
        settings.goals: _goals(unique),
        settings.sessions: _sessions(settings),
        settings.keyed_requests: _KEYED_REQUESTS,
        settings.livestream_feed: _KEPT,
        settings.tracked_goals: _KEPT,
    }
    return indexes | {settings.accounts: _accounts(unique), settings.transactions: _TRANSACTIONS} if wallet else indexes


def _goals(unique: bool) -> Sequence[IndexModel]:
    return (
        IndexModel(  # a session has one ongoing private goal, also in a race: the backstop of D2
            {"conditions.session_id": 1},
            name="one_ongoing_private_goal_a_session",
            unique=unique,
            partialFilterExpression=ONGOING_PRIVATE_GOAL,
        ),
        IndexModel(  # the sweeper looks for active goals past their exp (D26)
            BY_EXP, name="ongoing_goals_by_exp_and_id", partialFilterExpression=ONGOING_GOAL
        ),
        IndexModel(  # the sweeper looks for goals that ended and are not settled (L3, N7)
            BY_EXP, name="unsettled_goals_by_exp_and_id", partialFilterExpression=UNSETTLED_GOAL
        ),
        IndexModel(  # a streamer's switch to sd looks for what they have agreed to (D40, D41)
            [("metadata.user_id", 1), ("exp", 1)],
            name="unsettled_goals_by_streamer",
            partialFilterExpression=UNSETTLED_GOAL,
        ),
    )


def _sessions(settings: MongoSettings) -> Sequence[IndexModel]:
    documents = SessionDocuments(settings)
    return (
        IndexModel(  # a streamer switches the preset of the active session (L4)
            {settings.session_user: 1}, name="active_sessions_by_streamer", partialFilterExpression=documents.is_active
        ),
        IndexModel(  # the sweeper looks for claims that were never bound, live or lapsed (D26, D34)
            CLAIMS_BY_EXP, name="claims_without_a_goal_by_exp_and_id", partialFilterExpression=CLAIM_WITHOUT_A_GOAL
        ),
        IndexModel(  # the sweeper looks for sessions that ended while they were claimed (D42)
            CLAIMS_BY_EXP,
            name="claims_of_sessions_that_are_over",
            partialFilterExpression=documents.claim_of_a_session_that_is_over,
        ),
    )


_KEYED_REQUESTS = (
    IndexModel(  # the server forgets a request with a key after a day (D29)
        {"since": 1}, name="forgotten_after_a_day", expireAfterSeconds=int(KEPT.total_seconds())
    ),
)


_KEPT = (
    IndexModel(  # the server forgets what feed and statistics have kept for long enough
        {FORGET_AT: 1},
        name="forgotten_in_time",
        expireAfterSeconds=0,
        partialFilterExpression={FORGET_AT: {"$exists": True}},
    ),
)


def _accounts(unique: bool) -> Sequence[IndexModel]:
    return (
        IndexModel(  # a hold is found by its transaction id, and is in one account only (D15)
            {"holds.transaction_id": 1},
            name="one_account_a_transaction",
            unique=unique,
            partialFilterExpression={"holds.transaction_id": {"$exists": True}},
        ),
        IndexModel(  # a settlement looks for the payers of an escrow (L3)
            HELD_BY_ESCROW,
            name="held_by_escrow_and_id",
            partialFilterExpression={"holds.escrow_id": {"$exists": True}},
        ),
        IndexModel(  # the sweeper looks for holds past their exp; one key per account, so that it can sort by it
            BY_NEXT_EXP, name="held_by_next_exp_and_id", partialFilterExpression={"next_exp": {"$exists": True}}
        ),
    )


_TRANSACTIONS = (
    IndexModel([("escrow_id", 1), *FIRST_PLACED], name="settled_by_escrow"),
    IndexModel([("from_user_id", 1), *LAST_PLACED], name="settled_by_payer"),
    IndexModel(  # what a receiver was paid and does not have in the account yet
        UNFOLDED, name="unfolded_by_receiver", partialFilterExpression={"unfolded": {"$exists": True}}
    ),
    IndexModel(BY_USER, name="payments_by_user", partialFilterExpression=IS_PAYMENT),
)
