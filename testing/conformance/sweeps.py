"""What :class:`show_goal.ports.sweeps.Sweeps` promises."""

from __future__ import annotations

from ...core.last_sweep import LastSweep, SetAside
from ...ports.sweeps import Sweeps
from .examples import EXP, NOW, TICK
from .promise import Conformance, Promise

DONE = {"ended": 3, "resumed": 0, "settled": 2, "refunded": 1}
FIRST = LastSweep(began=NOW, ended=EXP, done=DONE, failed=0, more=False)
ASIDE = SetAside(item="refunded session:$x.y", attempts=3, next_try=EXP + TICK, why="WalletUnavailable: no answer")
SECOND = LastSweep(
    began=EXP,
    ended=EXP + TICK,
    done=DONE,
    failed=7,
    more=True,
    places={"ended": '["exp", "id.$x"]'},
    aside=(ASIDE, ASIDE),
)


class SweepsConformance(Conformance[Sweeps]):
    """``under_test`` returns the adapter, without a record."""

    def take(self, under_test: Sweeps) -> None:
        self.sweeps = under_test

    @Promise(Sweeps.last, "none")
    def test_before_the_first_sweep_there_is_none(self) -> None:
        assert self.sweeps.last() is None, "no sweep was recorded"

    @Promise(Sweeps.record, "recorded")
    def test_the_last_sweep_is_the_one_that_was_recorded_last(self) -> None:
        for sweep in (FIRST, SECOND, FIRST):
            self.sweeps.record(sweep)
            assert self.sweeps.last() == sweep, "it is another one, or something changed"
