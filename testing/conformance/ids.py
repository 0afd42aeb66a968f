"""What :class:`show_goal.ports.ids.Ids` promises."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from attrs import frozen

from ...ports.ids import Ids
from .promise import Conformance, Promise
from .races import CALLERS, at_once

COUNT = 500


@frozen(kw_only=True)
class IdsUnderTest:
    ids: Ids
    elsewhere: Callable[[], Sequence[str]]
    """Returns some ids from another process."""


class IdsConformance(Conformance[IdsUnderTest]):
    """``under_test`` returns :class:`IdsUnderTest`: the adapter, and a function that asks another process."""

    serves_many_processes = True
    """False for ids that are unique in one process only, for tests and demos."""

    def take(self, under_test: IdsUnderTest) -> None:
        self.ids, self.elsewhere = under_test.ids, under_test.elsewhere

    def some(self) -> list[str]:
        return [self.ids.new() for _ in range(COUNT)]

    @Promise(Ids.new, "hex")
    def test_an_id_has_24_hex_digits(self) -> None:
        for new in self.some():
            assert re.fullmatch("[0-9a-f]{24}", new), f"an id is {new!r}"

    @Promise(Ids.new, "once")
    def test_an_id_is_returned_once_d1(self) -> None:
        ids = [new for batch in at_once([self.some] * CALLERS) if isinstance(batch, list) for new in batch]
        assert len(ids) == COUNT * CALLERS, "an id was refused"
        assert len({*ids}) == len(ids), "an id was returned twice"

    @Promise(Ids.new, "everywhere", "serves_many_processes")
    def test_another_process_returns_other_ids_d1(self) -> None:
        here, elsewhere = self.some(), self.elsewhere()
        assert len(elsewhere) > 0, "elsewhere() returned no id"
        assert {*here}.isdisjoint(elsewhere), "another process returned the same id"
