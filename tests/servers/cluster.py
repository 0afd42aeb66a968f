"""The servers of the tests: those that the environment names, and fresh ones for the rest."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from urllib.parse import urlsplit

from attrs import field, frozen

from .mongod import MongoServer
from .pusher import PusherServer
from .rabbitmq import OtherRabbitServer, RabbitServer
from .redis import OtherRedisServer, RedisServer
from .server import ProgramMissing, Server
from .signals import interrupted_by_sigterm, undisturbed

Report = Callable[[str], None]
SERVERS: tuple[type[Server], ...] = (MongoServer, RabbitServer, RedisServer, PusherServer)
BROKERS: Mapping[str, type[Server]] = {"rabbitmq": RabbitServer, "redis": RedisServer}
OTHER_BROKERS: Mapping[str, type[Server]] = {"other-rabbitmq": OtherRabbitServer, "other-redis": OtherRedisServer}
"""One is old and one is new: which, depends on the machine's Debian."""
ALL_BROKERS = {**BROKERS, **OTHER_BROKERS}


@frozen
class Servers:
    """Where the four servers are. To ask for one that is missing raises ProgramMissing."""

    _mongodb_uri: str = field(alias="mongodb_uri")
    _rabbitmq_url: str = field(alias="rabbitmq_url")
    _redis_url: str = field(alias="redis_url")
    _pusher_url: str = field(alias="pusher_url")

    @property
    def mongodb_uri(self) -> str:
        return _known(self._mongodb_uri, MongoServer)

    @property
    def rabbitmq_url(self) -> str:
        return _known(self._rabbitmq_url, RabbitServer)

    @property
    def redis_url(self) -> str:
        return _known(self._redis_url, RedisServer)

    @property
    def pusher_url(self) -> str:
        return _known(self._pusher_url, PusherServer)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Servers:
        return cls(*(environment.get(kind.variable, "") for kind in SERVERS))

    def as_environment(self) -> dict[str, str]:
        urls = (self.mongodb_uri, self.rabbitmq_url, self.redis_url, self.pusher_url)
        return {kind.variable: url for kind, url in zip(SERVERS, urls, strict=True)}

    def as_settings(self, broker_url: str | None = None) -> dict[str, str]:
        """The library's own variables. RabbitMQ is the broker unless you name another."""
        pusher = urlsplit(self.pusher_url)
        return {
            "SHOW_GOAL_MONGODB_URI": self.mongodb_uri,
            "SHOW_GOAL_BROKER_URL": broker_url or self.rabbitmq_url,
            "SHOW_GOAL_PUSHER_APP_ID": pusher.path.rpartition("/")[2],
            "SHOW_GOAL_PUSHER_KEY": pusher.username or "",
            "SHOW_GOAL_PUSHER_SECRET": pusher.password or "",
            "SHOW_GOAL_PUSHER_HOST": pusher.hostname or "",
            "SHOW_GOAL_PUSHER_PORT": str(pusher.port),
            "SHOW_GOAL_PUSHER_SSL": "false",
        }


def _known(url: str, kind: type[Server]) -> str:
    if not url:
        raise ProgramMissing(kind)
    return url


@contextmanager
def running_servers(report: Report = lambda line: None, *, partly: bool = False) -> Iterator[Servers]:
    """The user's servers, and fresh ones in place of those that the environment does not name."""
    with started_servers(SERVERS, report, partly=partly) as started:
        yield Servers.from_environment(os.environ | {server.variable: server.url for server in started})


@contextmanager
def running_server(kind: type[Server]) -> Iterator[str]:
    """The address of the user's server, or of a fresh one."""
    if yours := os.environ.get(kind.variable):
        yield yours
        return
    with kind() as server:
        yield server.url


@contextmanager
def started_servers(kinds: Sequence[type[Server]], report: Report, *, partly: bool) -> Iterator[Sequence[Server]]:
    """Start, side by side, those that the environment does not name; stop them at the end.

    A missing program raises ProgramMissing before anything starts, or is left out if you ask for `partly`.
    """
    wanted = []
    for kind in kinds:
        if kind.is_yours():
            report(f"{kind.title}: yours, from {kind.variable}")
        elif not kind.missing():
            wanted.append(kind)
        elif partly:
            report(str(ProgramMissing(kind)))
        else:
            raise ProgramMissing(kind)
    with interrupted_by_sigterm(), ThreadPoolExecutor(2 * len(kinds)) as executor:
        servers: list[Server] = []
        try:
            servers += [kind() for kind in wanted]
            for start in as_completed([executor.submit(_start, server, report) for server in servers]):
                start.result()
            yield servers
        finally:
            with undisturbed():  # Those that are still starting fail at once.
                list(executor.map(Server.close, servers))


def _start(server: Server, report: Report) -> None:
    begin = time.monotonic()
    server.start()
    report(f"{server.title} is ready at {server.url} ({time.monotonic() - begin:.1f} s)")
