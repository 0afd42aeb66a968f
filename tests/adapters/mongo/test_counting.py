"""Payments count once, wherever a worker dies or is overtaken, and the goal stays small (L1)."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import count
from random import Random

import bson
import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoGoals, MongoSettings
from show_goal.testing.conformance.races import CALLERS, at_once
from tests.builders import GOAL, VIEWER, a_goal

from .commands import Commands
from .crashing import Crash, crash
from .documents import Document
from .paying import contributed, interrupted, pay, pay_new, progress

pytestmark = pytest.mark.usefixtures("folds_often")


@pytest.mark.parametrize("before", range(4))
def test_a_worker_that_dies_anywhere_has_counted_once_when_its_message_has_come_again_L1(
    goals: MongoGoals, database: Database[Document], settings: MongoSettings, before: int
) -> None:
    """``before`` payments decide whether it dies in a fold, too."""
    for dying in interrupted(database, settings, crash):
        database["goals"].delete_many({})
        database["contributions"].delete_many({})
        goals.insert(a_goal())
        paid = [f"{number}" for number in range(before)]
        for insert_id in paid:
            pay(goals, insert_id)
        with suppress(Crash):
            pay(dying, "mine")
        for insert_id in ["mine", *paid, "later", "latest", "mine", *paid]:
            pay(goals, insert_id)
        assert progress(goals) == before + 3
        assert contributed(goals) == sorted([*paid, "mine", "later", "latest"])


@pytest.mark.parametrize("others", [0, 1, 2, 3, 6, 7, 20])
def test_a_worker_with_a_new_hold_that_is_overtaken_anywhere_counts_once_L1(
    database: Database[Document], settings: MongoSettings, others: int
) -> None:
    """It read the goal, then placed the hold; the duplicate finds the hold, and counts it first."""
    quick = MongoGoals(database, settings)
    for before_that in range(4):
        for slow in interrupted(database, settings, lambda: None, at_least=1):
            database["goals"].delete_many({})
            database["contributions"].delete_many({})
            quick.insert(a_goal())
            for number in range(before_that):
                pay(quick, f"before {number}")
            before = quick.get(GOAL)
            for insert_id in ["mine", *map(str, range(others))]:
                pay(quick, insert_id)
            pay_new(slow, "mine", before)
            assert progress(quick) == len(contributed(quick)) == before_that + 1 + others


@pytest.mark.parametrize("others", [0, 1, 2, 3, 6, 7, 20])
def test_a_worker_that_is_overtaken_anywhere_counts_once_L1(
    database: Database[Document], settings: MongoSettings, others: int
) -> None:
    """A duplicate overtakes it, and so many other payments that the goal has forgotten the duplicate, or not yet."""
    rounds = count()
    quick = MongoGoals(database, settings)

    def overtake() -> None:
        pay(quick, "mine")
        for number in range(others):
            pay(quick, f"{number}")

    for slow in interrupted(database, settings, overtake):
        database["goals"].delete_many({})
        database["contributions"].delete_many({})
        quick.insert(a_goal())
        for number in range(next(rounds) % 3):
            pay(quick, f"before {number}")
        pay(slow, "mine")
        overtake()
        pay(slow, "mine")
        assert progress(quick) == len(contributed(quick))
        assert contributed(quick).count("mine") == 1


def test_a_process_that_knows_an_old_fold_counts_once_L1(database: Database[Document], settings: MongoSettings) -> None:
    fresh, stale = MongoGoals(database, settings), MongoGoals(database, settings)
    fresh.insert(a_goal())
    for number in range(30):
        pay(fresh, f"{number}")
        if number % 10 == 0:
            pay(stale, f"stale {number}")
    for number in range(30):
        pay(stale, f"{number}")
    assert progress(fresh) == 33 == len(contributed(fresh))


def test_many_workers_at_once_with_many_duplicates_count_each_payment_once_L1(
    database: Database[Document], settings: MongoSettings
) -> None:
    workers = [MongoGoals(database, settings) for _ in range(CALLERS)]
    workers[0].insert(a_goal())
    ids = [f"{number:03}" for number in range(60)]

    def work(number: int) -> None:
        mine = Random(number).sample(ids, len(ids))
        for insert_id in mine:
            pay(workers[number], insert_id)

    at_once([partial(work, number) for number in range(CALLERS)])
    assert progress(workers[0]) == len(ids)
    assert contributed(workers[0]) == ids


def test_a_goal_of_many_payments_is_as_large_as_one_of_few_M1(
    goals: MongoGoals, database: Database[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    goals.insert(a_goal())
    sizes = []
    for number in range(400):
        pay(goals, f"session:trigger-private:{GOAL}:{number:024x}")
        document = database["goals"].find_one({}) or {}
        sizes.append(len(bson.encode(document)))
    assert max(sizes[200:]) <= max(sizes[:200]) < 16_000
    assert progress(goals) == 400


def test_the_hundredth_payment_costs_the_commands_of_the_first(
    goals: MongoGoals, watched_database: Database[Document], settings: MongoSettings, commands: Commands
) -> None:
    watched = MongoGoals(watched_database, settings)
    goals.insert(a_goal())
    sent, sent_again = [], []
    for number in range(100):
        before = goals.get(GOAL)
        commands.clear()
        pay_new(watched, f"{number}", before)
        sent.append(commands.names)
        commands.clear()
        pay(watched, f"again {number}")
        sent_again.append(commands.names)
    fold = ["find", "insert", "update"]
    look = ["find", "find", "findAndModify"]
    assert sent == [["findAndModify", *(fold if (2 * number) % 3 == 2 else [])] for number in range(100)]
    assert sent_again == [[*look, *(fold if (2 * number + 1) % 3 == 2 else [])] for number in range(100)]


def test_a_contribution_as_it_is_written(goals: MongoGoals, database: Database[Document]) -> None:
    goals.insert(a_goal())
    for insert_id in ("a", "b", "c", "d"):
        pay(goals, insert_id)
    assert [*database["contributions"].find().sort("_id")] == [
        {"_id": {"goal": ObjectId(GOAL), "insert": insert_id}, "viewer": VIEWER, "amount": 1, "cost": 90}
        for insert_id in ("a", "b", "c")
    ]
