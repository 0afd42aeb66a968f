from __future__ import annotations

from uuid import uuid4

import pytest

from tests.servers import Servers


@pytest.fixture(scope="session", params=["rabbitmq", "redis"])
def broker_url(request: pytest.FixtureRequest, servers: Servers) -> str:
    return servers.rabbitmq_url if request.param == "rabbitmq" else servers.redis_url


@pytest.fixture
def goal_id() -> str:
    return uuid4().hex[:24]
