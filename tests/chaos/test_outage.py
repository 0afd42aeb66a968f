"""Goals that were overdue during an outage. ``outage.py`` measures ten times as many, with a sharper bar."""

from __future__ import annotations

from ..servers import Servers
from .outage import recover

GOALS = 1_000
WITHIN = 110.0
"""Seconds, beside other tests."""


def test_overdue_goals_are_refunded_while_invitations_come(own: Servers) -> None:
    figures = recover(own, GOALS, within=WITHIN)
    assert figures.missed(WITHIN) == []
