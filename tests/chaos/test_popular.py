"""A goal with hundreds of viewers, on real servers. ``popular.py`` measures ten thousand, with sharper bars."""

from __future__ import annotations

import pytest

from ..servers import Servers
from .popular import perform

VIEWERS = 600
DELAY = 5
WITHIN = 100.0
"""Seconds, beside other tests."""

JOINED_WITHIN_BUSY = 30.0
"""The same for a join meanwhile. ``tests/core/tasks/test_settle_a_crowd.py`` says how few pages wait before it."""


@pytest.mark.timeout(240)
@pytest.mark.parametrize("agree", [True, False], ids=["agreed", "refused"])
@pytest.mark.parametrize("kills", [0, 2], ids=["undisturbed", "both workers are killed"])
def test_hundreds_are_let_in_and_each_hold_ends_once_M2(own: Servers, agree: bool, kills: int) -> None:
    figures = perform(own, VIEWERS, agree=agree, kills=kills, delay=DELAY, patience=WITHIN)
    assert figures.missed(WITHIN, WITHIN, JOINED_WITHIN_BUSY) == []
    assert bool(figures.kills) == bool(kills)
