"""What version 0.1 counted moves once, wherever the move breaks off, and while workers of both versions count."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import count, product

import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import OperationFailure

from show_goal.adapters.mongo import MongoGoals, MongoSettings, move_old_contributions
from show_goal.core.model import Contribution
from show_goal.ports.page import every
from tests.builders import GOAL, GOAL_2, NOW, VIEWER, a_goal
from tests.servers import Servers

from .crashing import Crash, Interruption, crash
from .documents import Document
from .version_01 import count_by_version_01

OLD = ("1/ann", "2/b.o$b", "3/ann")
SHARES = [("ann", 2, 180), ("b.o$b", 1, 90)]


@pytest.fixture
def old(servers: Servers, database: Database[Document]) -> Document:
    """The document of a goal that version 0.1 wrote."""
    written = count_by_version_01(servers, database, GOAL, *OLD)
    assert (written.returncode, written.stderr) == (0, "")
    document = database["goals"].find_one({})
    assert document is not None
    assert (document["progress"], document["metadata"]["insert_ids"]) == (3, ["1", "2", "3"])
    assert document["breakdown"].keys() == {"ann", "b%2Eo%24b"}
    return document


def pay(goals: MongoGoals, insert_id: str) -> None:
    goals.increment_progress(GOAL, amount=1, cost=90, breakdown_id=VIEWER, insert_id=insert_id, now=NOW)


def progress(goals: MongoGoals) -> int:
    goal = goals.get(GOAL)
    assert goal is not None
    return goal.progress


def shares(goals: MongoGoals) -> list[tuple[str, int, int]]:
    listed: list[Contribution] = [*every(partial(goals.contributions, GOAL, 1))]
    return sorted((one.viewer_id, one.amount, one.cost) for one in listed)


def test_what_version_01_counted_is_listed_and_counts_before_and_after_it_moves(
    goals: MongoGoals, database: Database[Document], settings: MongoSettings, old: Document
) -> None:
    for _ in range(3):
        assert shares(goals) == SHARES
        assert goals.counted(GOAL, ["1", "2", "3", "4"]) == {"1", "2", "3"}
        for insert_id in ("1", "2", "3"):
            pay(goals, insert_id)
        assert progress(goals) == 3
        move_old_contributions(database, settings, 10)
    document = database["goals"].find_one({}) or {}
    assert (document["breakdown"], "earlier" in document, "insert_ids" in document["metadata"]) == (None, False, False)


def test_a_worker_of_version_01_counts_nothing_twice_after_the_move(
    goals: MongoGoals, database: Database[Document], settings: MongoSettings, old: Document, servers: Servers
) -> None:
    move_old_contributions(database, settings, 10)
    pay(goals, "4")
    for payment in ("1/ann", "4/ann", "5/ann"):
        assert "PathNotViable" in count_by_version_01(servers, database, GOAL, payment).stderr
    pay(goals, "5")
    assert progress(goals) == 5


def test_a_move_that_breaks_off_anywhere_is_finished_by_the_next_one(
    goals: MongoGoals, database: Database[Document], settings: MongoSettings, old: Document
) -> None:
    for length in count():
        database["goals"].replace_one({}, old)
        database["contributions"].delete_many({})
        interruption = Interruption(length, crash)
        with suppress(Crash):
            move_old_contributions(interruption.of(database), settings, 10)
        assert goals.counted(GOAL, ["1", "2", "3"]) == {"1", "2", "3"}
        assert {*shares(goals)} == {*SHARES}
        move_old_contributions(database, settings, 10)
        assert shares(goals) == SHARES
        assert progress(goals) == 3
        if not interruption.happened:
            assert length >= 5, "there was too little to interrupt"
            return


@pytest.mark.parametrize("insert_id", ["1", "new"])
def test_a_payment_that_comes_anywhere_in_a_move_counts_once(
    database: Database[Document], settings: MongoSettings, old: Document, insert_id: str
) -> None:
    for length in count():
        database["goals"].replace_one({}, old)
        database["contributions"].delete_many({})
        worker = MongoGoals(database, settings)
        interruption = Interruption(length, partial(pay, worker, insert_id))
        move_old_contributions(interruption.of(database), settings, 10)
        pay(worker, insert_id)
        assert progress(worker) == (3 if insert_id == "1" else 4)
        assert len(shares(worker)) == (2 if insert_id == "1" else 3)
        if not interruption.happened:
            return


@pytest.mark.parametrize("insert_id", ["1", "new"])
def test_a_move_that_comes_anywhere_in_a_payment_counts_it_once(
    database: Database[Document], settings: MongoSettings, old: Document, insert_id: str
) -> None:
    for length in count():
        database["goals"].replace_one({}, old)
        database["contributions"].delete_many({})
        quick = MongoGoals(database, settings)

        def overtake(quick: MongoGoals = quick) -> None:
            pay(quick, insert_id)
            move_old_contributions(database, settings, 10)

        interruption = Interruption(length, overtake)
        slow = MongoGoals(interruption.of(database), settings)
        pay(slow, insert_id)
        assert progress(quick) == (3 if insert_id == "1" else 4)
        if not interruption.happened:
            return


def test_a_worker_of_version_01_and_a_move_that_come_anywhere_in_a_payment_count_it_once(
    database: Database[Document], settings: MongoSettings, old: Document
) -> None:
    def overtake() -> None:
        with suppress(OperationFailure):  # its update, to the letter
            database["goals"].find_one_and_update(
                {"_id": ObjectId(GOAL), "metadata.insert_ids": {"$ne": "new"}},
                {"$inc": {"progress": 1, f"breakdown.{VIEWER}.progress": 1}, "$push": {"metadata.insert_ids": "new"}},
            )
        for _ in range(2):  # the worker that is overtaken may take the goal over in between
            move_old_contributions(database, settings, 10)

    for first, second in product(range(8), range(8)):
        database["goals"].replace_one({}, old)
        database["contributions"].delete_many({})
        slow = Interruption(first, overtake)
        slower = Interruption(second, partial(move_old_contributions, database, settings, 10))
        pay(MongoGoals(slower.of(slow.of(database)), settings), "new")
        assert progress(MongoGoals(database, settings)) == 4, (first, second)


def test_pages_go_on_and_goals_that_only_the_host_writes_stay_as_they_are(
    goals: MongoGoals, database: Database[Document], settings: MongoSettings, old: Document
) -> None:
    new = a_goal(id=GOAL_2, conditions={"session_id": "another"})
    goals.insert(new)
    others = [{**old, "_id": ObjectId(), "context": {}} for _ in range(4)]
    hosts = {"_id": ObjectId(), "breakdown": {"a": 1}, "metadata": {"insert_ids": [1]}}
    database["goals"].insert_many([*others, hosts])

    first = move_old_contributions(database, settings, 2)
    assert first.next is not None
    moved = [*first.items, *move_old_contributions(database, settings, 9, first.next).items]

    assert moved == sorted(map(str, [ObjectId(GOAL), *(other["_id"] for other in others)]))
    assert move_old_contributions(database, settings, 9).items == []
    assert database["goals"].find_one({"_id": hosts["_id"]}) == hosts
    assert goals.get(GOAL_2) == new


@pytest.mark.parametrize("own", [{"tickets": 5}, {"ann": {"progress": 1.5, "cost": 90}}, "none", [1]])
def test_a_hosts_own_breakdown_stays_and_stops_no_move(
    goals: MongoGoals, database: Database[Document], settings: MongoSettings, old: Document, own: object
) -> None:
    theirs = {"_id": ObjectId(GOAL_2), "_cls": "RaffleGoal", "active": False, "exp": NOW, "settlement": "refunded"}
    fields = {"metadata": {"insert_ids": ["mine"]}, "breakdown": own}
    database["goals"].insert_one({**theirs, **fields})
    first = ObjectId("000000000000000000000001")  # it comes before the old one
    database["goals"].insert_one({**theirs, "_id": first, **fields})
    goals.increment_progress(GOAL_2, amount=1, cost=90, breakdown_id=VIEWER, insert_id="a", now=NOW)
    move_old_contributions(database, settings, 10)
    assert shares(goals) == SHARES
    for _id in (first, ObjectId(GOAL_2)):
        document = database["goals"].find_one({"_id": _id}) or {}
        assert {name: document[name] for name in fields} == fields
