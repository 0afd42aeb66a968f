"""All four servers: the user's own where the environment names them, else fresh ones."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from urllib.parse import urlsplit

from attrs import asdict, fields, frozen

from .mongod import MongoServer
from .process import ServerError
from .pusher import PusherServer
from .rabbitmq import RabbitServer
from .redis import RedisServer
from .server import Server
from .signals import interrupted_by_sigterm, undisturbed

Report = Callable[[str], None]
SERVERS: tuple[type[Server], ...] = (MongoServer, RabbitServer, RedisServer, PusherServer)


@frozen
class Servers:
    """Where the four servers are."""

    mongodb_uri: str
    rabbitmq_url: str
    redis_url: str
    pusher_url: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Servers:
        names = [field.name.upper() for field in fields(cls)]
        if missing := [name for name in names if not environment.get(name)]:
            raise ServerError(f"Not set: {', '.join(missing)}")
        return cls(**{name.lower(): environment[name] for name in names})

    def as_environment(self) -> dict[str, str]:
        return {name.upper(): value for name, value in asdict(self).items()}

    def as_settings(self, broker_url: str | None = None) -> dict[str, str]:
        """The library's own variables; RabbitMQ is the broker unless another is said."""
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


@contextmanager
def running_servers(report: Report = lambda line: None) -> Iterator[Servers]:
    """The user's servers, and those that are not set started side by side and stopped at the end."""
    with started_servers(report) as started:
        yield Servers.from_environment(os.environ | {server.variable: server.url for server in started})


@contextmanager
def started_servers(report: Report) -> Iterator[Sequence[Server]]:
    """Those that the environment does not name, for who wants to know how they are."""
    wanted = [kind for kind in SERVERS if not os.environ.get(kind.variable)]
    for kind in SERVERS:
        if kind not in wanted:
            report(f"{kind.title}: yours, from {kind.variable}")
    with interrupted_by_sigterm():
        started: list[Server] = []
        try:
            started += [kind() for kind in wanted]
            _start(started, report)
            yield started
        finally:
            with undisturbed():
                _together(started, Server.close)


def _start(servers: list[Server], report: Report) -> None:
    def start(server: Server) -> None:
        begin = time.monotonic()
        server.start()
        seconds = time.monotonic() - begin
        report(f"{server.title} {server.version} is ready at {server.url} ({seconds:.1f} s)")

    with ThreadPoolExecutor() as executor:
        try:
            futures = [executor.submit(start, server) for server in servers]
            wait(futures, return_when=FIRST_EXCEPTION)
            _raise_first(futures)
        except BaseException:
            # Those that are still starting then fail at once, instead of at the end of their deadline.
            with undisturbed():
                _together(servers, Server.close)
            raise


def _together(servers: list[Server], action: Callable[[Server], None]) -> None:
    if not servers:
        return
    with ThreadPoolExecutor(len(servers)) as executor:
        futures = [executor.submit(action, server) for server in servers]
    _raise_first(futures)


def _raise_first(futures: list[Future[None]]) -> None:
    for future in futures:
        if future.done():
            future.result()
