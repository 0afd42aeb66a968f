from __future__ import annotations

from datetime import UTC, datetime

import pytest

from show_goal.adapters.clock import SystemClock
from show_goal.adapters.memory import MemoryClock
from show_goal.testing.conformance import ClockConformance


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
