"""A pass goes with the money: whoever got some of it back may not watch for it (D39)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from show_goal.core.model import ViewerPass
from show_goal.core.money import HoldState
from show_goal.core.rules.settlement import ForTimeShown
from show_goal.ports.errors import StoreUnavailable
from tests.builders import NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_session
from tests.world import World

from .metered import HOUR, metered, paid, show_on


@pytest.fixture
def world() -> World:
    """A session on preview. Who leaves sd may come back within 20 s."""
    return metered()


def test_viewer_who_could_see_nothing_gets_everything_back_and_the_pass_goes_D39(world: World) -> None:
    goal = show_on(world, **{VIEWER: 60})
    world.wait(30)
    world.invite(VIEWER, duration=60, exp=int(world.clock.now().timestamp()) + 200)
    world.run_due()
    extension = world.goals.all()[-1]
    world.agree(extension.id)
    world.wait(10)
    world.switch_preset("preview")
    assert paid(world) == {VIEWER: -40, VIEWER_2: 0, STREAMER: 40}
    hold = world.wallet.find(f"session:trigger-private:{extension.id}:{VIEWER}")
    assert hold is not None
    assert hold.state is HoldState.REFUNDED
    left = world.passes.find(SESSION, VIEWER)
    assert left is not None
    assert left.duration == 40
    assert goal.settlement is None


def test_of_two_viewers_the_one_who_saw_nothing_gets_everything_back_D39(world: World) -> None:
    show_on(world, **{VIEWER: 60})
    world.wait(30)
    for viewer_id in (VIEWER, VIEWER_2):
        world.invite(viewer_id, duration=100)
        world.run_due()
    world.agree(world.goals.all()[-1].id)
    world.wait(20)
    world.switch_preset("preview")
    assert paid(world) == {VIEWER: -50, VIEWER_2: -20, STREAMER: 70}
    left = world.passes.find(SESSION, VIEWER)
    assert left is not None
    assert left.duration == 50


def test_pass_that_cannot_be_taken_back_keeps_the_money_held_D39(world: World) -> None:
    show_on(world, **{VIEWER: 60})
    world.wait(30)
    for viewer_id in (VIEWER, VIEWER_2):
        world.invite(viewer_id, duration=100)
        world.run_due()
    extension = world.goals.all()[-1]
    world.agree(extension.id)
    world.wait(20)
    world.switch_preset("preview")
    passes = world.passes

    def refuse(*_: Any) -> None:
        raise ValueError("this pass is odd")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passes, "take_back", refuse)
        world.wait(100, quiet=True)
        assert {hold.state for hold in world.wallet.holds() if hold.from_user_id == VIEWER_2} == {HoldState.RELEASED}
        own = world.wallet.find(f"session:trigger-private:{extension.id}:{VIEWER}")
        assert own is not None
        assert own.state is HoldState.HELD
    world.clock.advance(timedelta(seconds=HOUR))
    world.sweep()
    assert paid(world) == {VIEWER: -50, VIEWER_2: -20, STREAMER: 70}


def test_pass_ends_with_a_show_that_ended_early_and_the_next_show_is_paid_for_D39(world: World) -> None:
    show_on(world, **{VIEWER: 300})
    world.wait(30)
    world.switch_preset("preview")
    world.wait(100)
    assert world.passes.find(SESSION, VIEWER) == ViewerPass(nbf=NOW, duration=30)
    assert len(world.notified("stream.unauthorized")) == 1

    show_on(world, **{VIEWER: 60})
    assert paid(world) == {VIEWER: -90, VIEWER_2: 0, STREAMER: 90}


def test_pass_ends_with_a_show_whose_session_fell_silent_although_it_might_have_come_back_D39() -> None:
    """The streamer may leave for 5 minutes. A session that is silent for one is over."""
    world = World.make(settlement_rule=ForTimeShown(grace=timedelta(minutes=5)))
    world.sessions.add(a_session(preset="preview"))
    show_on(world, **{VIEWER: 900})
    world.sessions.add(evolve(world.sessions.get(SESSION), last_seen=NOW + timedelta(seconds=40)))
    world.clock.advance(timedelta(seconds=120))
    world.sweep()
    assert world.wallet.holds()[0].released == 40
    assert world.passes.find(SESSION, VIEWER) == ViewerPass(nbf=NOW, duration=40)


def test_pass_that_cannot_be_shortened_keeps_the_money_held_D39(world: World) -> None:
    show_on(world, **{VIEWER: 300})
    world.wait(30)
    world.switch_preset("preview")

    def away(*_: Any) -> None:
        raise StoreUnavailable("away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.passes, "shorten", away)
        world.wait(100, quiet=True)
        assert world.wallet.holds()[0].state is HoldState.HELD
    world.clock.advance(timedelta(seconds=HOUR))
    world.sweep()
    assert paid(world) == {VIEWER: -30, VIEWER_2: 0, STREAMER: 30}
