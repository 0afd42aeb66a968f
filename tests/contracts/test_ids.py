from __future__ import annotations

import subprocess
import sys

import pytest

from show_goal.adapters.memory import MemoryIds
from show_goal.adapters.mongo import MongoIds
from show_goal.testing.conformance import IdsConformance, IdsUnderTest

ELSEWHERE = "from show_goal.adapters.mongo import MongoIds; ids = MongoIds(); print(*(ids.new() for _ in range(500)))"


class TestMemoryIds(IdsConformance):
    """Unique if each process has its own prefix."""

    @pytest.fixture
    def under_test(self) -> IdsUnderTest:
        ids = MemoryIds(prefix="b")
        return IdsUnderTest(ids=MemoryIds(prefix="a"), elsewhere=lambda: [ids.new() for _ in range(500)])


class TestMongoIds(IdsConformance):
    @pytest.fixture
    def under_test(self) -> IdsUnderTest:
        def elsewhere() -> list[str]:
            run = subprocess.run([sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, check=True)
            return run.stdout.split()

        return IdsUnderTest(ids=MongoIds(), elsewhere=elsewhere)
