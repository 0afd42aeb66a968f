"""What :class:`show_goal.ports.ids.Ids` promises."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest
from attrs import frozen

from ...ports.ids import Ids
from .promise import Conformance, Promise
from .races import CALLERS, at_once

COUNT = 500

HEX = Promise(Ids.new, "hex", "It is 24 hex digits.")
ONCE = Promise(Ids.new, "once", "It was never handed out before, whoever asks at once.")
EVERYWHERE = Promise(Ids.new, "everywhere", "No other process hands it out either.", "serves_many_processes")


@frozen(kw_only=True)
class IdsUnderTest:
    ids: Ids
    elsewhere: Callable[[], Sequence[str]]
    """Gives some ids that another process was handed."""


class IdsConformance(Conformance[IdsUnderTest]):
    """``under_test`` gives :class:`IdsUnderTest`: the adapter, with what asks another process."""

    serves_many_processes = True
    """False for ids that are unique in one process alone: for tests and demos."""

    @pytest.fixture
    def ids(self, under_test: IdsUnderTest) -> Ids:
        return under_test.ids

    @HEX
    def test_an_id_is_an_object_id(self, ids: Ids) -> None:
        for _ in range(COUNT):
            assert re.fullmatch("[0-9a-f]{24}", ids.new()), "an id is something else"

    @ONCE
    def test_an_id_is_handed_out_once_whoever_asks_d1(self, ids: Ids) -> None:
        batches = at_once([lambda: [ids.new() for _ in range(COUNT)]] * CALLERS)
        handed_out = [goal_id for batch in batches if isinstance(batch, list) for goal_id in batch]
        assert len(handed_out) == COUNT * CALLERS, "an id was refused"
        assert len({*handed_out}) == len(handed_out), "an id was handed out twice"

    @EVERYWHERE
    def test_an_id_is_handed_out_by_one_process_d1(self, under_test: IdsUnderTest) -> None:
        here = {under_test.ids.new() for _ in range(COUNT)}
        elsewhere = under_test.elsewhere()
        assert len(elsewhere) > 0, "elsewhere() gave no id"
        assert here.isdisjoint(elsewhere), "another process handed out the same id"
