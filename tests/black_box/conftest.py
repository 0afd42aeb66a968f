from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve
from pymongo import MongoClient

from ..servers import BROKERS, PusherSubscriber, Servers
from .platform import PATIENT, Platform, running_platform

COOLDOWN = 10
SETTLE_DELAY = 6
"""Seconds within which even a slow machine does what has to happen before."""
SETTINGS = {**PATIENT, "SHOW_GOAL_COOLDOWN": str(COOLDOWN), "SHOW_GOAL_SETTLE_DELAY": str(SETTLE_DELAY)}


@pytest.fixture(scope="session")
def platforms(
    servers: Servers,
    brokers: Callable[[str], str],
    mongo_client: MongoClient[dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Platform]]:
    """One running platform for each broker, started when a test first needs it."""
    with ExitStack() as stack:

        @cache
        def platform(broker: str) -> Platform:
            database = mongo_client[f"show_goal_{uuid4().hex}"]
            stack.callback(mongo_client.drop_database, database.name)
            logs = tmp_path_factory.mktemp(broker)
            return stack.enter_context(running_platform(servers, brokers(broker), database, logs, settings=SETTINGS))

        yield platform


@pytest.fixture(params=[*BROKERS, "other-rabbitmq"])
def platform(
    request: pytest.FixtureRequest, platforms: Callable[[str], Platform], listener: PusherSubscriber
) -> Platform:
    """A new session, on each broker."""
    return evolve(platforms(request.param), listener=listener).with_another_session()


@pytest.fixture
def platform_on_rabbitmq(platforms: Callable[[str], Platform], listener: PusherSubscriber) -> Platform:
    return evolve(platforms("rabbitmq"), listener=listener).with_another_session()


@pytest.fixture
def platform_on_redis(platforms: Callable[[str], Platform], listener: PusherSubscriber) -> Platform:
    return evolve(platforms("redis"), listener=listener).with_another_session()


@pytest.fixture
def listener(servers: Servers) -> Iterator[PusherSubscriber]:
    """A new connection for each test: Pusher closes one on which nothing happens."""
    with PusherSubscriber(servers.pusher_url) as listener:
        yield listener
