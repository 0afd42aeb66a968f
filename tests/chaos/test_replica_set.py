"""A replica set of three nodes loses its primary, for good, while requests and tasks run (D19, D27)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from pymongo import MongoClient

from ..black_box.platform import Platform
from ..servers import PusherServer, RabbitServer, Servers
from .conftest import Document, running
from .crowd import Crowd
from .measure import Measure
from .scenario import ride_out
from .three_nodes import ReplicaSet


@pytest.fixture(scope="module")
def replica_set() -> Iterator[ReplicaSet]:
    with ReplicaSet() as replica_set:
        yield replica_set


@pytest.fixture(scope="module")
def platform(
    replica_set: ReplicaSet, rabbitmq: RabbitServer, pusher: PusherServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    servers = Servers(mongodb_uri=replica_set.url, rabbitmq_url=rabbitmq.url, redis_url="", pusher_url=pusher.url)
    with MongoClient[Document](replica_set.url, tz_aware=True) as client:
        database = client[f"chaos_{uuid4().hex}"]
        with running(servers, servers.rabbitmq_url, database, tmp_path_factory) as platform:
            yield platform


@contextmanager
def primary_killed(replica_set: ReplicaSet) -> Iterator[None]:
    """The test measures how long the other two take."""
    replica_set.primary().kill()
    yield


def test_primary_is_lost(platform: Platform, replica_set: ReplicaSet, measure: Measure) -> None:
    name = "MongoDB, three nodes: the primary is killed and stays away"
    ride_out(Crowd(platform), name, primary_killed(replica_set), measure, within=40, comes_back=False)
