"""An upgrade rolls: the processes of version 0.1 and today's work side by side (D45)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from uuid import uuid4

import pytest
from attrs import evolve
from pymongo import MongoClient

from ..black_box.platform import GUNICORN, ROOT, WORKER, Platform, running_web, wait_for_worker
from ..last_version import of_the_last_version
from ..servers import Servers
from ..servers.process import Process
from .conftest import Document, running
from .crowd import Audit, Crowd
from .measure import Measure

WORKER_WITH_BEAT = (*WORKER, "--beat")
SETTLED_LATER = {"SHOW_GOAL_SETTLE_DELAY": "5"}
"""Seconds for which settlements wait, so that the process is replaced meanwhile."""
WITHIN = 30.0


@pytest.fixture(params=["RabbitMQ", "Redis"])
def broker(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def old(
    broker: str, own: Servers, client: MongoClient[Document], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """All of version 0.1, which declares its queue."""
    web, worker = of_the_last_version(GUNICORN), of_the_last_version(WORKER_WITH_BEAT)
    url, database = own.rabbitmq_url if broker == "RabbitMQ" else own.redis_url, client[f"chaos_{uuid4().hex}"]
    with running(own, url, database, tmp_path_factory, worker, SETTLED_LATER, web) as platform:
        yield platform


@contextmanager
def todays_web(old: Platform, log: Path) -> Iterator[Platform]:
    """Beside the old one, to which those who came before still send their requests."""
    with running_web(GUNICORN, log, old.environment) as address:
        yield evolve(old, address=address)


@contextmanager
def todays_worker(old: Platform, log: Path) -> Iterator[None]:
    """In place of the old one, which hands back what it has not begun."""
    worker = Process(WORKER_WITH_BEAT, log, env=old.environment, cwd=ROOT)
    try:
        wait_for_worker(worker)
        old.worker.stop(deadline=60)
        yield
    finally:
        worker.stop()


def test_an_upgrade_rolls(old: Platform, broker: str, tmp_path: Path, measure: Measure) -> None:
    """The web process is replaced first, then the worker. The old web process stays to the end."""
    with todays_web(old, tmp_path / "web.log") as new:
        ended, unpaid = Crowd(new, sessions=4), Crowd(old, sessions=2, patient=True)
        recovered = seconds_until_paid(ended)
        ended.answer_goals()
        invite(unpaid)
        # The old worker has the timers of the settlements, and messages that it has not begun.
        with todays_worker(old, tmp_path / "worker.log"):
            late = [Crowd(old, sessions=4), Crowd(new, sessions=4)]
            recovered = max(recovered, *map(seconds_until_paid, late))
            unpaid.wait_until_paid(WITHIN)
            for crowd in (*late, unpaid):
                crowd.answer_goals()
            crowds = [ended, unpaid, *late]
            for crowd in crowds:
                crowd.wait_until_settled(60)
    audit = Audit.together([crowd.audit() for crowd in crowds])
    agreed = sum(len(crowd.guests) for crowd in crowds) // 2
    assert (audit.released, audit.refunded) == (agreed, agreed), "every other streamer agreed, and went on sd"
    answers = [answer for crowd in late for answer in crowd.answers]  # The first of each process takes longer.
    measure(f"{broker}: an upgrade from version 0.1", answers, recovered=recovered, within=WITHIN, audit=audit)


def invite(crowd: Crowd) -> None:
    with crowd.inviting():
        crowd.wait_until_accepted(0, WITHIN)


def seconds_until_paid(crowd: Crowd) -> float:
    began = monotonic()
    with crowd.inviting():
        crowd.wait_until_accepted(0, WITHIN)
        crowd.wait_until_paid(WITHIN)
    return monotonic() - began
