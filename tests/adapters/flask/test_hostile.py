"""An attacker gets a problem, never a server error, and changes nothing, in memory and on MongoDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from bson import ObjectId, json_util
from pymongo import MongoClient
from pymongo.database import Database

from show_goal.adapters.flask import create_app
from show_goal.adapters.mongo import MongoGoals, MongoSessions, MongoSettings, MongoWallet, create_indexes
from show_goal.core.border import is_user_id
from show_goal.core.model import Viewer
from show_goal.core.validation import InvalidValue
from show_goal.testing.conformance.examples import ODD_USERS
from tests.adapters.mongo.documents import Document, session_document
from tests.builders import GOAL, STREAMER, VIEWER, a_body, a_goal, a_session, a_viewer

from .hostile import attacks
from .site import PATH, POOR, Site, refusal


@pytest.fixture(scope="module")
def hostile_database(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Database[Document]]:
    """It has a session, a goal that waits for its answer, and a viewer with money. No test changes it."""
    database = mongo_client[f"show_goal_{uuid4().hex}"]
    settings = MongoSettings(database=database.name, timeout_ms=30_000)
    create_indexes(database, settings)
    database["sessions"].insert_one(session_document(a_session()))
    database["users"].insert_one({"_id": ObjectId(VIEWER), "tags": []})
    MongoGoals(database, settings).insert(a_goal())
    MongoWallet(database, settings).credit(VIEWER, 1_000)
    yield database
    mongo_client.drop_database(database.name)


def in_memory() -> Site:
    site = Site()
    site.world.goals.insert(a_goal())
    return site


def on_mongodb(database: Database[Document]) -> Site:
    settings = MongoSettings(database=database.name, timeout_ms=30_000)
    return Site.of(
        sessions=MongoSessions(database, settings),
        goals=MongoGoals(database, settings),
        wallet=MongoWallet(database, settings),
    )


def dump(database: Database[Document]) -> str:
    """Every document of every collection."""
    names = sorted(database.list_collection_names())
    return json_util.dumps({name: list(database[name].find().sort("_id")) for name in names})


def test_the_same_requests_without_an_attack_are_accepted() -> None:
    site = in_memory()
    responses = [site.post(), site.preview(), site.report(), site.listen(f"private-stream@{STREAMER}")]
    responses += [site.as_user(STREAMER).answer(GOAL), site.switch("sd")]
    assert [response.status_code for response in responses] == [202, 200, 200, 200, 202, 200]


def attack_with_everything(site: Site) -> None:
    before = site.stores()
    for attack in attacks():
        response = attack.send(site)
        assert 400 <= response.status_code < 500, f"{attack}: {response.text}"
        assert response.content_type == "application/problem+json", attack
        site.viewer = a_viewer()
    assert site.stores() == before


def test_every_attack_is_refused_and_changes_nothing() -> None:
    attack_with_everything(in_memory())


def test_no_attack_reaches_the_documents(hostile_database: Database[Document]) -> None:
    before = dump(hostile_database)
    attack_with_everything(on_mongodb(hostile_database))
    assert dump(hostile_database) == before


ODD = [*filter(None, ODD_USERS), '{"$gt": ""}', "$where", "*", f"../{VIEWER}", f"{VIEWER} ", f"{VIEWER}\0", "私"]


@pytest.mark.parametrize("user_id", [odd for odd in ODD if not is_user_id(odd)])
def test_an_id_that_no_channel_can_have_is_refused_by_name_D48(user_id: str) -> None:
    with pytest.raises(InvalidValue, match=r"^Viewer\.id is "):
        Viewer(id=user_id)


KINDS = ["17", f"{VIEWER}0", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]


@pytest.mark.parametrize("user_id", [*filter(is_user_id, ODD), *KINDS])
def test_an_odd_user_id_is_no_other_user(hostile_database: Database[Document], user_id: str) -> None:
    """Such a user has no money, no stream and no part in any goal."""
    before = dump(hostile_database)
    site = on_mongodb(hostile_database)
    site.viewer = Viewer(id=user_id)
    responses = [site.post(), site.answer(GOAL), site.goal(GOAL), site.switch("sd")]
    assert [response.status_code for response in responses] == [403, 404, 404, 404]
    assert site.listen(f"private-user@{VIEWER}").status_code == 403
    assert site.world.task_queue.queued() == []
    assert dump(hostile_database) == before


SMUGGLED: list[dict[str, Any]] = [
    *({"headers": {name: VIEWER}} for name in ("X-User-Id", "X-Viewer", "X-Forwarded-User", "Remote-User")),
    {"headers": {"Authorization": "Basic NzFlMDAwMDAwMDAwMDAwMDAwMDAwMDAxOg=="}},
    {"headers": {"Cookie": f"user={VIEWER}; session={VIEWER}"}},
    {"headers": {"X-Wallet-Signature": f"sha256={'0' * 64}"}},
    *({"query_string": {name: VIEWER}} for name in ("viewer_id", "user_id", "user", "from_user_id", "_method")),
]


@pytest.mark.parametrize("options", SMUGGLED, ids=str)
def test_no_header_and_no_query_says_who_is_logged_in_D8(options: dict[str, Any]) -> None:
    site = Site().logged_out()
    for response in (site.post(**options), site.goal(GOAL, **options)):
        assert refusal(response) == (401, "not_logged_in")
    by_default = create_app(site.world.container).test_client()  # asks flask.g.user
    assert by_default.post(PATH, json=a_body(), **options).status_code == 401
    assert refusal(site.as_user(STREAMER).post(**options)) == (403, "own_session")
    assert refusal(site.as_user(POOR).post(**options)) == (403, "insufficient_balance")


def test_no_header_changes_the_method_or_the_path() -> None:
    site = Site()
    before = site.stores()
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert site.client.get(f"{PATH}?duration=90", headers={name: "POST"}).status_code == 200
    for name in ("X-Original-URL", "X-Rewrite-URL"):
        assert site.client.get("/healthz", headers={name: PATH}).get_json() == {"status": "alive"}
    assert site.stores() == before


def test_a_refusal_repeats_only_the_names_of_unknown_fields_as_json() -> None:
    response = Site().post({**a_body(), "<script>alert(1)</script>": "</script>"})
    assert response.content_type == "application/problem+json"
    assert list(response.get_json()["errors"]) == ["<script>alert(1)</script>"]
    assert response.text.count("</script>") == 1
