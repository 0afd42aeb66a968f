"""If any one server is gone or hangs, the route responds within 3 s, and the same request succeeds later (D27).

The app runs under gunicorn, with and without threads, in one process or two, loaded before or after the fork. It
reaches each server through a proxy, which refuses every connection, or takes every request and swallows the reply. The
worker connects to the servers directly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest
from attrs import evolve, frozen

from ..adapters.mongo.proxy import Proxy, proxy_to
from ..black_box.platform import GUNICORN, ROOT, Platform
from ..servers import Servers, wait_until
from ..servers.ports import free_port
from ..servers.process import Process
from . import gunicorn_conf
from .conftest import running
from .crowd import Answer, Audit, Crowd
from .measure import ANSWER_WITHIN, Measure

BROKERS = ("RabbitMQ", "Redis")
DEPENDENCIES = ("MongoDB", "RabbitMQ", "Redis", "Pusher")
FAULTS: Mapping[str, Callable[[Proxy], None]] = {"gone": Proxy.refuse, "hangs": Proxy.swallow_replies}


@frozen
class Web:
    """gunicorn with some options, on each broker."""

    on_rabbitmq: Platform
    on_redis: Platform
    processes: int
    at_once: int
    logs: Path

    def has_warmed_up(self, broker: str) -> bool:
        """Whether each process has handled a request, and so has built its adapters."""
        answers = re.findall(rf"Process (\d+) {gunicorn_conf.ANSWERED}", (self.logs / f"{broker}.log").read_text())
        return len(set(answers)) == self.processes

    def behind(self, dependency: str) -> Platform:
        return self.on_redis if dependency == "Redis" else self.on_rabbitmq


@pytest.fixture(scope="module")
def proxies(own: Servers) -> Iterator[Mapping[str, Proxy]]:
    urls = (own.mongodb_uri, own.rabbitmq_url, own.redis_url, own.pusher_url)
    ports = [urlsplit(url).port or 0 for url in urls]
    with ExitStack() as stack:
        proxies = [stack.enter_context(proxy_to(("127.0.0.1", port))) for port in ports]
        yield dict(zip(DEPENDENCIES, proxies, strict=True))


@pytest.fixture(scope="module")
def on_redis(own: Servers, platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The same platform, with another worker for the tasks on Redis."""
    with running(own, own.redis_url, platform.database, tmp_path_factory) as platform:
        yield platform


@pytest.fixture(params=[False, True], ids=["loaded after the fork", "loaded before the fork"])
def preload(request: pytest.FixtureRequest) -> Sequence[str]:
    return ["--preload"] if request.param else []


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
def processes(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(params=[1, 4], ids=["sync", "threads"])
def threads(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def web(
    threads: int,
    processes: int,
    preload: Sequence[str],
    platform: Platform,
    on_redis: Platform,
    proxies: Mapping[str, Proxy],
    tmp_path: Path,
) -> Iterator[Web]:
    options = ["--threads", str(threads), *preload]
    with (
        served(platform, proxies, "RabbitMQ", processes, options, tmp_path) as rabbitmq,
        served(on_redis, proxies, "Redis", processes, options, tmp_path) as redis,
    ):
        yield Web(rabbitmq, redis, processes, at_once=max(threads, processes), logs=tmp_path)


@contextmanager
def served(
    platform: Platform, proxies: Mapping[str, Proxy], broker: str, processes: int, options: Sequence[str], logs: Path
) -> Iterator[Platform]:
    """The platform with another web process, which reaches every server through its proxy."""
    ports = {name: proxy.port for name, proxy in proxies.items()}
    urls = {
        "RabbitMQ": f"amqp://guest:guest@127.0.0.1:{ports['RabbitMQ']}//",
        "Redis": f"redis://127.0.0.1:{ports['Redis']}/0",
    }
    variables = platform.environment | {
        "SHOW_GOAL_MONGODB_URI": f"mongodb://127.0.0.1:{ports['MongoDB']}/?directConnection=true",
        "SHOW_GOAL_BROKER_URL": urls[broker],
        "SHOW_GOAL_PUSHER_PORT": str(ports["Pusher"]),
    }
    port = free_port()
    log = logs / f"{broker}.log"
    command = [*GUNICORN, "--config", gunicorn_conf.__file__, "--bind", f"127.0.0.1:{port}"]
    web = Process([*command, "--workers", str(processes), *options], log, env=variables, cwd=ROOT)
    try:
        web.wait_ready(lambda: log.read_text().count(gunicorn_conf.READY) == processes, 60)
        yield evolve(platform, address=f"http://127.0.0.1:{port}")
    finally:
        web.stop()


def test_answers_in_time(
    web: Web, proxies: Mapping[str, Proxy], measure: Measure, request: pytest.FixtureRequest
) -> None:
    crowds, answers, recovered = [warmed_up(web, broker) for broker in BROKERS], list[Answer](), 0.0
    for dependency, how in product(DEPENDENCIES, FAULTS):
        crowd = Crowd(web.behind(dependency), sessions=web.at_once, viewers=1)
        crowds.append(crowd)
        FAULTS[how](proxies[dependency])
        given = all_invite(crowd)
        proxies[dependency].forward()
        recovered = max(recovered, seconds_until_all_are_accepted(crowd))
        answers += given
        slowest = max(answer.seconds for answer in given)
        assert slowest <= ANSWER_WITHIN, f"{dependency} {how}: {slowest:.1f} s"
        if dependency == "Pusher":
            assert {answer.status for answer in given} == {202}, f"no request waits for Pusher, which {how}"
    for crowd in crowds:
        crowd.wait_until_paid(60)
        crowd.answer_goals()
    for crowd in crowds:
        crowd.wait_until_settled(60)
    audit = Audit.together([crowd.audit() for crowd in crowds])
    name = f"gunicorn, {request.node.callspec.id}: each of the four gone, then hung"
    measure(name, answers, recovered=recovered, within=5, audit=audit)


def warmed_up(web: Web, broker: str) -> Crowd:
    """Send requests until each process has handled its first."""
    crowd = Crowd(web.behind(broker), sessions=2 * web.at_once, viewers=1)

    def has_warmed_up() -> bool:
        seconds_until_all_are_accepted(crowd)
        return web.has_warmed_up(broker)

    wait_until(has_warmed_up, 60, "a response from each process")
    return crowd


def seconds_until_all_are_accepted(crowd: Crowd) -> float:
    begin = monotonic()
    wait_until(lambda: {answer.status for answer in all_invite(crowd)} == {202}, 20, "everybody's 202")
    return monotonic() - begin


def all_invite(crowd: Crowd) -> list[Answer]:
    """All guests invite at once. They are as many as one process can serve, because a queued request waits longer."""
    with ThreadPoolExecutor(len(crowd.guests)) as pool:
        list(pool.map(lambda guest: guest.invite(), crowd.guests))
    return [guest.answers[-1] for guest in crowd.guests]
