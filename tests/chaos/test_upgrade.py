"""An upgrade rolls: version 0.1 and today's work side by side, whichever process is replaced first (D45)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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

Upgrade = Callable[[Platform, Path], AbstractContextManager[Platform]]


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
def todays_worker(old: Platform, folder: Path) -> Iterator[Platform]:
    worker = Process(WORKER_WITH_BEAT, folder / "worker.log", env=old.environment, cwd=ROOT)
    try:
        wait_for_worker(worker)
        old.worker.stop(deadline=60)
        yield old
    finally:
        worker.stop()


@contextmanager
def todays_web(old: Platform, folder: Path) -> Iterator[Platform]:
    """Beside the old one, to which those who came before still send their requests."""
    with running_web(GUNICORN, folder / "web.log", old.environment) as address:
        yield evolve(old, address=address)


@pytest.mark.parametrize(
    ("what", "upgrade"),
    [
        pytest.param("today's worker, web of 0.1", todays_worker, id="worker first"),
        pytest.param("today's web, worker of 0.1", todays_web, id="web first"),
    ],
)
def test_an_upgrade_rolls(
    old: Platform, broker: str, what: str, upgrade: Upgrade, tmp_path: Path, measure: Measure
) -> None:
    answered, before = Crowd(old, sessions=2, patient=True), Crowd(old, sessions=4, patient=True)
    paid(answered)
    answered.answer_goals()
    invited(before)
    with upgrade(old, tmp_path) as mixed:
        during, began = Crowd(mixed), monotonic()
        with during.inviting():
            during.wait_until_accepted(0, WITHIN)
            before.wait_until_paid(WITHIN)
        during.wait_until_paid(WITHIN)
        recovered = monotonic() - began
        for crowd in (before, during):
            crowd.answer_goals()
        for crowd in (answered, before, during):
            crowd.wait_until_settled(60)
    audit = Audit.together([crowd.audit() for crowd in (answered, before, during)])
    agreed = (len(answered.guests) + len(before.guests) + len(during.guests)) // 2
    assert (audit.released, audit.refunded) == (agreed, agreed), "every other streamer agreed and went on sd"
    name = f"{broker}: an upgrade, {what}"
    measure(name, during.answers, recovered=recovered, within=WITHIN, audit=audit)


def invited(crowd: Crowd) -> None:
    with crowd.inviting():
        crowd.wait_until_accepted(0, WITHIN)


def paid(crowd: Crowd) -> None:
    invited(crowd)
    crowd.wait_until_paid(WITHIN)
