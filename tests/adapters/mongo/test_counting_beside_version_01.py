"""Payments count once for goals that version 0.1 wrote, and beside its workers (L1)."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import OperationFailure

from show_goal.adapters.mongo import MongoGoals, MongoSettings
from show_goal.ports.page import every
from tests.builders import GOAL, VIEWER, a_goal

from .documents import Document
from .paying import contributed, interrupted, pay, progress

pytestmark = pytest.mark.usefixtures("folds_often")


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
