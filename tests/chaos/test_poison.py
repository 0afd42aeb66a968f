"""Two messages that end their workers again and again: other people's money moves, and an operator finds both (D46)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.core.names import transaction_id

from ..black_box.platform import Platform
from ..servers import Servers, wait_until
from .conftest import Document, running

KILLS, HANGS = str(ObjectId()), str(ObjectId())
WORKER = (
    *(sys.executable, "-m", "celery", "-A", "tests.chaos.poisoned_host", "worker", "--loglevel", "INFO"),
    *("--concurrency", "2", "--beat", "--scheduler", "celery.beat:Scheduler"),
)
OTHERS = 10
HELD_WITHIN = 10
SET_ASIDE_WITHIN = 60
"""Three deliveries of up to 5 s each (tests.chaos.poisoned_host), and the pauses between them."""


@pytest.fixture(scope="module")
def platform(
    own: Servers, database: Database[Document], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    poison = {"POISON": f"{KILLS},{HANGS}"}
    with running(own, own.rabbitmq_url, database, tmp_path_factory, WORKER, poison) as platform:
        yield platform


def invite(platform: Platform, viewer_id: str) -> str:
    """Into a session of their own. Returns the transaction's id."""
    response = platform.with_another_session().invite(viewer_id, seconds=600)
    assert response.status_code == 202, response.text
    return transaction_id(response.json()["goal_id"], viewer_id)


def test_other_viewers_money_moves_and_check_names_the_culprits(platform: Platform) -> None:
    wallet = platform.wallet()
    for viewer_id in (KILLS, HANGS):
        platform.database.users.insert_one({"_id": ObjectId(viewer_id), "tags": []})
        wallet.credit(viewer_id, 1_000)
    culprits = [invite(platform, viewer_id) for viewer_id in (KILLS, HANGS)]
    wait_until(lambda: all(map(wallet.find, culprits)), 30, "both messages in a worker")

    slowest = 0.0
    for _ in range(OTHERS):
        viewer_id, asked = platform.add_viewer(), monotonic()
        transaction = invite(platform, viewer_id)
        wait_until(lambda: wallet.find(transaction), 60, "another viewer's hold")  # noqa: B023
        slowest = max(slowest, monotonic() - asked)
    assert slowest < HELD_WITHIN

    def named() -> bool:
        words = platform.run("check", "--json", "--timeout", "30")
        return all(transaction in words for transaction in culprits)

    wait_until(named, SET_ASIDE_WITHIN, "both messages set aside")
    assert wallet.audit(datetime.now(UTC)).problems == []
