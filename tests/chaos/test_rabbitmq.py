"""RabbitMQ is killed, hangs, and is short of memory, while requests and tasks run (D19, D27)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from time import time

import pytest
from pymongo.database import Database

from ..black_box.platform import Platform
from ..servers import OtherRabbitServer, RabbitServer, Servers, wait_until
from .conftest import Document, running
from .crowd import Crowd
from .faults import hung, in_memory_alarm, killed
from .measure import Measure
from .scenario import ride_out


def test_killed(platform: Platform, rabbitmq: RabbitServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "RabbitMQ: kill -9, started again", killed(rabbitmq), measure, within=30)


def test_black_hole(platform: Platform, rabbitmq: RabbitServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "RabbitMQ: hangs (SIGSTOP)", hung(rabbitmq), measure, within=30)


def test_memory_alarm(platform: Platform, rabbitmq: RabbitServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "RabbitMQ: memory alarm", in_memory_alarm(rabbitmq), measure, within=30)


def test_goals_end_in_time_in_a_memory_alarm(platform: Platform, rabbitmq: RabbitServer) -> None:
    """RabbitMQ still delivers what is due. A worker that waits until its own heartbeats are taken would miss it."""
    first, second = (_invite(platform.with_another_session(), seconds=seconds) for seconds in (18, 24))
    with in_memory_alarm(rabbitmq):
        for goal_id, exp in (first, second):
            assert exp > time(), "the alarm came too late"
            wait_until(partial(_has_ended, platform, goal_id), exp + 3 - time(), f"the end of {goal_id}")


def _invite(session: Platform, seconds: int) -> tuple[str, int]:
    """The goal's id and exp."""
    answer = session.invite(session.add_viewer(), seconds=seconds).json()
    wait_until(lambda: session.goal(answer["goal_id"]), 10, "the goal")
    return str(answer["goal_id"]), int(answer["exp"])


def _has_ended(platform: Platform, goal_id: str) -> bool:
    return not (platform.goal(goal_id) or {})["active"]


@pytest.fixture(scope="module")
def other_rabbitmq() -> Iterator[OtherRabbitServer]:
    with OtherRabbitServer() as server:
        yield server


@pytest.fixture
def platform_on_other(
    own: Servers,
    other_rabbitmq: OtherRabbitServer,
    database: Database[Document],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Platform]:
    with running(own, other_rabbitmq.url, database, tmp_path_factory) as platform:
        yield platform


def test_other_version_is_killed(
    platform_on_other: Platform, other_rabbitmq: OtherRabbitServer, measure: Measure
) -> None:
    name = "RabbitMQ, the other version: kill -9, started again"
    ride_out(Crowd(platform_on_other), name, killed(other_rabbitmq), measure, within=30)
