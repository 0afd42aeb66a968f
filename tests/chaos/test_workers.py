"""A worker, or one of its processes, is killed while it moves money (D19)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from celery import Celery
from pymongo import MongoClient
from pymongo.database import Database

from ..black_box.platform import ROOT, WORKER, Platform
from ..servers import Servers, wait_until
from ..servers.process import Process
from .conftest import HOST_WORKER, Document, running
from .crowd import Crowd
from .faults import failing, wait_until_failed
from .measure import Measure
from .scenario import ride_out

HELD_UP = 3.0
"""Seconds for which MongoDB delays the hold during which a process is killed."""
WITHIN = {"RabbitMQ": 30.0, "Redis": 45.0}
"""Redis redelivers a dead worker's messages after 10 s (tests.chaos.host), and looks for them every 10 s."""
PATIENT = {"SHOW_GOAL_MONGODB_TIMEOUT_MS": "10000"}


@pytest.fixture(params=["RabbitMQ", "Redis"])
def broker(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def command(broker: str) -> Sequence[str]:
    return (*WORKER, "--beat") if broker == "RabbitMQ" else HOST_WORKER


@pytest.fixture
def platform(
    broker: str,
    command: Sequence[str],
    own: Servers,
    database: Database[Document],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Platform]:
    url = own.rabbitmq_url if broker == "RabbitMQ" else own.redis_url
    with running(own, url, database, tmp_path_factory, command, PATIENT) as platform:
        yield platform


@pytest.fixture
def start_another(platform: Platform, command: Sequence[str], tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Start another worker, as a supervisor would."""
    with ExitStack() as stack:

        def start() -> None:
            worker = Process(command, tmp_path / "another.log", env=platform.environment, cwd=ROOT)
            stack.callback(worker.stop)
            worker.wait_ready(lambda: " ready." in worker.log.read_text(), 60)

        yield start


@contextmanager
def in_the_middle_of_a_hold(client: MongoClient[Document], platform: Platform) -> Iterator[None]:
    """The block begins while MongoDB delays one worker's update of an account. The update is made afterwards."""
    command = {"configureFailPoint": "failCommand", "mode": "off"}
    entered = client.admin.command(command)["count"]
    hold = {"namespace": f"{platform.database.name}.accounts", "blockConnection": True, "blockTimeMS": HELD_UP * 1_000}
    with failing(client, "update", **hold):
        wait_until_failed(client, entered + 1)
        yield


def tasks_running(platform: Platform) -> list[Document]:
    with Celery(broker=platform.environment["SHOW_GOAL_BROKER_URL"], set_as_current=False) as app:
        active: dict[str, list[Document]] = app.control.inspect(timeout=1, limit=1).active() or {}
    return [task for tasks in active.values() for task in tasks]


@contextmanager
def parent_killed(
    client: MongoClient[Document], platform: Platform, start_another: Callable[[], None]
) -> Iterator[None]:
    """Its child processes live until they notice. They may finish a task that another worker has by then."""
    with in_the_middle_of_a_hold(client, platform):
        os.kill(platform.worker.pid, signal.SIGKILL)
    yield
    start_another()


@contextmanager
def child_killed(client: MongoClient[Document], platform: Platform) -> Iterator[None]:
    with in_the_middle_of_a_hold(client, platform):
        transfers = wait_until(lambda: [t for t in tasks_running(platform) if t["name"] == "show_goal.transfer"], 30)
        for pid in {transfer["worker_pid"] for transfer in transfers}:
            os.kill(pid, signal.SIGKILL)
        yield


def test_parent_is_killed(
    platform: Platform,
    broker: str,
    client: MongoClient[Document],
    start_another: Callable[[], None],
    measure: Measure,
) -> None:
    fault = parent_killed(client, platform, start_another)
    ride_out(
        Crowd(platform, patient=True),
        f"Worker on {broker}: kill -9 in mid-task, another started",
        fault,
        measure,
        within=WITHIN[broker],
    )


def test_child_is_killed(platform: Platform, broker: str, client: MongoClient[Document], measure: Measure) -> None:
    fault = child_killed(client, platform)
    ride_out(
        Crowd(platform, patient=True),
        f"Worker's process on {broker}: kill -9 in mid-task",
        fault,
        measure,
        within=WITHIN[broker],
        lasts=0,
        comes_back=False,
    )
