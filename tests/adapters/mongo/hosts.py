"""Hosts whose session documents differ (D49), and the whole flow on one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import field, frozen
from pymongo.database import Database

from show_goal.adapters.mongo import MongoGoals, MongoPasses, MongoSessions, MongoSettings, MongoWallet
from show_goal.adapters.mongo.encoding import user_id
from show_goal.adapters.mongo.session_documents import ReadSession
from show_goal.core.errors import Blocked, GoalNotFound, OwnSession
from show_goal.core.model import Session, Viewer
from tests.builders import VIEWER
from tests.world import World

from .documents import PLATFORMS, Document

OUR_NAMES = {
    "session_user": "user",
    "session_active": "active",
    "session_preset": "status.preset",
    "session_pricing": "pricing",
}
OTHER_NAMES = {
    "session_user": "owner.ref",
    "session_active": "is_live",
    "session_preset": "state.mode",
    "session_pricing": "rates",
}


def nested(path: str, value: Any) -> Document:
    """A document with a value at a path."""
    for name in reversed(path.split(".")):
        value = {name: value}
    return dict(value)


def merged(one: Document, other: Document) -> Document:
    """Both documents in one, with all their branches. Where both have a value, it is the other's."""
    both = [name for name in one.keys() & other.keys() if isinstance(one[name], dict)]
    return {**one, **other, **{name: merged(one[name], other[name]) for name in both}}


def at(document: Document, path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = value[name]
    return value


@frozen
class Host:
    paths: Mapping[str, str] = field(factory=OUR_NAMES.copy)
    read: ReadSession | None = None

    def document(self, **changes: Any) -> Document:
        """The platform's session, with its fields where this host has them."""
        fields = {"user": PLATFORMS["user"], "active": True, "preset": "preview", "pricing": {"sd": 60}, **changes}
        document: Document = {"_id": PLATFORMS["_id"], "title": "not ours to touch"}
        for name, value in fields.items():
            document = merged(document, nested(self.paths[f"session_{name}"], value))
        return document

    def settings(self, database: Database[Document]) -> MongoSettings:
        """With time enough for a slow machine."""
        paths: dict[str, Any] = {**self.paths}
        return MongoSettings(database=database.name, timeout_ms=30_000, **paths)

    def sessions(self, database: Database[Document]) -> MongoSessions:
        return MongoSessions(database, self.settings(database), self.read)

    def world(self, database: Database[Document]) -> World:
        settings = self.settings(database)
        return World.make(
            sessions=self.sessions(database),
            goals=MongoGoals(database, settings),
            passes=MongoPasses(database, settings),
            wallet=MongoWallet(database, settings),
        )


def read_tariff(document: Document) -> Session:
    """A function of a host whose prices are a list, of which MongoDB's paths know nothing."""
    return Session(
        id=str(document["_id"]),
        streamer_id=user_id(document["owner"]["ref"]),
        active=document["is_live"],
        preset=document["state"]["mode"],
        pricing={each["for"]: each["cents"] for each in document["tariff"]},
    )


@frozen
class TariffHost(Host):
    paths: Mapping[str, str] = field(factory=OTHER_NAMES.copy)
    read: ReadSession | None = read_tariff

    def document(self, **changes: Any) -> Document:
        document = super().document(**changes)
        document["tariff"] = [{"for": preset, "cents": cents} for preset, cents in document.pop("rates").items()]
        return document


HOSTS = {"our names": Host(), "other names": Host(OTHER_NAMES), "its own function": TariffHost()}


def play(world: World, login: Any, *, paid: bool) -> None:
    """From an invitation to the last payment: of a blocked viewer, of the streamer, and of one who may."""
    wallet, streamer, viewer = world.container.wallet(), Viewer(id=login), Viewer(id=VIEWER)
    wallet.credit(VIEWER, 100)  # type: ignore[attr-defined]
    with pytest.raises(OwnSession):
        world.invite(streamer)
    with pytest.raises(Blocked):
        world.invite(Viewer(id=VIEWER, tags=[f"blocked-by:{login}"]))

    goal_id = world.invite(viewer).goal_id
    world.run_due()
    with pytest.raises(GoalNotFound):
        world.container.answer_goal()(goal_id, viewer, True)
    world.container.answer_goal()(goal_id, streamer, True)
    world.run_due()
    if paid:
        assert world.container.switch_preset()(streamer, "sd").from_preset == "preview"
    world.wait(60)

    balances = {who.id: wallet.statement(who.id, None).available for who in (streamer, viewer)}
    assert balances == {streamer.id: 90 if paid else 0, viewer.id: 10 if paid else 100}
