"""Each supported kind of user id, from the document to the last payment; anything else is refused by name (D48)."""

from __future__ import annotations

import logging
from datetime import UTC
from typing import Any
from uuid import UUID

import pytest
from bson import Binary, DBRef, Decimal128, Int64, ObjectId, Regex
from bson.binary import UuidRepresentation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSessions, MongoSettings
from show_goal.adapters.mongo.session_documents import SessionDocuments
from show_goal.core.errors import NoPrice
from show_goal.core.model import Session, Viewer
from show_goal.ports.errors import UnreadableDocument
from tests.builders import NOW, SESSION, STREAMER, VIEWER
from tests.world import World

from .documents import PLATFORMS, Document, found, stored
from .hosts import HOSTS, Host, at, play

A_UUID = UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
STANDARD = Binary.from_uuid(A_UUID)

KINDS: dict[str, tuple[Any, Any]] = {
    "ObjectId": (ObjectId(STREAMER), ObjectId(STREAMER)),
    "hex": (STREAMER, STREAMER),
    "hex in capitals": (STREAMER.upper(), ObjectId(STREAMER)),
    "hex and ObjectId": (STREAMER, ObjectId(STREAMER)),
    "int": (4711, 4711),
    "long": (Int64(2**40), 2**40),
    "int and text": (4711, "4711"),
    "UUID": (STANDARD, A_UUID),
    "UUID as text": (str(A_UUID).upper(), A_UUID),
    "text": ("Sid_1@x.org", "Sid_1@x.org"),
    "reference": (DBRef("users", ObjectId(STREAMER)), STREAMER),
    "reference to an int": (DBRef("users", 4711), 4711),
    "reference to a UUID": (DBRef("users", STANDARD), A_UUID),
}
"""What the session's document has as ``user``, and what the login has as the streamer's id."""


@pytest.fixture
def world(database: Database[Document]) -> World:
    return Host().world(database)


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
@pytest.mark.parametrize(("user", "login"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("paid", [True, False])
def test_a_streamers_id_works_from_the_invitation_to_the_end_B1_B2(
    database: Database[Document], host: Host, user: Any, login: Any, paid: bool
) -> None:
    database["sessions"].insert_one(host.document(user=user))
    play(host.world(database), login, paid=paid)

    after = found(database)
    assert at(after, host.paths["session_preset"]) == ("sd" if paid else "preview")
    assert at(after, host.paths["session_user"]) == user


@pytest.mark.parametrize(
    "login", [4711, A_UUID, ObjectId(VIEWER), "Ann@x.org"], ids=["int", "UUID", "ObjectId", "text"]
)
def test_a_viewers_id_works_from_the_invitation_to_the_pass_D48(
    world: World, database: Database[Document], login: Any
) -> None:
    stored(database)
    viewer = Viewer(id=login)
    world.container.wallet().credit(viewer.id, 90)  # type: ignore[attr-defined]
    goal_id = world.invite(viewer).goal_id
    world.run_due()
    world.agree(goal_id)

    assert world.container.passes().find(SESSION, viewer.id) is not None
    assert world.container.view_goal()(goal_id, viewer).hold is not None


UNREADABLE: list[Any] = [
    None,
    "",
    "auth0|1",
    b"\x06\x07",
    True,
    7.0,
    Decimal128("7"),
    Binary.from_uuid(A_UUID, UuidRepresentation.JAVA_LEGACY),
    {"_cls": "User", "_ref": DBRef("users", ObjectId(STREAMER))},
    {"_id": ObjectId(STREAMER), "name": "Sid"},
    [ObjectId(STREAMER)],
    DBRef("users", None),
    NOW,
    Regex("x"),
]


@pytest.mark.parametrize("user", UNREADABLE, ids=lambda user: type(user).__name__)
def test_a_session_of_nobody_that_is_known_lets_nobody_invite_B1(
    world: World, database: Database[Document], user: Any
) -> None:
    stored(database, user=user)
    before = found(database)
    with pytest.raises(UnreadableDocument) as caught:
        world.invite(Viewer(id=VIEWER, tags=["blocked-by:anybody"]))

    assert str(caught.value).startswith(f"session {SESSION} cannot be read: user is ")
    assert found(database) == before
    assert world.messages() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pricing", [60]),
        ("pricing", 60),
        ("show_goal_pairs", {}),
        ("show_goal_pairs", 0),
        ("show_goal_pairs", [None]),
        ("show_goal_pairs", [{}]),
        ("show_goal_pairs", [{"funding_goal": None}]),
        ("show_goal_pairs", [{"funding_goal": ObjectId(), "funding_ended": "yesterday"}]),
        ("trigger_private_goals", False),
        ("trigger_private_goals", ["x"]),
        ("trigger_private_goals", [{"goal": 7}]),
        ("trigger_private_goals", [{"goal": ObjectId(), "goal_ended": 1_767_225_900}]),
        ("trigger_private_claim", "x"),
        ("trigger_private_claim", {}),
        ("trigger_private_claim", {"goal_id": ObjectId(), "exp": "soon"}),
    ],
)
def test_a_guard_that_cannot_read_its_facts_lets_nobody_pass_D48(
    world: World, database: Database[Document], field: str, value: Any
) -> None:
    stored(database, **{field: value})
    with pytest.raises(UnreadableDocument, match=f"session {SESSION} cannot be read: {field} "):
        world.invite()
    assert world.messages() == []


