from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.memory import MemoryGoals, MemorySessions, MemoryWallet
from show_goal.adapters.mongo import MongoGoals, MongoSessions, MongoSettings, MongoWallet
from show_goal.core.model import Session
from tests.adapters.mongo.documents import Document

from .platform import Stores
from .platform_machine import PlatformMachine
from .running import run


def memory_stores() -> Stores:
    sessions, goals, wallet = MemorySessions(), MemoryGoals(), MemoryWallet()
    return Stores(
        ports={"sessions": sessions, "goals": goals, "wallet": wallet},
        add_session=sessions.add,
        end_session=lambda session_id: sessions.add(evolve(sessions.get(session_id), active=False)),
        credit=wallet.credit,
    )


def mongo_stores(database: Database[Document], settings: MongoSettings) -> Stores:
    wallet = MongoWallet(database, settings)

    def add_session(session: Session) -> None:
        document: dict[str, Any] = {
            "_id": ObjectId(session.id),
            "user": ObjectId(session.streamer_id),
            "active": True,
            "status": {"preset": session.preset},
            "pricing": dict(session.pricing),
            "show_goal_pairs": [],
            "trigger_private_goals": [],
        }
        database.sessions.insert_one(document)

    def end_session(session_id: str) -> None:
        database.sessions.update_one({"_id": ObjectId(session_id)}, {"$set": {"active": False}})

    return Stores(
        ports={
            "sessions": MongoSessions(database, settings),
            "goals": MongoGoals(database, settings),
            "wallet": wallet,
        },
        add_session=add_session,
        end_session=end_session,
        credit=wallet.credit,
    )


def test_goals_in_memory_keep_every_promise_in_any_order_L6() -> None:
    run(lambda: PlatformMachine(memory_stores()), examples=250, steps=50)


def test_goals_in_mongodb_keep_every_promise_in_any_order_L6(
    mongo_database: Database[Document], mongo_settings: MongoSettings, empty_database: Callable[[], None]
) -> None:
    def machine() -> PlatformMachine:
        empty_database()
        return PlatformMachine(mongo_stores(mongo_database, mongo_settings))

    run(machine, examples=20, steps=40)
