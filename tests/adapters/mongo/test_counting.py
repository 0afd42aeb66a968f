"""Payments count once, wherever a worker dies or is overtaken, and the goal stays small (L1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count
from random import Random

import bson
import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import OperationFailure

from show_goal.adapters.mongo import MongoGoals, MongoSettings, counting
from show_goal.core.model import Goal
from show_goal.ports.page import every
from show_goal.testing.conformance.races import CALLERS, at_once
from tests.builders import GOAL, NOW, VIEWER, a_goal

from .commands import Commands
from .crashing import Crash, Interruption, crash
from .documents import Document

Interrupted = Callable[[Callable[[], object]], Iterator[MongoGoals]]


@pytest.fixture(autouse=True)
def folds_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "FOLD", 3)


def pay(goals: MongoGoals, insert_id: str) -> Goal | None:
    progress = goals.increment_progress(GOAL, amount=1, cost=90, breakdown_id=VIEWER, insert_id=insert_id, now=NOW)
    return None if progress is None else progress.goal


def pay_new(goals: MongoGoals, insert_id: str, before: Goal | None) -> Goal | None:
    """As after a new hold: what the goal was before is known."""
    progress = goals.increment_progress(
        GOAL, amount=1, cost=90, breakdown_id=VIEWER, insert_id=insert_id, now=NOW, before=before
    )
    return None if progress is None else progress.goal


def progress(goals: MongoGoals) -> int:
    goal = goals.get(GOAL)
    assert goal is not None
    return goal.progress


def contributed(goals: MongoGoals) -> list[str]:
    return [one.insert_id for one in every(partial(goals.contributions, GOAL, 2))]


def interrupted(
    database: Database[Document], settings: MongoSettings, interrupt: Callable[[], object], at_least: int = 3
) -> Iterator[MongoGoals]:
    """Goals whose next call is interrupted: before its first command, then before its second, until it has no more."""
    for length in count():
        interruption = Interruption(length, interrupt)
        yield MongoGoals(interruption.of(database), settings)
        if not interruption.happened:
            assert length >= at_least, "there was too little to interrupt"
            return


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


class TestGoalsOfVersion01:
    """Documents as version 0.1 wrote them."""

    @pytest.fixture(autouse=True)
    def old(self, database: Database[Document], goals: MongoGoals) -> None:
        goals.insert(a_goal())
        database["goals"].update_one(
            {},
            {
                "$set": {
                    "progress": 3,
                    "breakdown": {"a%2Eb": {"progress": 2, "cost": 180}, VIEWER: {"progress": 1, "cost": 90}},
                    "metadata.insert_ids": ["1", "2", "3"],
                },
                "$unset": {"counting": True},
            },
        )

    def count_as_version_01(self, database: Database[Document], insert_id: str) -> None:
        """Its update, to the letter."""
        database["goals"].find_one_and_update(
            {"_id": ObjectId(GOAL), "metadata.insert_ids": {"$ne": insert_id}},
            {
                "$inc": {"progress": 1, f"breakdown.{VIEWER}.progress": 1, f"breakdown.{VIEWER}.cost": 90},
                "$push": {"metadata.insert_ids": insert_id},
            },
        )

    def test_they_are_read(self, goals: MongoGoals) -> None:
        assert goals.get(GOAL) == a_goal(progress=3)
        assert [(one.viewer_id, one.amount, one.cost) for one in every(partial(goals.contributions, GOAL, 1))] == [
            (VIEWER, 1, 90),
            ("a.b", 2, 180),
        ]
        assert goals.counted(GOAL, ["1", "3", "4"]) == {"1", "3"}

    def test_they_are_counted_on(self, goals: MongoGoals) -> None:
        for insert_id in ("3", "4", "1", "4", "5", "6", "7", "1", "4"):
            grown = pay(goals, insert_id)
        assert grown == a_goal(progress=7) == goals.get(GOAL)
        assert sum(one.amount for one in every(partial(goals.contributions, GOAL, 1))) == 7
        assert goals.counted(GOAL, ["1", "3", "4", "7", "8"]) == {"1", "3", "4", "7"}

    def test_a_worker_of_version_01_beside_a_new_one_counts_nothing_twice(
        self, goals: MongoGoals, database: Database[Document]
    ) -> None:
        """It counts until the first new worker does. Then its update fails, and its message waits for a new worker."""
        self.count_as_version_01(database, "4")
        pay(goals, "4")
        pay(goals, "5")
        for insert_id in ("1", "4", "5", "6"):
            with suppress(OperationFailure):
                self.count_as_version_01(database, insert_id)
        assert progress(goals) == 5

    def test_a_new_goal_is_not_counted_by_a_worker_of_version_01(
        self, goals: MongoGoals, database: Database[Document]
    ) -> None:
        database["goals"].delete_many({})
        goals.insert(a_goal())
        with pytest.raises(OperationFailure):
            self.count_as_version_01(database, "1")

    def test_two_workers_at_once_take_a_goal_over(self, database: Database[Document], settings: MongoSettings) -> None:
        def overtake() -> None:
            with suppress(OperationFailure):
                self.count_as_version_01(database, "by the old one")
            pay(quick, "mine")

        quick = MongoGoals(database, settings)
        document = database["goals"].find_one({}) or {}
        for slow in interrupted(database, settings, overtake):
            database["goals"].replace_one({}, document)
            database["contributions"].delete_many({})
            pay(slow, "mine")
            with suppress(OperationFailure):
                self.count_as_version_01(database, "by the old one")
            assert progress(quick) in (4, 5)
            counted = quick.counted(GOAL, ["mine", "by the old one"])
            assert progress(quick) == 3 + len(counted)
            assert "mine" in counted

    def test_a_goal_that_is_not_as_version_01_wrote_it_is_counted_on(
        self, goals: MongoGoals, database: Database[Document]
    ) -> None:
        odd: tuple[object, ...] = (7, "text", None, [], {"x": 1})
        for foreign in odd:
            database["contributions"].delete_many({})
            database["goals"].update_one(
                {},
                {"$set": {"progress": 0, "breakdown": foreign}, "$unset": {"counting": True, "metadata.insert_ids": 1}},
            )
            assert pay(goals, "a") == a_goal(progress=1)
            assert contributed(goals) == ["a"]
