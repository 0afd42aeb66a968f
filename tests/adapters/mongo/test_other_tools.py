"""Sessions that other tools have written, with every kind of user id, from the invitation to the end (D48, D49)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import mongoengine
import pytest
from bson import SON, Binary, DBRef, ObjectId
from mongoengine import fields
from mongoengine.connection import get_db
from pymongo import MongoClient
from pymongo.database import Database

from tests.builders import SESSION, STREAMER
from tests.servers import Servers

from .documents import Document, found
from .hosts import OTHER_NAMES, Host, at, play

A_UUID = UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
IDS: dict[str, tuple[Any, Any]] = {
    "ObjectId": (ObjectId(STREAMER), fields.ObjectIdField),
    "UUID": (A_UUID, fields.UUIDField),
    "int": (4711, fields.IntField),
    "text": ("sid_1", fields.StringField),
}
"""A user's id, and mongoengine's field for it."""


@pytest.fixture
def engine(servers: Servers, database: Database[Document]) -> Iterator[Database[Document]]:
    """The database on mongoengine's own connection."""
    mongoengine.connect(database.name, host=servers.mongodb_uri, uuidRepresentation="standard")
    yield get_db()
    mongoengine.disconnect()


def save(user: Any, kind: Any, *, as_dbref: bool) -> None:
    """A session in mongoengine's models, with names of its own, and a reference that may be a DBRef."""
    models, embedded = mongoengine.Document, mongoengine.EmbeddedDocument
    users = type("User", (models,), {"meta": {"collection": "users"}, "id": kind(primary_key=True)})
    owner = type("Owner", (embedded,), {"ref": fields.ReferenceField(users, dbref=as_dbref)})
    state = type("State", (embedded,), {"mode": fields.StringField(default="preview")})
    livestream = type(
        "Livestream",
        (models,),
        {
            "meta": {"collection": "sessions"},
            "owner": fields.EmbeddedDocumentField(owner),
            "is_live": fields.BooleanField(default=True),
            "state": fields.EmbeddedDocumentField(state, default=state),
            "rates": fields.DictField(fields.IntField()),
        },
    )
    livestream(id=SESSION, owner=owner(ref=users(id=user).save()), rates={"sd": 60}).save()


@pytest.mark.parametrize("paid", [True, False])
@pytest.mark.parametrize("as_dbref", [False, True], ids=["id", "DBRef"])
@pytest.mark.parametrize(("user", "kind"), IDS.values(), ids=IDS)
def test_a_session_of_mongoengines_goes_through_the_whole_flow_D48_D49(
    engine: Database[Document], user: Any, kind: Any, as_dbref: bool, paid: bool
) -> None:
    save(user, kind, as_dbref=as_dbref)
    before = found(engine)
    assert isinstance(at(before, "owner.ref"), DBRef) is as_dbref

    play(Host(OTHER_NAMES).world(engine), user, paid=paid)

    after = found(engine)
    assert after["state"]["mode"] == ("sd" if paid else "preview")
    assert after | before == after | {"state": before["state"]}, "the host's own fields have changed"


@pytest.mark.parametrize("paid", [True, False])
def test_a_client_with_other_codec_options_goes_through_the_whole_flow_D48_D49(
    servers: Servers, database: Database[Document], paid: bool
) -> None:
    host = Host(OTHER_NAMES)
    with MongoClient(servers.mongodb_uri, document_class=SON, uuidRepresentation="javaLegacy") as client:
        theirs: Any = client[database.name]
        theirs["sessions"].insert_one(SON(host.document(user=Binary.from_uuid(A_UUID))))
        play(host.world(theirs), A_UUID, paid=paid)
