"""What :class:`show_goal.ports.clock.Clock` promises."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ...ports.clock import Clock
from .promise import Conformance, Promise

UTC = Promise(Clock.now, "utc", "It is aware and UTC.")
MILLISECONDS = Promise(Clock.now, "milliseconds", "It is in whole milliseconds, which is what a store keeps.")


class ClockConformance(Conformance[Clock]):
    """``under_test`` gives the clock itself."""

    @pytest.fixture
    def clock(self, under_test: Clock) -> Clock:
        return under_test

    @UTC
    def test_now_is_aware_and_utc(self, clock: Clock) -> None:
        now = clock.now()
        assert now.utcoffset() == timedelta(0), f"now was {now!r}"

    @MILLISECONDS
    def test_now_is_in_whole_milliseconds(self, clock: Clock) -> None:
        parts = {clock.now().microsecond % 1_000 for _ in range(1_000)}
        assert parts == {0}, "now has parts of a millisecond"
