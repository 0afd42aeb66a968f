"""Time and ids, each in memory and real."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from show_goal.adapters.clock import SystemClock
from show_goal.adapters.memory import MemoryClock, MemoryIds
from show_goal.adapters.mongo import MongoIds
from show_goal.testing.conformance import ClockConformance, IdsConformance, IdsUnderTest

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


class TestMemoryClock(ClockConformance):
    @pytest.fixture
    def under_test(self) -> MemoryClock:
        return MemoryClock()


class TestSystemClock(ClockConformance):
    @pytest.fixture
    def under_test(self) -> SystemClock:
        return SystemClock()

    def test_now_is_the_machines_time(self, under_test: SystemClock) -> None:
        before, now, after = datetime.now(UTC), under_test.now(), datetime.now(UTC)
        assert before.replace(microsecond=before.microsecond // 1_000 * 1_000) <= now <= after