def test_a_session_that_cannot_be_read_is_not_switched_D48(world: World, database: Database[Document]) -> None:
    stored(database, pricing=[60])
    before = found(database)
    with pytest.raises(UnreadableDocument, match=f"session {SESSION} cannot be read: pricing "):
        world.switch_preset("sd")
    assert found(database) == before


@pytest.mark.parametrize("rate", [59.9, Decimal128("59.9"), Decimal128("NaN"), float("inf"), "60", -1, True, [60]])
def test_a_rate_that_is_none_is_no_price_and_an_operator_learns_why_B7(
    world: World, database: Database[Document], caplog: pytest.LogCaptureFixture, rate: Any
) -> None:
    stored(database, pricing={"sd": rate})
    with caplog.at_level(logging.WARNING, "show_goal.mongo"), pytest.raises(NoPrice):
        world.invite()

    (record,) = caplog.records
    assert f"session {SESSION} has no price for sd: {rate!r} is no whole number" in record.getMessage()


@pytest.mark.parametrize("rate", [60, Int64(60), 60.0, Decimal128("60"), Decimal128("60.00")])
def test_a_whole_rate_is_a_price_in_any_of_mongodbs_numbers_B7(
    world: World, database: Database[Document], caplog: pytest.LogCaptureFixture, rate: Any
) -> None:
    stored(database, pricing={"sd": rate, "preview": None})

    session = world.container.sessions().fetch_active(SESSION)
    assert session is not None
    assert (session.pricing, caplog.records) == ({"sd": 60}, [])


def test_a_session_that_cannot_be_read_hides_no_other_from_a_sweep_D43(
    database: Database[Document], settings: MongoSettings, caplog: pytest.LogCaptureFixture
) -> None:
    claim = {"goal_id": ObjectId(), "exp": None, "bound": False}
    for number in range(3):
        _id = ObjectId(f"5e55{number:020x}")
        user = None if number == 1 else ObjectId(STREAMER)
        database["sessions"].insert_one({**PLATFORMS, "_id": _id, "user": user, "trigger_private_claim": claim})

    sessions, place, seen = MongoSessions(database, settings), None, list[Session]()
    for _ in range(4):
        page = sessions.unbound(NOW, 1, place)
        seen, place = [*seen, *page.items], page.next
        if place is None:
            break
    assert [session.id[-1] for session in seen] == ["0", "2"]
    assert "Left out: session 5e5500000000000000000001 cannot be read: user is None" in caplog.text


BSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        st.binary(max_size=20),
        st.text(max_size=30),
        st.datetimes(timezones=st.just(UTC)),
        st.uuids().map(Binary.from_uuid),
        st.builds(ObjectId),
        st.sampled_from([STREAMER, STREAMER.upper(), "sid", "4711", Decimal128("60"), DBRef("users", 7)]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
FIELDS = ["user", "active", "status", "pricing", "show_goal_pairs", "trigger_private_goals", "trigger_private_claim"]
PATIENTLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PATIENTLY
@given(field=st.sampled_from(FIELDS), value=BSON)
def test_whatever_a_document_has_is_read_right_or_refused_by_name_D48(field: str, value: Any) -> None:
    try:
        session = SessionDocuments(MongoSettings()).read({**PLATFORMS, field: value})
    except UnreadableDocument as refused:
        named = {"status": "status.preset"}.get(field, field)
        assert f"session {SESSION} cannot be read: {named} " in str(refused)  # noqa: PT017
        return
    if field == "user":
        assert Viewer(id=session.streamer_id).id == session.streamer_id
    read: dict[str, object] = {
        "pricing": session.pricing,
        "show_goal_pairs": session.show_goal_pair,
        "trigger_private_goals": session.trigger_private_goal,
        "trigger_private_claim": session.claim,
    }
    if field in read and not read[field]:
        unpriced = field == "pricing" and isinstance(value, dict)
        assert value in (None, [], {}) or unpriced, "something is there, and looks as if it were not"
