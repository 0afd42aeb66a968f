from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from ..servers import Servers
from .platform import PATIENT, Platform, running_platform


@pytest.fixture(params=["rabbitmq", "redis"])
def platform(
    request: pytest.FixtureRequest, servers: Servers, mongo_database: Database[dict[str, Any]], tmp_path: Path
) -> Iterator[Platform]:
    broker_url = servers.rabbitmq_url if request.param == "rabbitmq" else servers.redis_url
    with running_platform(servers, broker_url, mongo_database, tmp_path, settings=PATIENT) as platform:
        yield platform
