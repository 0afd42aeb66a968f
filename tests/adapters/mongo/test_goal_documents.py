"""The exact documents of ``goals``, with ``_cls`` in both forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from bson import DBRef, ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoGoals, MongoSettings
from show_goal.core.decision import Settlement
from show_goal.core.model import Goal
from show_goal.core.tasks.sweep import Swept
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, a_goal
from tests.world import World

from .commands import Commands
from .documents import REFERENCES, Document

WRITTEN: dict[str, Any] = {
    "_id": ObjectId("60a100000000000000000001"),
    "_cls": "TriggerPrivateGoal",
    "active": True,
    "conditions": {"session_id": "5e5500000000000000000001"},
    "levels": [],
    "nbf": None,
    "exp": EXP,
    "context": {"type": "trigger-private"},
    "metadata": {
        "user_id": "57e000000000000000000001",
        "triggered_by": "71e000000000000000000001",
        "prepaid_duration": 90,
    },
    "progress": 0,
    "breakdown": None,
    "counting": {"folds": [0], "size": 0, "recent": [], "folded": []},
    "settlement": None,
    "planned": 0,
    "settled": False,
    "show_began": None,
}
RECENT = [
    {"insert": insert_id, "viewer": viewer_id, "amount": 1, "cost": 90}
    for insert_id, viewer_id in (("a", VIEWER), ("b", "x.$y"), ("c", VIEWER))
]
ENDED = {"active": False, "exp": NOW}


def without(*names: str) -> Document:
    return {name: value for name, value in WRITTEN.items() if name not in names}


def count_progress(goals: MongoGoals) -> None:
    for payer, insert_id in ((VIEWER, "a"), ("x.$y", "b"), (VIEWER, "c")):
        goals.increment_progress(GOAL, amount=1, cost=90, breakdown_id=payer, insert_id=insert_id, now=NOW)


def settle(goals: MongoGoals) -> None:
    goals.end(GOAL, NOW)
    goals.decide(GOAL, Settlement.RELEASED)
    goals.mark_settled(GOAL)


@pytest.mark.parametrize(
    ("call", "changes"),
    [
        (lambda _: None, {}),
        (lambda goals: goals.end(GOAL, NOW), ENDED),
        (
            lambda goals: goals.end(GOAL, NOW, streamer_id=STREAMER, metadata={"agreed": NOW}),
            {**ENDED, "metadata": {**WRITTEN["metadata"], "agreed": NOW}},
        ),
        (
            count_progress,
            {
                "progress": 3,
                "counting": {"folds": [0], "size": 3, "recent": RECENT, "folded": []},
                "announcing": {"until": NOW + timedelta(seconds=1), "by": "a", "late": "b"},
            },
        ),
        (settle, {**ENDED, "settlement": "released", "settled": True}),
    ],
    ids=["inserted", "ended", "answered", "progress", "settled"],
)
def test_a_goal_as_it_is_written(
    goals: MongoGoals, database: Database[Document], call: Callable[[MongoGoals], object], changes: Document
) -> None:
    assert goals.insert(a_goal()) == a_goal()
    database["goals"].update_one({}, {"$set": {"note": "not ours to touch"}})
    call(goals)
    assert [*database["goals"].find()] == [{**WRITTEN, "note": "not ours to touch", **changes}]


def test_a_goal_as_mongoengine_writes_it(database: Database[Document], settings: MongoSettings) -> None:
    goals = MongoGoals(database, evolve(settings, dotted_cls=True))
    assert goals.insert(a_goal()) == a_goal()
    assert [*database["goals"].find()] == [{**WRITTEN, "_cls": "Goal.TriggerPrivateGoal"}]


def test_a_goal_that_a_host_inserts_without_our_fields_is_settled_too(
    goals: MongoGoals, database: Database[Document]
) -> None:
    database["goals"].insert_one(without("breakdown", "counting", "settlement", "settled", "progress"))
    goals.end(GOAL, NOW)
    assert [goal.id for goal in goals.unsettled(NOW, 10).items] == [GOAL]


@pytest.mark.parametrize("form", REFERENCES.values(), ids=REFERENCES)
def test_the_streamer_is_recognised_in_every_form(goals: MongoGoals, database: Database[Document], form: Any) -> None:
    database["goals"].insert_one({**WRITTEN, "metadata": {"user_id": form(STREAMER, "users")}})
    answered = goals.end(GOAL, NOW, streamer_id=STREAMER)
    assert answered is not None
    assert not answered.active


def test_a_goal_without_exp_ends_now(goals: MongoGoals, database: Database[Document]) -> None:
    database["goals"].insert_one(without("exp"))
    assert goals.end(GOAL, NOW) == a_goal(active=False, exp=NOW)


@pytest.mark.parametrize("dotted_cls", [False, True])
@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("TriggerPrivateGoal", "TriggerPrivateGoal"),
        ("Goal.TriggerPrivateGoal", "TriggerPrivateGoal"),
        ("Goal.LivestreamGoal.ShowGoal", "ShowGoal"),
        ("Goal", "Goal"),
    ],
)
def test_cls_is_read_in_both_forms_whichever_is_written_D5(
    database: Database[Document], settings: MongoSettings, dotted_cls: bool, stored: str, name: str
) -> None:
    database["goals"].insert_one({**WRITTEN, "_cls": stored})
    goals = MongoGoals(database, evolve(settings, dotted_cls=dotted_cls))
    goal = goals.get(GOAL)
    assert goal is not None
    assert goal._cls == name
    assert goals.insert(a_goal()) == goal
    assert goals.end(GOAL, NOW) == evolve(goal, active=False, exp=NOW)


def test_a_goal_with_only_its_required_fields_is_read(goals: MongoGoals, database: Database[Document]) -> None:
    database["goals"].insert_one({"_id": ObjectId(GOAL), "_cls": "Goal.KaraokeGoal", "active": True})
    assert goals.get(GOAL) == Goal(id=GOAL, _cls="KaraokeGoal", levels=[])


def test_ids_that_other_tools_write_are_read_as_strings_D3(goals: MongoGoals, database: Database[Document]) -> None:
    theirs: dict[str, Any] = {
        "conditions": {"session_id": ObjectId(SESSION)},
        "levels": [{"goal": DBRef("goals", ObjectId(GOAL))}],
        "metadata": {"user_id": ObjectId(STREAMER), "notes": [ObjectId(VIEWER), "text", 1, NOW, b"bytes"]},
    }
    database["goals"].insert_one({**WRITTEN, **theirs})
    assert goals.get(GOAL) == a_goal(
        levels=[{"goal": GOAL}],
        metadata={"user_id": STREAMER, "notes": [VIEWER, "text", 1, NOW, b"bytes"]},
    )


@pytest.mark.parametrize("foreign", [{}, {"_cls": "RaffleGoal", "metadata": "none"}, {"_cls": 7}])
def test_a_goal_that_cannot_be_read_is_named_and_hides_none_behind_it_M3(
    goals: MongoGoals, database: Database[Document], foreign: Document
) -> None:
    before = EXP - timedelta(days=1)
    for active, listed in ((True, goals.overdue), (False, goals.unsettled)):
        database["goals"].delete_many({})
        odd = [ObjectId() for _ in range(3)]
        fields = {"active": active, "settled": False, "exp": before, **foreign}
        database["goals"].insert_many([{"_id": _id, **fields} for _id in odd])
        goals.insert(a_goal(active=active))
        pages = [listed(EXP, 2), listed(EXP, 2, listed(EXP, 2).next)]
        assert [goal.id for page in pages for goal in page.items] == [GOAL]
        assert {_id for page in pages for _id in page.unreadable} == {str(_id) for _id in odd}


def test_of_several_goals_one_that_cannot_be_read_hides_no_other_D43(
    goals: MongoGoals, database: Database[Document]
) -> None:
    goals.insert(a_goal())
    odd = ObjectId()
    database["goals"].insert_one({"_id": odd, "_cls": 7})
    assert goals.get_many([str(odd), GOAL]) == {GOAL: a_goal()}


def test_several_goals_are_read_in_one_command(
    watched_database: Database[Document], settings: MongoSettings, commands: Commands
) -> None:
    goals = MongoGoals(watched_database, settings)
    ids = [f"60a1{number:020x}" for number in range(100)]
    for number, goal_id in enumerate(ids):
        goals.insert(a_goal(id=goal_id, conditions={"session_id": f"5e55{number:020x}"}))
    commands.clear()
    assert [*goals.get_many(ids)] == ids
    assert commands.names == ["find"]
    assert goals.get_many(["no id"]) == {}
    assert commands.names == ["find"]


HOSTS_OWN: dict[str, Document] = {
    "M3": {"active": True, "exp": 2020},
    "of another class": {**WRITTEN, "_cls": "Goal.RaffleGoal", "breakdown": {"a.b": 7}},
    "without a class": without("_cls"),
    "that looks like ours": WRITTEN,
}


@pytest.mark.parametrize("document", HOSTS_OWN.values(), ids=HOSTS_OWN)
@pytest.mark.parametrize("active", [True, False])
def test_an_old_goal_of_the_host_in_a_shared_collection_is_left_alone_M3_M6(
    goals: MongoGoals, database: Database[Document], document: Document, active: bool
) -> None:
    """It has no ``settled``, which every goal of ours has had since version 0.1."""
    theirs = {name: value for name, value in document.items() if name not in ("settled", "settlement")}
    theirs |= {"_id": ObjectId(), "active": active}
    database["goals"].insert_one(theirs)
    ours = a_goal(conditions={"session_id": str(ObjectId())})
    goals.insert(ours)
    world = World.make(goals=goals)
    world.clock.move_to(EXP + timedelta(minutes=1))
    assert world.sweep() == Swept(ended=1, settled=1)
    assert database["goals"].find_one({"_id": theirs["_id"]}) == theirs
    assert [told.payload["goal_id"] for told in world.notified("goal.ended")] == [ours.id]
