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
@pytest.mark.parametrize(
    ("ending", "kills"), [("agreed", 0), ("agreed", 2), ("refused", 0), ("refused", 2), ("left early", 2)]
)
def test_hundreds_are_let_in_and_each_hold_ends_once_M2(own: Servers, ending: str, kills: int) -> None:
    """Who leaves early is paid for the time shown."""
    agree, metered = ending != "refused", ending == "left early"
    figures = perform(own, VIEWERS, agree=agree, kills=kills, delay=DELAY, patience=WITHIN, metered=metered)
    assert figures.missed(WITHIN, WITHIN, JOINED_WITHIN_BUSY) == []
    assert bool(figures.kills) == bool(kills)
