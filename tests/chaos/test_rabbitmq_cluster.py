"""Three RabbitMQ nodes lose the one that leads the flow's queue, for good, while requests and tasks run (D19, D27)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pymongo.database import Database

from ..black_box.platform import Platform
from ..servers import MongoServer, PusherServer, Servers
from ..servers.rabbitmq_cluster import RabbitCluster
from .conftest import Document, running
from .crowd import Crowd
from .measure import Measure
from .scenario import ride_out


@pytest.fixture(scope="module")
def cluster() -> Iterator[RabbitCluster]:
    with RabbitCluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def platform(
    cluster: RabbitCluster,
    mongod: MongoServer,
    pusher: PusherServer,
    database: Database[Document],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Platform]:
    servers = Servers(mongodb_uri=mongod.url, rabbitmq_url=cluster.url, redis_url="", pusher_url=pusher.url)
    with running(servers, cluster.url, database, tmp_path_factory) as platform:
        yield platform


@contextmanager
def leader_killed(cluster: RabbitCluster, queue: str) -> Iterator[None]:
    """The web process and the worker are connected to it: they go to another node, and the queue has another leader."""
    cluster.leader(queue).kill()
    yield


def test_leader_is_lost(platform: Platform, cluster: RabbitCluster, measure: Measure) -> None:
    fault = leader_killed(cluster, platform.environment["SHOW_GOAL_QUEUE"])
    name = "RabbitMQ, three nodes: the queue's leader is killed and stays away"
    ride_out(Crowd(platform), name, fault, measure, within=40, comes_back=False)
