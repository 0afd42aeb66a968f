"""A person is forgotten, and the money still adds up."""

from __future__ import annotations

import pytest

from show_goal.core.errors import MoneyHeld
from show_goal.core.operators.forgetting import ForgetUser
from tests.builders import STREAMER, VIEWER, VIEWER_2
from tests.world import World


@pytest.fixture
def forget(world: World) -> ForgetUser:
    """VIEWER's 90 are held for an ongoing goal."""
    world.invite()
    world.run_due()
    found: ForgetUser = world.container.forget_user()
    return found


def test_who_has_money_in_an_escrow_cannot_be_forgotten_yet(world: World, forget: ForgetUser) -> None:
    with pytest.raises(MoneyHeld, match="90 of this user's money is still held"):
        forget(VIEWER)
    assert world.goals.all()[0].triggered_by == VIEWER


def test_a_viewer_is_forgotten_and_the_books_stay_as_they_are_H5(world: World, forget: ForgetUser) -> None:
    goal_id = world.goals.all()[0].id
    world.agree(goal_id)
    world.switch_preset("sd")
    world.wait(60)
    before = world.available()
    changed = forget(VIEWER)
    assert changed == {"goals": 1, "payments": 1, "statistics": 2, "feed": 0, "passes": 1, "left": 0}
    assert world.available() == before == {VIEWER: 910, STREAMER: 90, VIEWER_2: 1_000}
    alias = world.goal(goal_id).triggered_by
    assert alias is not None
    assert alias.startswith("forgotten-")
    assert VIEWER not in f"{world.goals.all()} {world.tracker.tracked} {world.paid_by(goal_id)}"


def test_a_streamer_leaves_the_feed(world: World, forget: ForgetUser) -> None:
    world.wait(360)
    assert forget(STREAMER)["feed"] == 1
    assert STREAMER not in str(world.feed.entries)


def test_the_trace_says_neither_who_was_forgotten_nor_the_alias(world: World, forget: ForgetUser) -> None:
    world.wait(360)
    forget(VIEWER)
    assert world.trace("forget_user") == {"unit": "forget_user", "outcome": "done", "steps": []}
