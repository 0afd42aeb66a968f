"""Far more invitations than the workers can do. ``overload.py`` measures the same at size, with sharper bars."""

from __future__ import annotations

import pytest

from ..servers import Servers
from .overload import HELD, PATIENCE, new_site

MANY = 150.0
"""Invitations a second: more than any worker of two processes can do."""
SECONDS = 10.0
SOON_FULL = {"SHOW_GOAL_MAX_BACKLOG": "150"}
"""What a worker does in time even if other tests slow it down."""


@pytest.mark.parametrize("broker", ["rabbitmq_url", "redis_url"])
def test_what_is_accepted_is_held_in_time_and_the_rest_is_refused(own: Servers, broker: str) -> None:
    with new_site(own, getattr(own, broker), SOON_FULL) as site:
        figures = site.bear(MANY, SECONDS)

    assert [one for one in figures.asked if not one.in_order] == []
    assert 0 < figures.accepted < len(figures.asked)
    assert figures.held >= HELD * figures.accepted
    assert figures.normal_after < PATIENCE
