"""Clocks that break a promise."""

from __future__ import annotations

from datetime import datetime

import pytest

from show_goal.adapters.clock import SystemClock
from show_goal.ports.clock import Clock
from show_goal.testing.conformance import ClockConformance

from .breaking import WrongAdapters

WRONG = WrongAdapters()


@WRONG.breaks("now.utc", "now was datetime.datetime(")
class Naive(SystemClock):
    def now(self) -> datetime:
        return super().now().replace(tzinfo=None)


@WRONG.breaks("now.milliseconds", "parts of a millisecond")
class Microseconds(SystemClock):
    def now(self) -> datetime:
        return super().now().replace(microsecond=1)


class TestWrongClocks(ClockConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> Clock:
        clock: Clock = request.param.adapter()
        return clock
