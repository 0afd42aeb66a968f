"""Goals that were overdue during an outage. ``outage.py`` measures twenty times as many, with a sharper bar."""

from __future__ import annotations

import pytest

from ..servers import Servers
from .outage import recover

GOALS = 500
WITHIN = 110.0
"""Seconds, beside other tests on two cores. How quick it is on a quiet machine is what the script measures."""


@pytest.mark.timeout(240)  # a missed bar is told with its figures
def test_overdue_goals_are_refunded_while_invitations_come(own: Servers) -> None:
    figures = recover(own, GOALS, within=WITHIN)
    assert figures.missed(WITHIN) == []
