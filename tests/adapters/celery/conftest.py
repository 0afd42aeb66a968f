from __future__ import annotations

from uuid import uuid4

import pytest


@pytest.fixture
def goal_id() -> str:
    return uuid4().hex[:24]
