from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from attrs import evolve
from celery import Celery
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from show_goal.adapters.celery import CelerySettings
from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryWallet
from show_goal.adapters.mongo import MongoGoals, MongoSettings, create_indexes, missing_indexes
from show_goal.adapters.pusher import PusherSettings
from show_goal.core.errors import OngoingGoalExists
from show_goal.core.model import Goal
from show_goal.testing.conformance.races import CALLERS, at_once
from tests.builders import GOAL, GOAL_2, NOW, a_goal

from .crashing import Interruption
from .documents import Document
from .test_goal_documents import WRITTEN


def index(*key: tuple[str, int], where: Document | None = None, **options: bool) -> Document:
    partial_filter = {} if where is None else {"partialFilterExpression": where}
    return {"v": 2, "key": [*key], **options, **partial_filter}


def where_it_is(field: str) -> Document:
    return {field: {"$exists": True}}


ONGOING = {"context.type": "trigger-private", "active": True}
UNSETTLED = {"active": False, "settled": False}
OVER = {"active": False, "trigger_private_claim.exp": {"$exists": True}}
WITHOUT_A_GOAL = {"trigger_private_claim.bound": False}
CLAIMS_BY_EXP = ("trigger_private_claim.exp", 1), ("_id", 1)
TRANSACTION = "holds.transaction_id"
INDEXES: dict[str, Any] = {
    "goals": {
        "_id_": index(("_id", 1)),
        "one_ongoing_private_goal_a_session": index(("conditions.session_id", 1), where=ONGOING, unique=True),
        "ongoing_goals_by_exp_and_id": index(("exp", 1), ("_id", 1), where={"active": True, "settled": False}),
        "unsettled_goals_by_exp_and_id": index(("exp", 1), ("_id", 1), where=UNSETTLED),
        "unsettled_goals_by_streamer": index(("metadata.user_id", 1), ("exp", 1), where=UNSETTLED),
    },
    "sessions": {
        "_id_": index(("_id", 1)),
        "active_sessions_by_streamer": index(("user", 1), where={"active": True}),
        "claims_without_a_goal_by_exp_and_id": index(*CLAIMS_BY_EXP, where=WITHOUT_A_GOAL),
        "claims_of_sessions_that_are_over": index(*CLAIMS_BY_EXP, where=OVER),
    },
    "keyed_requests": {
        "_id_": index(("_id", 1)),
        "forgotten_after_a_day": {**index(("since", 1)), "expireAfterSeconds": 86_400},
    },
    "accounts": {
        "_id_": index(("_id", 1)),
        "one_account_a_transaction": index((TRANSACTION, 1), where=where_it_is(TRANSACTION), unique=True),
        "held_by_escrow_and_id": index(("holds.escrow_id", 1), ("_id", 1), where=where_it_is("holds.escrow_id")),
        "held_by_next_exp_and_id": index(("next_exp", 1), ("_id", 1), where=where_it_is("next_exp")),
    },
    "transactions": {
        "_id_": index(("_id", 1)),
        "settled_by_escrow": index(("escrow_id", 1), ("placed_at", 1), ("order", 1)),
        "settled_by_payer": index(("from_user_id", 1), ("placed_at", -1), ("order", -1)),
        "payments_by_user": index(("user_id", 1), ("placed_at", -1), ("order", -1), where=where_it_is("change")),
        "unfolded_by_receiver": index(("unfolded", 1), ("order", 1), ("amount", 1), where=where_it_is("unfolded")),
    },
}


def indexes(database: Database[Document]) -> dict[str, Any]:
    return {name: dict(database[name].index_information()) for name in INDEXES}


def test_the_indexes_are_these_and_creating_them_again_changes_nothing(
    database: Database[Document], settings: MongoSettings
) -> None:
    assert indexes(database) == INDEXES
    create_indexes(database, settings)
    assert indexes(database) == INDEXES


def test_accounts_get_no_index_if_another_wallet_keeps_the_money(mongo_database: Database[Document]) -> None:
    container = Container.from_settings(
        mongo=MongoSettings(timeout_ms=30_000),
        celery=CelerySettings(),
        celery_app=Celery("host", broker="amqp://", set_as_current=False),
        pusher=PusherSettings(app_id="1", key="key", secret="secret"),
        database=mongo_database,
        wallet=MemoryWallet(),
    )
    container.create_indexes()
    kept = {"livestream_feed", "tracked_goals"}
    assert set(mongo_database.list_collection_names()) == {"goals", "sessions", "keyed_requests", *kept}


