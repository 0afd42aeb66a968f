"""RabbitMQ is killed, hangs, and is short of memory, while requests and tasks run (D19, D27)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pymongo.database import Database

from ..black_box.platform import Platform
from ..servers import OtherRabbitServer, RabbitServer, Servers
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
