"""MongoDB carries out a command, and its reply is lost (D15, D19)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve
from pymongo.database import Database

from ..adapters.mongo.proxy import Proxy, proxy_to
from ..black_box.platform import Platform
from ..servers import MongoServer, Servers
from .conftest import Document, running
from .crowd import Crowd
from .faults import losing_replies
from .measure import Measure
from .scenario import ride_out, settle_through


@pytest.fixture(scope="module")
def proxy(mongod: MongoServer) -> Iterator[Proxy]:
    with proxy_to(("127.0.0.1", mongod.port)) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def platform(
    proxy: Proxy, own: Servers, database: Database[Document], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """With the proxy between the library and MongoDB."""
    through_proxy = evolve(own, mongodb_uri=f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true")
    with running(through_proxy, own.rabbitmq_url, database, tmp_path_factory) as platform:
        yield platform


def test_of_claim_goal_and_hold(platform: Platform, proxy: Proxy, measure: Measure) -> None:
    replies = losing_replies(proxy, {"findAndModify": "sessions"}, {"insert": "goals"}, {"update": "accounts"})
    name = "MongoDB: the replies to claims, inserted goals and holds are lost"
    ride_out(Crowd(platform), name, replies, measure, within=20)


def test_of_settlements(platform: Platform, proxy: Proxy, measure: Measure) -> None:
    replies = losing_replies(proxy, {"insert": "transactions"}, {"update": "accounts"})
    settle_through(Crowd(platform), "MongoDB: the replies to settlements are lost", replies, measure, within=30)
