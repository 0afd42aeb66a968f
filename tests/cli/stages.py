"""Platforms for the operators' commands: in memory, and with every store on a real MongoDB."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.database import Database

from show_goal.adapters import mongo
from show_goal.adapters.container import Container
from tests.adapters.mongo.documents import session_document
from tests.builders import VIEWER, VIEWER_2, a_session
from tests.world import World


def on_mongo(database: Database[dict[str, Any]], settings: mongo.MongoSettings) -> World:
    """What the tests do goes through the container. Only the queue, the clock and the channels are in memory."""
    of = database, settings
    wallet = mongo.MongoWallet(*of)
    world = World.make(
        sessions=mongo.MongoSessions(*of),
        goals=mongo.MongoGoals(*of),
        passes=mongo.MongoPasses(*of),
        wallet=wallet,
        feed=mongo.MongoFeed(*of),
        tracker=mongo.MongoTracker(*of),
        sweeps=mongo.MongoSweeps(*of),
        journal=mongo.MongoJournal(*of),
    )
    database["sessions"].insert_one(session_document(a_session()))
    for viewer_id in (VIEWER, VIEWER_2):
        wallet.credit(viewer_id, 1_000)
    return world


def in_place(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Commands find the world where they would find the environment's servers, as often as they like."""
    monkeypatch.setattr(Container, "from_env", lambda **_: world.container)
    monkeypatch.setattr(Container, "close", lambda _: None)
