from __future__ import annotations

import pytest

from tests.builders import GOAL
from tests.world import World

from .shows import FUNDING_ESCROW, create_funding


@pytest.fixture
def funding(world: World) -> World:
    """GOAL, which funds a show."""
    create_funding(world)
    return world


@pytest.fixture
def funded(funding: World) -> World:
    """GOAL, with VIEWER's 90 in its escrow."""
    funding.pay(GOAL, FUNDING_ESCROW)
    return funding
