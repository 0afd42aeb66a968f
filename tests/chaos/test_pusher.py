"""Pusher is down, hangs, responds with 500: requests and money go on, and it gets every event later (D21, D27)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from pymongo import MongoClient

from show_goal.core.names import transaction_id

from ..adapters.pusher.far_end import FarEnd
from ..black_box.platform import Platform
from ..servers import PusherServer, Servers, wait_until
from .conftest import Document, running
from .crowd import Crowd
from .faults import hung, killed
from .measure import Measure
from .scenario import ride_out

UNTOUCHED = {"202"}
NAMED_BY = {"create_goal": "goal_id", "increment_goal_progress": "transaction_id"}
"""The tasks that notify during an invitation, and the id that identifies a trace of each."""


def notified(platform: Platform) -> set[str]:
    """The goals and transactions whose notifications Pusher has all taken, by the worker's traces (D28)."""
    whole, _, _ = platform.worker.log.read_text().rpartition("\n")
    lines = [line.partition("{")[2] for line in whole.splitlines() if '"unit"' in line]
    traces = [json.loads("{" + line) for line in lines]
    done = [trace for trace in traces if trace["outcome"] == "done"]
    return {trace[NAMED_BY[trace["unit"]]] for trace in done if trace["unit"] in NAMED_BY}


def paid_and_notified(crowd: Crowd, deadline: float) -> None:
    crowd.wait_until_paid(deadline)
    goals = {(goal_id, guest.viewer_id) for guest in crowd.guests for goal_id in guest.goals}
    wanted = {goal_id for goal_id, _ in goals} | {transaction_id(*ids) for ids in goals}
    wait_until(lambda: wanted <= notified(crowd.platform), deadline, "the announcement of every goal and its progress")


def test_killed(platform: Platform, pusher: PusherServer, measure: Measure) -> None:
    fault = killed(pusher)
    ride_out(Crowd(platform), "Pusher: down, started again", fault, measure, within=40, until=paid_and_notified)
    assert measure.statuses == UNTOUCHED


def test_black_hole(platform: Platform, pusher: PusherServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "Pusher: hangs (SIGSTOP)", hung(pusher), measure, within=40, until=paid_and_notified)
    assert measure.statuses == UNTOUCHED


class TestErrors:
    @pytest.fixture
    def far_end(self) -> Iterator[FarEnd]:
        with FarEnd() as far_end:
            yield far_end

    @pytest.fixture
    def platform(
        self, far_end: FarEnd, own: Servers, client: MongoClient[Document], tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Platform]:
        """A second platform, with its own database and queue."""
        database = client[f"chaos_{uuid4().hex}"]
        settings = {"SHOW_GOAL_PUSHER_PORT": str(far_end.port)}
        with running(own, own.rabbitmq_url, database, tmp_path_factory, settings=settings) as platform:
            yield platform

    def test_answers_500(self, platform: Platform, far_end: FarEnd, measure: Measure) -> None:
        fault = answering(far_end, 500)
        ride_out(Crowd(platform), "Pusher: answers 500", fault, measure, within=40, until=paid_and_notified)
        assert measure.statuses == UNTOUCHED


@contextmanager
def answering(far_end: FarEnd, status: int) -> Iterator[None]:
    far_end.status = status
    before = len(far_end.asked)
    try:
        yield
        wait_until(lambda: len(far_end.asked) > before, 30, "a notification")
    finally:
        far_end.status = 200
