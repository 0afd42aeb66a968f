"""What :class:`show_goal.ports.clock.Clock` promises."""

from __future__ import annotations

from datetime import timedelta

from ...ports.clock import Clock
from .promise import Conformance, Promise


class ClockConformance(Conformance[Clock]):
    """``under_test`` returns the clock."""

    def take(self, under_test: Clock) -> None:
        self.clock = under_test

    @Promise(Clock.now, "utc")
    def test_now_is_aware_and_in_utc(self) -> None:
        now = self.clock.now()
        assert now.utcoffset() == timedelta(0), f"now was {now!r}"

    @Promise(Clock.now, "milliseconds")
    def test_now_is_in_whole_milliseconds(self) -> None:
        parts = {self.clock.now().microsecond % 1_000 for _ in range(1_000)}
        assert parts == {0}, "now has parts of a millisecond"
