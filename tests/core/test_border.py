"""Host values at the border work right or are refused by name: no guard passes for what it cannot read (D48)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_goal.core.errors import Blocked, OwnSession
from show_goal.core.model import Viewer
from show_goal.core.rules import guards
from show_goal.core.validation import InvalidValue
from tests.builders import VIEWER, a_session, a_viewer

A_UUID = UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001


class ObjectId:
    """As the driver's: it has no base class, and prints as 24 hex digits."""

    def __str__(self) -> str:
        return VIEWER


class Printed:
    """Prints like an id, and is none."""

    def __str__(self) -> str:
        return VIEWER


class Proxy:
    """As werkzeug's: it says that it is a text."""

    __class__ = str  # type: ignore[assignment]


class Named(str, Enum):  # noqa: UP042 - its str() is its name
    SID = "sid"


@pytest.mark.parametrize(
    ("given_id", "as_text"),
    [
        (VIEWER, VIEWER),
        (VIEWER.upper(), VIEWER),
        (ObjectId(), VIEWER),
        (7, "7"),
        (-7, "-7"),
        (2**80, str(2**80)),
        (A_UUID, str(A_UUID)),
        (str(A_UUID).upper(), str(A_UUID)),
        ("Ann_3@x.org", "Ann_3@x.org"),
        ("a,b;c=d-e", "a,b;c=d-e"),
        (Named.SID, "sid"),
    ],
)
def test_an_id_is_a_text_a_number_a_uuid_or_an_object_id_D48(given_id: Any, as_text: str) -> None:
    viewer = Viewer(id=given_id)

    assert (viewer.id, type(viewer.id)) == (as_text, str)
    assert isinstance(guards.own_session(viewer, a_session(streamer_id=as_text)), OwnSession)
    blocked = Viewer(id=VIEWER, tags=[f"blocked-by:{given_id if isinstance(given_id, str) else viewer.id}"])
    assert Named.SID is given_id or isinstance(guards.blocked(blocked, a_session(streamer_id=as_text)), Blocked)


PROXY = pytest.param(Proxy(), id="proxy")


@pytest.mark.parametrize("wrong", ["", " ", "a b", "auth0|1", "私", "a\n", f"{VIEWER}\0"])
def test_a_text_that_no_channel_can_have_is_refused_by_name_D48(wrong: str) -> None:
    with pytest.raises(InvalidValue, match=r"^Viewer\.id is (?s:.*): it must be a text of letters, digits and"):
        Viewer(id=wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        True,
        7.0,
        Decimal(7),
        b"7",
        ("7",),
        ["7"],
        {"7"},
        {"id": "7"},
        iter("7"),
        object(),
        Printed(),
        PROXY,
        NAIVE,
        Viewer,
        a_viewer(),
    ],
)
def test_any_other_id_is_refused_by_name_B6_D48(wrong: Any) -> None:
    with pytest.raises(InvalidValue, match=r"^Viewer\.id is (?s:.*): it must be a text of letters, digits and"):
        Viewer(id=wrong)


def generator(tags: Iterable[str]) -> Iterable[str]:
    yield from tags


class Row(tuple[str, ...]):
    """As a database's row."""


@pytest.mark.parametrize("shape", [list, tuple, set, frozenset, Row], ids=str)
@pytest.mark.parametrize(
    "tag",
    ["blocked-by:Sid", "blocked-by: Sid ", "blocked-by:Sid,vip", "blocked-by:x,Sid", "blocked-by:Sid, "],
)
def test_a_blocked_viewer_is_refused_however_the_tags_come_D48(shape: Callable[..., Any], tag: str) -> None:
    viewer = Viewer(id=VIEWER, tags=shape(["vip", tag]))

    assert isinstance(guards.blocked(viewer, a_session(streamer_id="Sid")), Blocked)
    assert guards.blocked(viewer, a_session(streamer_id="Sid2")) is None


TAG = "blocked-by:sid"


@pytest.mark.parametrize(
    "wrong",
    [
        TAG,
        TAG.encode(),
        f"vip,{TAG}",
        [f"vip,{TAG}"],
        [f" {TAG}"],
        [TAG.upper()],
        [f"{TAG},{TAG}"],
        [TAG.encode()],
        [(TAG,)],
        [[TAG]],
        {TAG: True},
        generator([TAG]),
        map(str, [TAG]),
        [None],
        [Printed()],
        [Proxy()],
        PROXY,
        None,
        7,
        object(),
    ],
)
def test_tags_that_are_not_understood_are_refused_by_name_D48(wrong: Any) -> None:
    with pytest.raises(InvalidValue, match=r"^Viewer\.tags is (?s:.*): it must be a set of texts, one for each tag"):
        Viewer(id=VIEWER, tags=wrong)


ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.binary(),
    st.uuids(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.text(),
    st.sampled_from([TAG, f"vip,{TAG}", f"{TAG},vip", TAG.upper(), f" {TAG}", "sid", "vip", Printed(), ObjectId()]),
)
ANYTHING = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.lists(inner).map(iter),
        st.dictionaries(st.text(), inner),
        st.lists(inner).map(generator),
    ),
    max_leaves=6,
)


@given(who=ANYTHING)
def test_whatever_comes_as_an_id_is_that_id_or_refused_by_name_D48(who: Any) -> None:
    try:
        viewer = Viewer(id=who)
    except InvalidValue as refused:
        assert "Viewer.id is " in str(refused)  # noqa: PT017
        return
    assert type(viewer.id) is str
    assert viewer.id.lower() == str(who).lower()
    assert type(who) in (str, int, UUID, ObjectId)


@given(tags=ANYTHING)
def test_whatever_comes_as_tags_blocks_if_it_says_so_anywhere_or_is_refused_by_name_D48(tags: Any) -> None:
    said = TAG in repr(tags).casefold()
    try:
        viewer = Viewer(id=VIEWER, tags=tags)
    except InvalidValue as refused:
        assert "Viewer.tags is " in str(refused)  # noqa: PT017
        return
    assert all(type(tag) is str for tag in viewer.tags)
    assert (guards.blocked(viewer, a_session(streamer_id="sid")) is not None) == said
