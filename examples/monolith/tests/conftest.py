"""The company's fixtures. They need MONGODB_URI, RABBITMQ_URL, REDIS_URL and PUSHER_URL, which its CI sets:

python -m tests.servers run -- python -m pytest examples/monolith/tests
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from uuid import uuid4

import mongoengine
import pytest

from examples.monolith.running import environment, running_wallet_service
from tests.servers import Servers
from tests.servers.ports import free_port

WALLET_PORT = free_port()
os.environ.update(
    environment(Servers.from_environment(), f"monolith_{uuid4().hex}", f"http://127.0.0.1:{WALLET_PORT}/tests")
)


@pytest.fixture(scope="session")
def wallet_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real wallet service, in a separate process."""
    with running_wallet_service(tmp_path_factory.mktemp("wallet"), WALLET_PORT):
        yield f"http://127.0.0.1:{WALLET_PORT}"


@pytest.fixture(scope="session")
def database() -> Iterator[None]:
    from examples.monolith import config, models
    from examples.monolith.celery_app import app
    from examples.monolith.embedding import private_shows

    app.conf.task_always_eager = True  # for our own tasks; private shows use the container's task queue
    models.connect()
    private_shows.create_indexes()
    yield
    mongoengine.get_connection().drop_database(config.MONGODB["database"])
    mongoengine.disconnect_all()
