from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.servers import ALL_BROKERS


@pytest.fixture(scope="session", params=ALL_BROKERS)
def broker_url(request: pytest.FixtureRequest, brokers: Callable[[str], str]) -> str:
    """Old and new: the queue is where they differ."""
    return brokers(request.param)


@pytest.fixture
def goal_id() -> str:
    return uuid4().hex[:24]
