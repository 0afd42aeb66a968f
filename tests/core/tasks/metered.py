"""Shows whose viewers pay for the time shown. A second costs 1, so amounts are seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from show_goal.core.model import Goal
from show_goal.core.rules.settlement import ForTimeShown
from tests.builders import VIEWER, VIEWER_2, a_session
from tests.world import World

GRACE = 20
HOUR = 3_600


def metered(**replaced: Any) -> World:
    rule = ForTimeShown(grace=timedelta(seconds=GRACE))
    world = World.make(settlement_rule=rule, **replaced)
    world.sessions.add(a_session(preset="preview"))
    return world


def show_on(world: World, **viewers: int) -> Goal:
    """The viewers have paid for so many seconds each, the streamer has agreed, and the show begins now."""
    for viewer_id, duration in viewers.items():
        world.invite(viewer_id, duration=duration)
        world.run_due()
    goal = world.goals.all()[-1]
    world.agree(goal.id)
    world.switch_preset("sd")
    world.run_due()
    return world.goal(goal.id)


def paid(world: World) -> dict[str, int]:
    """Who has paid or earned how much in the end."""
    world.wait(HOUR)
    before = {VIEWER: 1_000, VIEWER_2: 1_000}
    return {user_id: has - before.get(user_id, 0) for user_id, has in world.available().items()}
