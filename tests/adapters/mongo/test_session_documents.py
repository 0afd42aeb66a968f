"""The exact documents of ``sessions``: other tools read and write them too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from attrs import evolve
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSessions
from show_goal.core.model import Claim, Session, ShowGoalPair
from show_goal.ports.errors import UnreadableDocument
from show_goal.ports.page import every
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, a_session

from .documents import PLATFORMS, REFERENCES, Document, found, stored

CLAIM = Claim(goal_id=GOAL, exp=EXP)
CLAIMED: dict[str, Any] = {"goal_id": ObjectId(GOAL), "exp": EXP, "bound": False}
BOUND: dict[str, Any] = {**CLAIMED, "bound": True}
FIRST: dict[str, Any] = {"triggered_by": "the first", "prepaid_duration": 90, "amount": 90}
PAST = {"goal": ObjectId(GOAL_2), "goal_ended": NOW, "note": "kept"}


def claim(sessions: MongoSessions, claim: Claim = CLAIM) -> None:
    sessions.claim(SESSION, claim, NOW)


def bind(sessions: MongoSessions) -> None:
    assert sessions.bind_trigger_private_goal(SESSION, CLAIM, NOW) is not None


def claim_and_bind(sessions: MongoSessions) -> None:
    claim(sessions)
    bind(sessions)


def claim_and_renew(sessions: MongoSessions) -> None:
    claim(sessions, evolve(CLAIM, since=NOW))
    assert sessions.renew_claim(SESSION, GOAL)


def end(sessions: MongoSessions) -> None:
    sessions.end_trigger_private_goal(SESSION, GOAL, ended=NOW, agreed=None)


@pytest.mark.parametrize(
    ("before", "call", "after"),
    [
        pytest.param({}, claim, {"trigger_private_claim": CLAIMED}, id="claim"),
        pytest.param(
            {},
            lambda sessions: claim(sessions, evolve(CLAIM, **FIRST)),
            {"trigger_private_claim": {**CLAIMED, **FIRST}},
            id="claim with its first viewer",
        ),
        pytest.param(
            {"trigger_private_claim": {"goal_id": ObjectId(GOAL_2), "exp": NOW, "note": "old"}},
            claim,
            {"trigger_private_claim": CLAIMED},
            id="claim in place of an old one",
        ),
        pytest.param(
            {},
            claim_and_renew,
            {"trigger_private_claim": {**CLAIMED, "since": NOW, "renewed": True}},
            id="renewed claim",
        ),
        pytest.param({}, bind, {"trigger_private_goals": [{"goal": ObjectId(GOAL)}]}, id="goal without a claim"),
        pytest.param(
            {"trigger_private_goals": [PAST]},
            claim_and_bind,
            {
                "trigger_private_goals": [PAST, {"goal": ObjectId(GOAL)}],
                "trigger_private_claim": BOUND,
            },
            id="goal with its claim",
        ),
        pytest.param({}, end, {}, id="end of a goal that is not there"),
    ],
)
def test_a_session_as_it_is_written(
    sessions: MongoSessions,
    database: Database[Document],
    before: Document,
    call: Callable[[MongoSessions], None],
    after: Document,
) -> None:
    stored(database, **before)
    call(sessions)
    assert found(database) == {**PLATFORMS, **after}


@pytest.mark.parametrize("status", [None, {}, {"preset": "preview", "note": "not ours to touch"}])
def test_a_preset_as_it_is_written(
    sessions: MongoSessions, database: Database[Document], status: Document | None
) -> None:
    stored(database, status=status)
    switch = sessions.switch_preset(STREAMER, "sd", NOW)
    assert switch is not None
    assert (switch.from_preset, switch.session.preset) == ((status or {}).get("preset"), "sd")
    on_sd = {"since": NOW, "until": None}
    assert found(database) == {**PLATFORMS, "status": {**(status or {}), "preset": "sd"}, "trigger_private_sd": on_sd}
    sessions.switch_preset(STREAMER, "preview", EXP)
    assert found(database)["trigger_private_sd"] == {**on_sd, "until": EXP}


def test_a_switch_between_other_presets_writes_no_times(sessions: MongoSessions, database: Database[Document]) -> None:
    stored(database, status={"preset": "hd"})
    sessions.switch_preset(STREAMER, "preview", NOW)
    assert found(database) == {**PLATFORMS, "status": {"preset": "preview"}}


@pytest.mark.parametrize("agreed", [None, NOW])
def test_an_ended_goal_as_it_is_written(sessions: MongoSessions, database: Database[Document], agreed: Any) -> None:
    first, last = ({"goal": ObjectId(), "note": number} for number in range(2))
    goal = {"goal": ObjectId(GOAL), "note": "kept"}
    claim = {"goal_id": ObjectId(GOAL), "exp": EXP, "note": "kept"}
    stored(database, trigger_private_goals=[first, goal, last], trigger_private_claim=claim)
    sessions.end_trigger_private_goal(SESSION, GOAL, ended=NOW, agreed=agreed)
    assert found(database) == {
        **PLATFORMS,
        "trigger_private_goals": [first, {**goal, "goal_ended": NOW, "goal_agreed": agreed}, last],
        "trigger_private_claim": {**claim, "exp": NOW},
    }


@pytest.mark.parametrize("nulls", [True, False])
def test_null_is_read_like_a_missing_field(sessions: MongoSessions, database: Database[Document], nulls: bool) -> None:
    names = ("trigger_private_goals", "show_goal_pairs", "status", "pricing", "trigger_private_claim")
    required = {"_id": ObjectId(SESSION), "user": ObjectId(STREAMER), "active": True}
    database["sessions"].insert_one({**required, **dict.fromkeys(names if nulls else ())})
    assert sessions.fetch_active(SESSION) == a_session(pricing={})


@pytest.mark.parametrize("form", REFERENCES.values(), ids=REFERENCES)
def test_references_of_other_tools_are_recognised_D3(
    sessions: MongoSessions, database: Database[Document], form: Any
) -> None:
    claim = {"goal_id": form(GOAL), "exp": EXP}
    stored(
        database,
        user=form(STREAMER, "users"),
        show_goal_pairs=[{"funding_goal": form(GOAL), "funding_ended": NOW, "show_goal": form(GOAL_2)}],
        trigger_private_goals=[{"goal": form(GOAL)}],
        trigger_private_claim=claim,
    )
    read = a_session(
        preset="preview",
        show_goal_pair=ShowGoalPair(funding_goal=GOAL, funding_ended=NOW, show_goal=GOAL_2),
        trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL),
        claim=CLAIM,
    )
    assert sessions.fetch_active(SESSION) == read
    assert sessions.switch_preset(STREAMER, "preview", NOW) is not None

    other = Claim(goal_id=GOAL_2, exp=EXP)
    assert sessions.claim(SESSION, other, NOW) == CLAIM, "a live claim is kept"
    bind(sessions)
    assert len(found(database)["trigger_private_goals"]) == 1, "the goal is bound already"
    assert sessions.bind_trigger_private_goal(SESSION, other, NOW) is None

    end(sessions)
    ended = Session.TriggerPrivateGoal(goal=GOAL, goal_ended=NOW)
    assert sessions.fetch_active(SESSION) == evolve(read, trigger_private_goal=ended, claim=evolve(CLAIM, exp=NOW))

    database["sessions"].update_one({}, {"$set": {"trigger_private_goals": [], "trigger_private_claim": claim}})
    bind(sessions)
    assert found(database)["trigger_private_claim"]["bound"] is True


@pytest.mark.parametrize(
    ("rate", "price"),
    [(60, 60), (60.0, 60), (0, 0), (60.5, None), (-1, None), ("60", None), (True, None), (None, None), (2**60, 2**60)],
)
def test_a_rate_is_a_whole_number_or_none_D11(
    sessions: MongoSessions, database: Database[Document], rate: Any, price: int | None
) -> None:
    stored(database, pricing={"sd": rate})
    session = sessions.fetch_active(SESSION)
    assert session is not None
    assert session.get_price("sd") == price
    assert not isinstance(session.get_price("sd"), float)


@pytest.mark.parametrize(
    ("goals", "bound"),
    [
        ([{"goal": ObjectId(GOAL)}], True),
        ([{"goal": ObjectId(GOAL)}, {"goal": ObjectId()}], False),
        ([{"goal": ObjectId(GOAL), "goal_ended": NOW}], False),
    ],
    ids=["last", "not the last", "ended"],
)
def test_a_repeated_bind_marks_the_claim_of_an_older_worker_as_bound_if_its_goal_is_the_last_and_ongoing_D2_D26(
    sessions: MongoSessions, database: Database[Document], goals: list[Document], bound: bool
) -> None:
    stored(database, trigger_private_goals=goals)
    claim_and_bind(sessions)
    assert found(database)["trigger_private_claim"]["bound"] is bound
    assert (sessions.unbound(NOW, 10).items == []) is bound


def test_a_session_without_a_list_has_no_last_goal_while_its_claim_is_unbound_D26(
    sessions: MongoSessions, database: Database[Document]
) -> None:
    live = {"goal_id": ObjectId(GOAL), "exp": datetime.now(UTC) + timedelta(hours=1)}
    stored(database, trigger_private_claim=live)
    session = sessions.fetch_active(SESSION)
    assert session is not None
    assert session.trigger_private_goal is None


LIVE: dict[str, Any] = {"goal_id": ObjectId(GOAL), "exp": EXP, "bound": False}
ODD = "5e5500000000000000000001"


@pytest.mark.parametrize("odd", [[LIVE], {**LIVE, "exp": "soon"}], ids=["a list", "a text as exp"])
def test_a_claim_without_a_place_hides_none_behind_it_and_is_named_if_it_fills_the_page_D43_D48(
    sessions: MongoSessions, database: Database[Document], caplog: pytest.LogCaptureFixture, odd: object
) -> None:
    for number, claim in enumerate([LIVE, odd, LIVE]):
        _id = ObjectId(f"5e55{number:020x}")
        database["sessions"].insert_one({**PLATFORMS, "_id": _id, "trigger_private_claim": claim})

    listed = every(partial(sessions.unbound, NOW, 2))
    assert [session.id[-1] for session in listed] == ["0", "2"]
    assert f"Left out: session {ODD} cannot be read: trigger_private_claim" in caplog.text
    with pytest.raises(UnreadableDocument, match=f"session {ODD} cannot be read: trigger_private_claim is "):
        _ = [*every(partial(sessions.unbound, NOW, 1))]
