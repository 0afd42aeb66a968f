"""GOAL, which funds a show, and SHOW, which it funds."""

from __future__ import annotations

from typing import Any

from show_goal.core.model import ShowGoalPair
from tests.builders import GOAL, SESSION
from tests.world import World

SHOW = "60a100000000000000000005"
FUNDING_ESCROW = f"show_funding:{GOAL}"
SHOW_ESCROW = f"show:{SHOW}"


def create_funding(world: World, **changes: Any) -> None:
    world.create(GOAL, "ShowFundingGoal", **changes)


def create_show(world: World, goal_id: str = SHOW, **changes: Any) -> None:
    """A show that GOAL funds."""
    world.create(goal_id, "ShowGoal", **{"context": {"funding_goal_id": GOAL}, "exp": None, **changes})


def pair(world: World) -> ShowGoalPair | None:
    return world.sessions.get(SESSION).show_goal_pair
