"""What version each server of the tests is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from celery import Celery
from pymongo import MongoClient
from redis import Redis

from .mongod import MongoServer
from .rabbitmq import OtherRabbitServer, RabbitServer
from .redis import OtherRedisServer, RedisServer
from .server import Server


def versions_of(environment: Mapping[str, str]) -> dict[str, list[str]]:
    """Of the servers that the environment names, by the name of what they are, the oldest first."""
    asked: Mapping[str, tuple[Sequence[type[Server]], Callable[[str], str]]] = {
        "MongoDB": ((MongoServer,), _mongodb),
        "RabbitMQ": ((RabbitServer, OtherRabbitServer), _rabbitmq),
        "Redis": ((RedisServer, OtherRedisServer), _redis),
    }
    return {
        name: sorted((ask(environment[kind.variable]) for kind in kinds), key=_ordered)
        for name, (kinds, ask) in asked.items()
    }


def _mongodb(url: str) -> str:
    with MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=10_000) as client:
        return str(client.server_info()["version"])


def _rabbitmq(url: str) -> str:
    with Celery(broker=url, set_as_current=False).connection_for_read(connect_timeout=10) as connection:
        return str(connection.connection.server_properties["version"])


def _redis(url: str) -> str:
    with Redis.from_url(url, socket_timeout=10) as client:
        info: Any = client.info("server")
        return str(info["redis_version"])


def _ordered(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]
