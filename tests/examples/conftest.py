from __future__ import annotations

from typing import Any

import pytest
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, create_indexes

from ..black_box import platform
from ..servers import Servers


@pytest.fixture
def environment(servers: Servers, mongo_database: Database[dict[str, Any]]) -> dict[str, str]:
    """Environment variables for the examples: the tests' servers, with a fresh database and queue."""
    create_indexes(mongo_database, MongoSettings(timeout_ms=30_000))
    return {
        **platform.environment(servers, servers.rabbitmq_url, mongo_database),
        **platform.PATIENT,
        "SECRET_KEY": "tests",
    }
