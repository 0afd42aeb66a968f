"""What only observes hangs, or ends its process: the money moves as without it (D44).

The simulator does this to every such part (docs/simulator.md), here it happens to real processes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from time import monotonic

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.core.money import HoldState
from show_goal.core.names import transaction_id

from ..black_box.platform import Platform
from ..servers import Servers, wait_until
from .conftest import Document, running

CASES = [f"{part} {how}" for part, how in product(("receiver", "channels", "log"), ("hangs", "exits"))]
VIEWERS = {case: str(ObjectId()) for case in (*CASES, "nothing is wrong")}
WORKER = (
    *(sys.executable, "-m", "celery", "-A", "tests.chaos.observing_host", "worker", "--loglevel", "INFO"),
    *("--concurrency", "4", "--beat", "--scheduler", "celery.beat:Scheduler"),
)
REFUNDED_WITHIN = 20.0
"""A second until the settlement, and one sweep."""


@pytest.fixture(scope="module")
def platform(
    own: Servers, database: Database[Document], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    observing = {"OBSERVING": ",".join(f"{case}={viewer_id}" for case, viewer_id in VIEWERS.items())}
    with running(own, own.rabbitmq_url, database, tmp_path_factory, WORKER, observing) as platform:
        yield platform


@pytest.fixture(scope="module")
def refunds(platform: Platform) -> Mapping[str, float]:
    """How many seconds after the streamer's refusal each viewer has their money again. They all invite at once."""
    wallet, goals = platform.wallet(), dict[str, tuple[Platform, str]]()
    for case, viewer_id in VIEWERS.items():
        platform.database.users.insert_one({"_id": ObjectId(viewer_id), "tags": []})
        wallet.credit(viewer_id, 1_000)
        own = platform.with_another_session()
        response = own.invite(viewer_id, seconds=600)
        assert response.status_code == 202, response.text
        goals[case] = own, response.json()["goal_id"]
    holds = {case: transaction_id(goal_id, VIEWERS[case]) for case, (_, goal_id) in goals.items()}
    wait_until(lambda: all(map(wallet.find, holds.values())), 60, "every hold")
    wait_until(lambda: all(platform.goal(goal_id) for _, goal_id in goals.values()), 60, "every goal")

    seconds, asked = dict[str, float](), monotonic()
    for own, goal_id in goals.values():
        assert own.answer(goal_id, agree=False).status_code == 202

    def all_are_refunded() -> bool:
        for case, transaction in holds.items():
            hold = wallet.find(transaction)
            if case not in seconds and hold is not None and hold.state is HoldState.REFUNDED:
                seconds[case] = monotonic() - asked
        return len(seconds) == len(holds)

    wait_until(all_are_refunded, 2 * REFUNDED_WITHIN, "every refund")
    return seconds


@pytest.mark.parametrize("case", VIEWERS)
def test_money_moves_whatever_observes_it(refunds: Mapping[str, float], case: str) -> None:
    assert refunds[case] < REFUNDED_WITHIN


@pytest.mark.parametrize("case", CASES)
def test_it_has_happened(refunds: Mapping[str, float], platform: Platform, case: str) -> None:
    wait_until(lambda: f"OBSERVING: {case}" in platform.worker.log.read_text(), 30, case)


def test_the_books_add_up(refunds: Mapping[str, float], platform: Platform) -> None:
    audit = platform.wallet().audit(datetime.now(UTC))
    assert (audit.held, audit.problems) == (0, [])
