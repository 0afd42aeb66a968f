"""The exact documents of feed and tracker, and that every collection's name can be chosen."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

from pymongo.database import Database

from show_goal.adapters.mongo import (
    MongoChannelCache,
    MongoFeed,
    MongoGoals,
    MongoSessions,
    MongoSettings,
    MongoTracker,
    MongoWallet,
    create_indexes,
)
from show_goal.core.events import GoalAdded, GoalCreated
from tests.builders import EXP, GOAL, SESSION, STREAMER, VIEWER, a_goal, a_hold, a_session

from .documents import Document, session_document

OF_GOAL: dict[str, Any] = {
    "goal_id": GOAL,
    "_cls": "TriggerPrivateGoal",
    "conditions": {"session_id": SESSION},
    "context": {"type": "trigger-private"},
}


def test_an_entry_of_the_feed_as_it_is_written(database: Database[Document], settings: MongoSettings) -> None:
    added = GoalAdded(**OF_GOAL, session_id=SESSION, streamer_id=STREAMER)
    MongoFeed(database, settings).publish(STREAMER, GOAL, added.payload())
    assert [*database["livestream_feed"].find()] == [
        {
            "at": ANY,
            "_id": {"streamer_id": STREAMER, "goal_id": GOAL},
            "entry": {**OF_GOAL, "session_id": SESSION, "streamer_id": STREAMER},
        }
    ]


def test_a_tracked_event_as_it_is_written(database: Database[Document], settings: MongoSettings) -> None:
    created = GoalCreated(**OF_GOAL, active=True, levels=(), nbf=None, exp=EXP)
    MongoTracker(database, settings).track("goal.created", GOAL, created.payload())
    assert [*database["tracked_goals"].find()] == [
        {
            "at": ANY,
            "_id": {"event": "goal.created", "occurrence": GOAL},
            "properties": {**OF_GOAL, "active": True, "levels": [], "nbf": None, "exp": EXP},
        }
    ]


def test_the_settings_name_every_collection(mongo_database: Database[Document]) -> None:
    settings = MongoSettings(
        timeout_ms=30_000,
        sessions="their_sessions",
        goals="their_goals",
        users="their_users",
        accounts="their_accounts",
        transactions="their_transactions",
        livestream_feed="their_feed",
        tracked_goals="their_statistics",
        pusher_channel_data="their_cache",
        keyed_requests="their_keys",
    )
    mongo_database["their_sessions"].insert_one(session_document(a_session()))
    mongo_database["their_cache"].insert_one({"_id": "channel"})

    create_indexes(mongo_database, settings)
    MongoGoals(mongo_database, settings).insert(a_goal())
    wallet = MongoWallet(mongo_database, settings)
    wallet.credit(VIEWER, 100)
    wallet.refund(wallet.hold(a_hold()).transaction_id)
    MongoFeed(mongo_database, settings).publish(STREAMER, GOAL, {})
    MongoTracker(mongo_database, settings).track("goal.created", GOAL, {})
    MongoChannelCache(mongo_database, settings).invalidate(["channel"])

    assert MongoSessions(mongo_database, settings).fetch_active(SESSION) == a_session()
    assert {name: mongo_database[name].count_documents({}) for name in mongo_database.list_collection_names()} == {
        "their_sessions": 1,
        "their_goals": 1,
        "their_accounts": 1,
        "their_keys": 0,
        "their_transactions": 1,
        "their_feed": 1,
        "their_statistics": 1,
        "their_cache": 0,
    }
