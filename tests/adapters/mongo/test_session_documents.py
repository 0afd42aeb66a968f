"""The exact documents of ``sessions``: other tools read and write them too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from bson import DBRef, ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSessions, MongoSettings
from show_goal.core.model import Claim, Session, ShowGoalPair, ViewerPass
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_session

from .documents import Document

CLAIM = Claim(goal_id=GOAL, exp=EXP)
PLATFORMS = {
    "_id": ObjectId(SESSION),
    "user": ObjectId(STREAMER),
    "active": True,
    "status": {"preset": "preview"},
    "pricing": {"sd": 60},
    "title": "not ours to touch",
}


@pytest.fixture
def sessions(mongo_database: Database[Document], settings: MongoSettings) -> MongoSessions:
    return MongoSessions(mongo_database, settings)


def stored(database: Database[Document], **changes: Any) -> None:
    database["sessions"].insert_one({**PLATFORMS, **changes})


def found(database: Database[Document]) -> Document:
    document = database["sessions"].find_one()
    assert document is not None
    return document


def test_a_claim_as_it_is_written(sessions: MongoSessions, mongo_database: Database[Document]) -> None:
    stored(mongo_database)
    sessions.claim(SESSION, CLAIM, NOW)
    written = {"goal_id": ObjectId(GOAL), "exp": EXP, "bound": False}
    assert found(mongo_database) == {**PLATFORMS, "trigger_private_claim": written}


def test_a_claim_keeps_who_was_first_beside_it(sessions: MongoSessions, mongo_database: Database[Document]) -> None:
    stored(mongo_database)
    sessions.claim(SESSION, evolve(CLAIM, triggered_by="the first", prepaid_duration=90), NOW)
    first = {"triggered_by": "the first", "prepaid_duration": 90}
    assert found(mongo_database)["trigger_private_claim"] == {
        "goal_id": ObjectId(GOAL),
        "exp": EXP,
        "bound": False,
        **first,
    }


def test_a_new_claim_keeps_nothing_of_the_old_one(sessions: MongoSessions, mongo_database: Database[Document]) -> None:
    stored(mongo_database, trigger_private_claim={"goal_id": ObjectId(GOAL_2), "exp": NOW, "note": "old"})
    sessions.claim(SESSION, CLAIM, NOW)
    assert found(mongo_database)["trigger_private_claim"] == {"goal_id": ObjectId(GOAL), "exp": EXP, "bound": False}


def test_a_bound_goal_as_it_is_written(sessions: MongoSessions, mongo_database: Database[Document]) -> None:
    stored(mongo_database)
    sessions.bind_trigger_private_goal(SESSION, CLAIM, NOW)
    assert found(mongo_database) == {**PLATFORMS, "trigger_private_goals": [{"goal": ObjectId(GOAL)}]}


def test_a_bound_claim_as_it_is_written(sessions: MongoSessions, mongo_database: Database[Document]) -> None:
    past = {"goal": ObjectId(GOAL_2), "goal_ended": NOW, "note": "kept"}
    stored(mongo_database, trigger_private_goals=[past])
    sessions.claim(SESSION, CLAIM, NOW)
    sessions.bind_trigger_private_goal(SESSION, CLAIM, NOW)
    assert found(mongo_database) == {
        **PLATFORMS,
        "trigger_private_goals": [past, {"goal": ObjectId(GOAL)}],
        "trigger_private_claim": {"goal_id": ObjectId(GOAL), "exp": EXP, "bound": True},
    }


def test_viewers_as_they_are_written(sessions: MongoSessions, mongo_database: Database[Document]) -> None:
    theirs = {"nbf": NOW, "note": "not ours to touch"}
    stored(mongo_database, viewers={VIEWER_2: theirs})
    sessions.admit_viewers(SESSION, {VIEWER: ViewerPass(nbf=NOW, duration=90), "a.$b": ViewerPass(nbf=NOW, duration=1)})
    assert found(mongo_database) == {
        **PLATFORMS,
        "viewers": {
            VIEWER_2: theirs,
            VIEWER: {"nbf": NOW, "duration": 90, "exp": NOW + timedelta(seconds=90)},
            "a%2E%24b": {"nbf": NOW, "duration": 1, "exp": NOW + timedelta(seconds=1)},
        },
    }


@pytest.mark.parametrize("status", [None, {}, {"preset": "preview", "note": "not ours to touch"}])
def test_a_preset_as_it_is_written(
    sessions: MongoSessions, mongo_database: Database[Document], status: Document | None
) -> None:
    stored(mongo_database, status=status)
    switch = sessions.switch_preset(STREAMER, "sd")
    assert switch is not None
    assert (switch.from_preset, switch.session.preset) == ((status or {}).get("preset"), "sd")
    assert found(mongo_database) == {**PLATFORMS, "status": {**(status or {}), "preset": "sd"}}


@pytest.mark.parametrize("agreed", [None, NOW])
def test_an_ended_goal_as_it_is_written(
    sessions: MongoSessions, mongo_database: Database[Document], agreed: Any
) -> None:
    others = [{"goal": ObjectId(), "note": number} for number in range(2)]
    claim = {"goal_id": ObjectId(GOAL), "exp": EXP, "note": "kept"}
    stored(
        mongo_database,
        trigger_private_goals=[others[0], {"goal": ObjectId(GOAL), "note": "kept"}, others[1]],
        trigger_private_claim=claim,
    )
    sessions.end_trigger_private_goal(SESSION, GOAL, ended=NOW, agreed=agreed)
    ended = {"goal": ObjectId(GOAL), "note": "kept", "goal_ended": NOW, "goal_agreed": agreed}
    assert found(mongo_database) == {
        **PLATFORMS,
        "trigger_private_goals": [others[0], ended, others[1]],
        "trigger_private_claim": {**claim, "exp": NOW},
    }


def test_ending_adds_nothing_to_a_session_without_goals(
    sessions: MongoSessions, mongo_database: Database[Document]
) -> None:
    stored(mongo_database)
    sessions.end_trigger_private_goal(SESSION, GOAL, ended=NOW, agreed=None)
    assert found(mongo_database) == PLATFORMS


def test_a_session_of_which_only_the_least_is_written_is_read(
    sessions: MongoSessions, mongo_database: Database[Document]
) -> None:
    mongo_database["sessions"].insert_one({"_id": ObjectId(SESSION), "user": ObjectId(STREAMER), "active": True})
    assert sessions.fetch_active(SESSION) == a_session(pricing={})


def test_nulls_are_read_as_nothing(sessions: MongoSessions, mongo_database: Database[Document]) -> None:
    lists = {"trigger_private_goals": None, "show_goal_pairs": None}
    stored(mongo_database, status=None, pricing=None, trigger_private_claim=None, **lists)
    assert sessions.fetch_active(SESSION) == a_session(pricing={})


FORMS = [
    lambda text, collection="goals": ObjectId(text),
    lambda text, collection="goals": text,
    lambda text, collection="goals": DBRef(collection, ObjectId(text)),
]


@pytest.mark.parametrize("form", FORMS, ids=["ObjectId", "str", "DBRef"])
class TestReferencesInEveryForm:
    @pytest.fixture
    def sessions(self, mongo_database: Database[Document], settings: MongoSettings, form: Any) -> MongoSessions:
        stored(
            mongo_database,
            user=form(STREAMER, "users"),
            show_goal_pairs=[{"funding_goal": form(GOAL), "funding_ended": NOW, "show_goal": form(GOAL_2)}],
            trigger_private_goals=[{"goal": form(GOAL)}],
            trigger_private_claim={"goal_id": form(GOAL), "exp": EXP},
        )
        return MongoSessions(mongo_database, settings)

    def test_they_are_read_as_strings_d3(self, sessions: MongoSessions) -> None:
        assert sessions.fetch_active(SESSION) == a_session(
            preset="preview",
            show_goal_pair=ShowGoalPair(funding_goal=GOAL, funding_ended=NOW, show_goal=GOAL_2),
            trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL),
            claim=CLAIM,
        )

    def test_they_are_recognised_when_binding(
        self, sessions: MongoSessions, mongo_database: Database[Document]
    ) -> None:
        assert sessions.bind_trigger_private_goal(SESSION, CLAIM, NOW) is not None
        assert len(found(mongo_database)["trigger_private_goals"]) == 1
        assert sessions.bind_trigger_private_goal(SESSION, Claim(goal_id=GOAL_2, exp=EXP), NOW) is None

    def test_they_are_recognised_when_ending(self, sessions: MongoSessions) -> None:
        sessions.end_trigger_private_goal(SESSION, GOAL, ended=NOW, agreed=None)
        session = sessions.fetch_active(SESSION)
        assert session is not None
        assert session.trigger_private_goal == Session.TriggerPrivateGoal(goal=GOAL, goal_ended=NOW)
        assert session.claim == Claim(goal_id=GOAL, exp=NOW)

    def test_a_claim_is_bound_with_its_goal(self, sessions: MongoSessions, mongo_database: Database[Document]) -> None:
        mongo_database["sessions"].update_one({}, {"$set": {"trigger_private_goals": []}})
        assert sessions.bind_trigger_private_goal(SESSION, CLAIM, NOW) is not None
        assert found(mongo_database)["trigger_private_claim"]["bound"] is True

    def test_the_streamers_session_is_found(self, sessions: MongoSessions) -> None:
        assert sessions.switch_preset(STREAMER, "sd") is not None

    def test_a_claim_is_kept(self, sessions: MongoSessions) -> None:
        assert sessions.claim(SESSION, Claim(goal_id=GOAL_2, exp=EXP), NOW) == CLAIM


@pytest.mark.parametrize(
    ("rate", "price"),
    [(60, 60), (60.0, 60), (0, 0), (60.5, None), (-1, None), ("60", None), (True, None), (None, None), (2**60, 2**60)],
)
def test_a_rate_is_a_whole_number_or_none_d11(
    sessions: MongoSessions, mongo_database: Database[Document], rate: Any, price: int | None
) -> None:
    stored(mongo_database, pricing={"sd": rate})
    session = sessions.fetch_active(SESSION)
    assert session is not None
    assert session.get_price("sd") == price
    assert not isinstance(session.get_price("sd"), float)


def test_times_are_aware_and_utc_d3(sessions: MongoSessions, mongo_database: Database[Document]) -> None:
    stored(mongo_database, trigger_private_claim={"goal_id": ObjectId(GOAL), "exp": EXP})
    session = sessions.fetch_active(SESSION)
    assert session is not None
    assert session.claim is not None
    assert session.claim.exp is not None
    assert session.claim.exp.utcoffset() == timedelta(0)


class TestClaimsFromBeforeTheySaidWhetherTheyAreBound:
    """Documents that an older worker or the platform itself wrote: no ``bound``, or one that nobody set (D2, D26)."""

    def test_a_goal_that_stands_already_makes_its_claim_bound_when_it_is_delivered_again(
        self, sessions: MongoSessions, mongo_database: Database[Document]
    ) -> None:
        stored(mongo_database, trigger_private_goals=[{"goal": ObjectId(GOAL)}])
        sessions.claim(SESSION, CLAIM, NOW)
        assert sessions.bind_trigger_private_goal(SESSION, CLAIM, NOW) is not None
        assert sessions.unbound(NOW, 10) == []

    def test_one_that_is_not_the_last_or_has_ended_makes_none_bound(
        self, sessions: MongoSessions, mongo_database: Database[Document]
    ) -> None:
        ours, ended, other = {"goal": ObjectId(GOAL)}, {"goal": ObjectId(GOAL), "goal_ended": NOW}, {"goal": ObjectId()}
        for goals in ([ours, other], [ended]):
            mongo_database["sessions"].delete_many({})
            stored(mongo_database, trigger_private_goals=goals)
            sessions.claim(SESSION, CLAIM, NOW)
            assert sessions.bind_trigger_private_goal(SESSION, CLAIM, NOW) is not None
            assert found(mongo_database)["trigger_private_claim"]["bound"] is False

    def test_a_live_claim_without_it_is_read_from_the_list(
        self, sessions: MongoSessions, mongo_database: Database[Document]
    ) -> None:
        later = datetime.now(UTC) + timedelta(hours=1)
        stored(
            mongo_database,
            trigger_private_goals=[{"goal": ObjectId(GOAL_2), "goal_ended": NOW}],
            trigger_private_claim={"goal_id": ObjectId(GOAL), "exp": later},
        )
        session = sessions.fetch_active(SESSION)
        assert session is not None
        assert session.trigger_private_goal == Session.TriggerPrivateGoal(goal=GOAL_2, goal_ended=NOW)
