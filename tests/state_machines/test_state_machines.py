"""Two state machines, over the adapters in memory and in MongoDB. Hypothesis looks for an order that breaks one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from bson import ObjectId
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from pymongo.database import Database
from pytest_mock import MockerFixture

from show_goal.adapters.memory import MemoryGoals, MemorySessions, MemoryWallet
from show_goal.adapters.mongo import MongoGoals, MongoSessions, MongoSettings, MongoWallet, create_indexes
from show_goal.core.rules.settlement import ForTimeShown, SettlementRule
from show_goal.testing.simulator.rules import AnyAmount
from tests.adapters.mongo.documents import Document, session_document

from .platform_machine import PlatformMachine
from .platform_promises import Stores
from .wallet_machine import WalletMachine


def run(machine: Callable[[], RuleBasedStateMachine], *, examples: int, steps: int) -> None:
    """Try ``examples`` runs of the machine of up to ``steps`` steps each.

    If one breaks, hypothesis prints the shortest run that does. With ``CI`` set, hypothesis loads its own profile
    ``ci`` and tries the same runs every time; elsewhere it tries new ones.
    """
    run_state_machine_as_test(
        machine,  # type: ignore[arg-type]  # any factory will do, as its documentation says
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


@pytest.fixture
def database(mongo_database: Database[Document]) -> Database[Document]:
    create_indexes(mongo_database, MongoSettings(timeout_ms=30_000))
    return mongo_database


def emptied(database: Database[Document]) -> dict[str, Any]:
    """Ports on a database without documents. It keeps its indexes."""
    for name in database.list_collection_names():
        database[name].delete_many({})
    settings = MongoSettings(database=database.name, timeout_ms=30_000)
    kinds: Mapping[str, Any] = {"sessions": MongoSessions, "goals": MongoGoals, "wallet": MongoWallet}
    return {name: kind(database, settings) for name, kind in kinds.items()}


def memory_stores() -> Stores:
    sessions, goals, wallet = MemorySessions(), MemoryGoals(), MemoryWallet()
    return Stores(
        ports={"sessions": sessions, "goals": goals, "wallet": wallet},
        add_session=sessions.add,
        end_session=lambda session_id: sessions.add(evolve(sessions.get(session_id), active=False)),
        credit=wallet.credit,
    )


def mongo_stores(database: Database[Document]) -> Stores:
    ports = emptied(database)
    return Stores(
        ports=ports,
        add_session=lambda session: database.sessions.insert_one(session_document(session)),
        end_session=lambda session_id: database.sessions.update_one(
            {"_id": ObjectId(session_id)}, {"$set": {"active": False}}
        ),
        credit=ports["wallet"].credit,
    )


def wallet_machine(wallet: MemoryWallet | MongoWallet) -> WalletMachine:
    return WalletMachine(wallet, wallet, wallet.credit)


def test_platform_in_memory_keeps_every_promise_in_any_order_L6() -> None:
    run(lambda: PlatformMachine(memory_stores()), examples=250, steps=50)


RULES = {"shown": ForTimeShown(grace=timedelta(seconds=10)), "random": AnyAmount(1)}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_platform_in_memory_keeps_every_promise_under_another_settlement_rule(rule: SettlementRule) -> None:
    run(lambda: PlatformMachine(memory_stores(), rule), examples=120, steps=50)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_platform_in_mongodb_keeps_every_promise_under_another_settlement_rule(
    rule: SettlementRule, database: Database[Document]
) -> None:
    run(lambda: PlatformMachine(mongo_stores(database), rule), examples=10, steps=40)


def test_platform_in_mongodb_keeps_every_promise_in_any_order_L6(database: Database[Document]) -> None:
    run(lambda: PlatformMachine(mongo_stores(database)), examples=20, steps=40)


def test_wallet_in_memory_keeps_every_promise_in_any_order_L6() -> None:
    run(lambda: wallet_machine(MemoryWallet()), examples=150, steps=40)


def test_wallet_in_mongodb_keeps_every_promise_in_any_order_L6(
    database: Database[Document], mocker: MockerFixture
) -> None:
    """Every other release folds what two releases paid, as far as nothing else does."""
    for name in ("EVERY", "AT_ONCE"):
        mocker.patch(f"show_goal.adapters.mongo.wallet_folding.{name}", 2)
    run(lambda: wallet_machine(emptied(database)["wallet"]), examples=20, steps=25)
