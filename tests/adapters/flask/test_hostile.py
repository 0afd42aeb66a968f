"""Somebody means harm: no server error, a problem for each refusal, and nothing changed, in memory and on MongoDB."""

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
from show_goal.core.model import Viewer
from show_goal.testing.conformance.examples import ODD_USERS
from tests.adapters.mongo.documents import Document, session_document
from tests.builders import GOAL, STREAMER, VIEWER, a_body, a_goal, a_session, a_viewer
from tests.world import World

from .hostile import attacks
from .site import KEY, PATH, Site, refusal
from .test_wallet_callback import a_report


@pytest.fixture(scope="module")
def hostile_database(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Database[Document]]:
    """With a session, a goal that waits for its answer, and a viewer who has money. No test changes it."""
    database = mongo_client[f"show_goal_{uuid4().hex}"]
    settings = MongoSettings(database=database.name, timeout_ms=30_000)
    create_indexes(database, settings)
    database["sessions"].insert_one(session_document(a_session()))
    database["users"].insert_one({"_id": ObjectId(VIEWER), "tags": []})
    MongoGoals(database, settings).insert(a_goal())
    MongoWallet(database, settings).credit(VIEWER, 1_000)
    yield database
    mongo_client.drop_database(database.name)


def on_mongodb(database: Database[Document]) -> Site:
    settings = MongoSettings(database=database.name, timeout_ms=30_000)
    stores = {
        "sessions": MongoSessions(database, settings),
        "goals": MongoGoals(database, settings),
        "wallet": MongoWallet(database, settings),
    }
    return Site(World.make(wallet_keys=[KEY], **stores))


def dump(database: Database[Document]) -> str:
    """Every document of every collection."""
    names = sorted(database.list_collection_names())
    return json_util.dumps({name: list(database[name].find().sort("_id")) for name in names})


def test_without_an_attack_each_of_them_is_accepted() -> None:
    site = Site(World.make(wallet_keys=[KEY]))
    site.world.goals.insert(a_goal())
    answers = [site.post(), site.preview(), site.report(a_report()), site.listen(f"private-stream@{STREAMER}")]
    answers += [site.as_user(STREAMER).answer(GOAL), site.switch("sd")]
    assert [answer.status_code for answer in answers] == [202, 200, 200, 200, 202, 200]


def attack_with_everything(site: Site) -> None:
    before = site.stores()
    for attack in attacks():
        response = attack.send(site)
        assert 400 <= response.status_code < 500, f"{attack}: {response.text}"
        assert response.content_type == "application/problem+json", attack
        site.viewer = a_viewer()
    assert site.stores() == before


def test_every_attack_is_refused_and_changes_nothing() -> None:
    site = Site(World.make(wallet_keys=[KEY]))
    site.world.goals.insert(a_goal())
    attack_with_everything(site)


def test_no_attack_reaches_the_documents(hostile_database: Database[Document]) -> None:
    before = dump(hostile_database)
    attack_with_everything(on_mongodb(hostile_database))
    assert dump(hostile_database) == before


ODD = [*filter(None, ODD_USERS), '{"$gt": ""}', "$where", "*", f"../{VIEWER}", f"{VIEWER} ", f"{VIEWER}\0", "私"]


@pytest.mark.parametrize("user_id", ODD)
def test_an_odd_user_is_nobody_else(hostile_database: Database[Document], user_id: str) -> None:
    """Without money, without a stream and without a part in any goal, whatever their id would mean to a store."""
    before = dump(hostile_database)
    site = on_mongodb(hostile_database)
    site.viewer = Viewer(id=user_id)
    answers = [site.post(), site.answer(GOAL), site.goal(GOAL), site.switch("sd")]
    assert [answer.status_code for answer in answers] == [403, 404, 404, 404]
    assert site.listen(f"private-user@{VIEWER}").status_code == 403
    assert site.world.task_queue.queued() == []
    assert dump(hostile_database) == before


SMUGGLED = [
    {"X-User-Id": VIEWER},
    {"X-Viewer": VIEWER},
    {"X-Forwarded-User": VIEWER},
    {"X-Remote-User": VIEWER},
    {"Remote-User": VIEWER},
    {"Authorization": "Basic NzFlMDAwMDAwMDAwMDAwMDAwMDAwMDAxOg=="},
    {"Cookie": f"user={VIEWER}; session={VIEWER}"},
    {"X-Wallet-Signature": f"sha256={'0' * 64}"},
]


@pytest.mark.parametrize("headers", SMUGGLED, ids=lambda headers: next(iter(headers)))
def test_no_header_says_who_somebody_is_D8(headers: dict[str, str]) -> None:
    site = Site()
    site.viewer = None
    for response in (site.post(headers=headers), site.client.get(f"/goals/{GOAL}", headers=headers)):
        assert refusal(response) == (401, "not_logged_in")
    nobody = create_app(site.world.container).test_client()  # whom flask.g.user says: nobody
    assert nobody.post(PATH, json=a_body(), headers=headers).status_code == 401
    site.viewer = a_viewer(id=STREAMER)
    assert site.post(headers=headers).get_json()["code"] == "own_session", "who is logged in stays who they are"


@pytest.mark.parametrize("key", ["viewer_id", "user_id", "user", "from_user_id", "_method"])
def test_no_query_says_who_somebody_is_D8(key: str) -> None:
    site = Site()
    site.viewer = None
    assert site.post(path=f"{PATH}?{key}={VIEWER}").status_code == 401
    site.viewer = a_viewer(id="71e0000000000000000000ff")
    assert site.post(path=f"{PATH}?{key}={VIEWER}").get_json()["code"] == "insufficient_balance"


def test_no_header_turns_one_method_into_another() -> None:
    site = Site()
    before = site.stores()
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert site.client.get(f"{PATH}?duration=90", headers={name: "POST"}).status_code == 200
    for name in ("X-Original-URL", "X-Rewrite-URL"):
        assert site.client.get("/healthz", headers={name: PATH}).get_json() == {"status": "alive"}
    assert site.stores() == before


def test_what_is_refused_is_not_repeated_to_the_caller() -> None:
    """Nothing that was sent stands in an answer but the names of unknown fields, as JSON."""
    response = Site().post({**a_body(), "<script>alert(1)</script>": "</script>"})
    assert response.content_type == "application/problem+json"
    assert list(response.get_json()["errors"]) == ["<script>alert(1)</script>"]
    assert response.text.count("</script>") == 1