def test_an_index_of_an_older_version_does_no_harm(mongo_database: Database[Document]) -> None:
    goals, settings = mongo_database["goals"], MongoSettings(timeout_ms=30_000)
    goals.create_index({"exp": 1}, name="unsettled_goals_by_exp", partialFilterExpression=UNSETTLED)
    assert "goals.unsettled_goals_by_exp_and_id" in missing_indexes(mongo_database, settings)

    create_indexes(mongo_database, settings)

    assert missing_indexes(mongo_database, settings) == []
    question = {"active": False, "settled": False, "exp": {"$lte": NOW}}
    plan = goals.find(question).sort([("exp", 1), ("_id", 1)]).explain()["queryPlanner"]["winningPlan"]
    assert plan["inputStage"]["indexName"] == "unsettled_goals_by_exp_and_id"


def test_accounts_without_holds_do_not_collide(database: Database[Document]) -> None:
    database["accounts"].insert_many([{}, {}, {"holds": []}, {"holds": []}])


def test_the_error_names_a_session_that_has_two_ongoing_goals(mongo_database: Database[Document]) -> None:
    mongo_database["goals"].insert_many([{**WRITTEN, "_id": number} for number in range(2)])
    with pytest.raises(DuplicateKeyError, match=r"one_ongoing_private_goal_a_session.*5e5500000000000000000001"):
        create_indexes(mongo_database, MongoSettings())


@pytest.mark.parametrize("first", [False, True], ids=["bare first", "dotted first"])
def test_a_second_ongoing_goal_is_refused_in_both_forms_of_cls_D2(
    database: Database[Document], settings: MongoSettings, first: bool
) -> None:
    MongoGoals(database, evolve(settings, dotted_cls=first)).insert(a_goal())
    with pytest.raises(OngoingGoalExists) as refusal:
        MongoGoals(database, evolve(settings, dotted_cls=not first)).insert(a_goal(id=GOAL_2))
    assert refusal.value.goal_id == GOAL


def test_one_goal_wins_a_race_in_both_forms_of_cls_D2(database: Database[Document], settings: MongoSettings) -> None:
    adapters = [MongoGoals(database, evolve(settings, dotted_cls=dotted)) for dotted in (False, True)]
    goals = [a_goal(id=f"60a2{number:020x}") for number in range(CALLERS)]
    answers = at_once([partial(adapters[number % 2].insert, goal) for number, goal in enumerate(goals)])
    assert sum(isinstance(answer, Goal) for answer in answers) == 1
    assert sum(isinstance(answer, OngoingGoalExists) for answer in answers) == CALLERS - 1


@pytest.mark.parametrize(
    ("collection", "query", "index"),
    [
        ("goals", {"active": True, "settled": False, "exp": {"$lte": NOW}}, "ongoing_goals_by_exp_and_id"),
        (
            "goals",
            {"conditions.session_id": "x", "context.type": "trigger-private", "active": True},
            "one_ongoing_private_goal_a_session",
        ),
        ("sessions", {"user": {"$in": ["a", "b"]}, "active": True}, "active_sessions_by_streamer"),
        ("accounts", {"holds.transaction_id": "x"}, "one_account_a_transaction"),
        ("accounts", {"holds.escrow_id": "x"}, "held_by_escrow_and_id"),
        ("transactions", {"escrow_id": "x"}, "settled_by_escrow"),
        ("transactions", {"from_user_id": "x"}, "settled_by_payer"),
        ("transactions", {"unfolded": "x", "order": {"$nin": [1]}}, "unfolded_by_receiver"),
        ("transactions", {"user_id": "x", "change": {"$exists": True}}, "payments_by_user"),
    ],
    ids=[
        "sweeper",
        "backstop",
        "preset",
        "held transaction",
        "held in escrow",
        "in escrow",
        "history",
        "folds",
        "payments",
    ],
)
def test_each_query_has_its_index(database: Database[Document], collection: str, query: Document, index: str) -> None:
    plan = database[collection].find(query).explain()["queryPlanner"]["winningPlan"]
    assert plan["inputStage"]["indexName"] == index


def test_a_goal_is_inserted_if_the_one_in_the_way_ends_at_that_moment(
    database: Database[Document], settings: MongoSettings, goals: MongoGoals
) -> None:
    goals.insert(a_goal())
    after_the_insert = Interruption(1, lambda: goals.end(GOAL, NOW))
    second = MongoGoals(after_the_insert.of(database), settings)
    assert second.insert(a_goal(id=GOAL_2)) == a_goal(id=GOAL_2)
    assert after_the_insert.happened
