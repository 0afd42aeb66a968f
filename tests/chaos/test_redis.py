"""Redis as the broker is killed and hangs, while requests and tasks run (D19, D27)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pymongo.database import Database

from ..black_box.platform import Platform
from ..servers import RedisServer, Servers
from .conftest import HOST_WORKER, Document, running
from .crowd import Crowd
from .faults import hung, killed
from .measure import Measure
from .scenario import ride_out


@pytest.fixture(scope="module")
def platform(
    own: Servers, database: Database[Document], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    with running(own, own.redis_url, database, tmp_path_factory, HOST_WORKER) as platform:
        yield platform


def test_killed(platform: Platform, redis: RedisServer, measure: Measure) -> None:
    name = "Redis (appendfsync always): kill -9, started again"
    ride_out(Crowd(platform), name, killed(redis), measure, within=40)


def test_black_hole(platform: Platform, redis: RedisServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "Redis: hangs (SIGSTOP)", hung(redis), measure, within=40)
