"""A host's session documents may call things differently, or be read by the host's own function (D49)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from bson import ObjectId
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from show_goal.adapters.mongo import (
    MongoSessions,
    MongoSettings,
    create_indexes,
    missing_indexes,
    with_several_sessions,
)
from show_goal.adapters.mongo.session_documents import SessionDocuments
from show_goal.core.errors import NoPrice, ShowRunning
from show_goal.core.model import Claim, Session, ShowGoalPair
from show_goal.core.validation import InvalidValue
from show_goal.ports.errors import StoreUnavailable, UnreadableDocument
from tests.builders import GOAL, NOW, SESSION, STREAMER, a_session

from .documents import Document, found
from .hosts import HOSTS, OTHER_NAMES, Host, TariffHost, merged, nested, play, read_tariff
from .test_user_ids import A_UUID, STANDARD

CANNOT = f"session {SESSION} cannot be read: "
NAMES = st.text(st.characters(codec="ascii", exclude_characters=".$\0"), min_size=1, max_size=8).filter(
    lambda name: not name.isdecimal()
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(".".join)


@st.composite
def hosts(draw: st.DrawFn) -> Host:
    paths: dict[str, Any] = dict(zip(OTHER_NAMES, draw(st.lists(PATHS, min_size=4, max_size=4)), strict=True))
    try:
        MongoSettings(**paths)
    except InvalidValue:
        assume(False)  # one path leads through another
    return Host(paths)


@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(host=hosts(), paid=st.booleans())
def test_a_session_is_found_read_and_switched_at_any_paths_D49(
    database: Database[Document], host: Host, paid: bool
) -> None:
    for name in database.list_collection_names():
        database[name].delete_many({})
    before = host.document()
    database["sessions"].insert_one(before)
    play(host.world(database), STREAMER, paid=paid)

    after = {name: value for name, value in found(database).items() if not name.startswith("trigger_private_")}
    switched = nested(host.paths["session_preset"], "sd")
    assert after == (merged(before, switched) if paid else before), "more than the preset has changed"


@given(host=hosts())
def test_a_document_is_read_alike_at_any_paths_D49(host: Host) -> None:
    paths: dict[str, Any] = {**host.paths}
    assert SessionDocuments(MongoSettings(**paths)).read(host.document()) == a_session(preset="preview")


@pytest.mark.parametrize(
    ("path", "document", "why"),
    [
        ("owner.ref", {"owner": {}}, "owner.ref is missing"),
        ("owner.ref", {"owner": None}, "owner.ref is missing"),
        ("owner.ref", {"owner": {"ref": None}}, "owner.ref is None: it must be a text"),
        ("owner.ref", {"owner": [{"ref": STREAMER}]}, "owner.ref is missing: owner is [{'ref': "),
        ("owner.ref", {"owner": 7}, "owner.ref is missing: owner is 7"),
        ("is_live", {"is_live": 1}, "is_live is 1: it must be true or false"),
        ("is_live", {"is_live": None}, "is_live is None: it must be true or false"),
        ("is_live", {}, "is_live is missing"),
        ("state.mode", {"state": []}, "state.mode is missing: state is []"),
        ("state.mode", {"state": {"mode": 7}}, "state.mode is 7: it must be a text"),
        ("rates", {"rates": [60]}, "rates is [60]: "),
    ],
)
def test_a_field_that_is_missing_or_unreadable_is_named_with_the_documents_id_B10_D49(
    database: Database[Document], path: str, document: Document, why: str
) -> None:
    host = Host(OTHER_NAMES)
    stored = host.document()
    del stored[path.partition(".")[0]]
    stored |= document
    database["sessions"].insert_one(stored)
    with pytest.raises(UnreadableDocument) as refused:
        host.sessions(database).fetch(SESSION)
    assert str(refused.value).startswith(f"{CANNOT}{why}")


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
@pytest.mark.parametrize("wrong", [7, [], [{"mode": "sd"}], "sd"], ids=repr)
def test_a_switch_writes_nothing_where_it_cannot_write_the_preset_D49(
    database: Database[Document], host: Host, wrong: object
) -> None:
    branch = host.paths["session_preset"].partition(".")[0]
    database["sessions"].insert_one({**host.document(), branch: wrong})
    before = found(database)
    with pytest.raises(UnreadableDocument, match=f"{CANNOT}{branch}[.][a-z]+ is missing: {branch} is "):
        host.sessions(database).switch_preset(STREAMER, "sd", NOW)
    assert found(database) == before


def test_the_preset_is_written_below_branches_that_are_missing_or_null_D49(database: Database[Document]) -> None:
    host = Host({**OTHER_NAMES, "session_preset": "a.b.c"})
    database["sessions"].insert_one({**host.document(), "a": {"b": None, "d": 1}})
    sessions = host.sessions(database)
    switch = sessions.switch_preset(STREAMER, "sd", NOW)
    assert switch is not None
    assert (switch.from_preset, found(database)["a"]) == (None, {"b": {"c": "sd"}, "d": 1})
    assert sessions.fetch(SESSION) == switch.session


def test_indexes_and_queries_follow_the_paths_D49(mongo_database: Database[Document]) -> None:
    named = Host(OTHER_NAMES).settings(mongo_database)
    create_indexes(mongo_database, named)

    assert missing_indexes(mongo_database, named) == []
    assert [each for each in missing_indexes(mongo_database, MongoSettings()) if each.startswith("sessions.")] == [
        "sessions.active_sessions_by_streamer",
        "sessions.claims_of_sessions_that_are_over",
    ]
    plan = mongo_database["sessions"].find({"owner.ref": STREAMER, "is_live": True}).explain()["queryPlanner"]
    assert plan["winningPlan"]["inputStage"]["indexName"] == "active_sessions_by_streamer"


def test_a_streamer_with_two_active_sessions_is_found_at_the_paths_D41_D49(database: Database[Document]) -> None:
    live = [(1, True), (2, True), (2, True), (3, True), (3, False), (STANDARD, True), (STANDARD, True), (7.5, True)]
    for user, active in (*live, (7.5, True)):
        database["sessions"].insert_one({**Host(OTHER_NAMES).document(user=user, active=active), "_id": ObjectId()})
    assert with_several_sessions(database, Host(OTHER_NAMES).settings(database), 10) == ["2", "7.5", str(A_UUID)]


def reading(database: Database[Document], read: Callable[[Document], Any]) -> MongoSessions:
    database["sessions"].insert_one(TariffHost().document())
    return MongoSessions(database, Host(OTHER_NAMES).settings(database), read)


def fail(_: Document) -> Session:
    raise KeyError("tariff")


WRONG: dict[str, tuple[Callable[[Document], Any], str]] = {
    "nothing": (lambda _: None, "the host's function returned None: it must be a show_goal.core.model.Session"),
    "the document": (dict, "the host's function returned {'_id': ObjectId('5e55"),
    "the class": (lambda _: Session, "the host's function returned <class 'show_goal.core.model.Session'>"),
    "an error": (fail, "the host's function failed: KeyError: 'tariff'"),
    "a session that is wrong": (
        lambda document: a_session(preset=len(document)),
        "the host's function failed: InvalidValue: Session.preset is 6",
    ),
    "another session": (lambda _: a_session(id=GOAL), f"_id is '{SESSION}', and the host's function says '{GOAL}'"),
    "another streamer": (
        lambda _: a_session(streamer_id="sid"),
        f"owner.ref is '{STREAMER}', and the host's function says 'sid'",
    ),
    "another time": (lambda _: a_session(active=False), "is_live is True, and the host's function says False"),
}


@pytest.mark.parametrize(("read", "why"), WRONG.values(), ids=WRONG)
def test_what_a_hosts_function_gets_wrong_is_named_with_the_documents_id_D48_D49(
    database: Database[Document], read: Callable[[Document], Any], why: str
) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        reading(database, read).fetch_active(SESSION)
    assert str(refused.value).startswith(CANNOT + why)
    assert isinstance(refused.value.__cause__, Exception) is ("failed" in why), "the cause is lost"


@pytest.mark.parametrize("error", [AutoReconnect("away"), StoreUnavailable("away")], ids=repr)
def test_a_hosts_function_that_cannot_ask_its_store_is_asked_again_D27_D49(
    database: Database[Document], error: Exception
) -> None:
    def ask(_: Document) -> Session:
        raise error

    with pytest.raises(StoreUnavailable):
        reading(database, ask).fetch_active(SESSION)


def test_a_rate_that_a_hosts_function_gets_wrong_is_no_price_D11_D49(database: Database[Document]) -> None:
    host = TariffHost()
    database["sessions"].insert_one(host.document(pricing={"sd": -60, "preview": 5}))
    world = host.world(database)
    with pytest.raises(NoPrice):
        world.invite()
    assert SessionDocuments(host.settings(database), host.read).read(found(database)).pricing == {"preview": 5}


ENDED, RUNNING = ({"funding_goal": ObjectId(GOAL), "funding_ended": ended} for ended in (NOW, None))


@pytest.mark.parametrize(
    ("pairs", "said"), [([RUNNING], None), ([RUNNING], NOW), ([ENDED], "running"), ([], "running")], ids=str
)
def test_a_show_is_running_if_the_document_or_the_hosts_function_says_so_D12_D49(
    database: Database[Document], pairs: list[Document], said: Any
) -> None:
    ended = None if said == "running" else said
    pair = None if said is None else ShowGoalPair(funding_goal=GOAL, funding_ended=ended)
    host = TariffHost(read=lambda document: evolve(read_tariff(document), show_goal_pair=pair))
    database["sessions"].insert_one({**host.document(), "show_goal_pairs": pairs})
    with pytest.raises(ShowRunning):
        host.world(database).invite()


def test_a_hosts_function_gets_the_whole_document_and_cannot_change_what_the_flow_wrote_D49(
    database: Database[Document],
) -> None:
    given: list[Document] = []

    def read(document: Document) -> Session:
        given.append({**document})
        session = read_tariff(document)
        document.clear()
        return session

    sessions = reading(database, read)
    goals = [{"goal": ObjectId(), "goal_ended": NOW}, {"goal": ObjectId(GOAL)}]
    database["sessions"].update_one({}, {"$set": {"trigger_private_goals": goals}})

    session = sessions.fetch_active(SESSION)

    assert given == [{**found(database), "trigger_private_goals": goals[-1:]}]
    assert session == a_session(preset="preview", trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL))


def test_a_live_claim_that_cannot_be_read_is_named_with_the_documents_id_B10(
    sessions: MongoSessions, database: Database[Document]
) -> None:
    database["sessions"].insert_one({**Host().document(), "trigger_private_claim": {"goal_id": 7, "exp": None}})
    with pytest.raises(UnreadableDocument, match=f"{CANNOT}trigger_private_claim is "):
        sessions.claim(SESSION, Claim(goal_id=GOAL, exp=NOW), NOW)
