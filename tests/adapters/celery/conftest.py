from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.servers import Servers

from .worker import RecordingWorker, own_settings, recording_worker


@pytest.fixture(scope="session", params=["rabbitmq", "redis"])
def broker_url(request: pytest.FixtureRequest, servers: Servers) -> str:
    """RabbitMQ's, then Redis'."""
    return servers.rabbitmq_url if request.param == "rabbitmq" else servers.redis_url


@pytest.fixture(scope="session")
def worker(broker_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingWorker]:
    """A worker on a queue of its own, which retries twice, each time within a second."""
    settings = own_settings(max_retries=2, retry_backoff_max=1)
    with recording_worker(broker_url, tmp_path_factory.mktemp("worker"), settings) as worker:
        yield worker


@pytest.fixture
def goal_id() -> str:
    return uuid4().hex[:24]
