"""Shows of a host that switches presets by itself, beside our requests. A second costs 1, so amounts are seconds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from show_goal.core.interval import Interval
from show_goal.core.model import Viewer
from show_goal.core.rules.settlement import ForTimeShown
from tests.builders import NOW, SESSION, STREAMER, VIEWER, a_session
from tests.world import World

GRACE = 20


def at(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def agreed() -> World:
    """The streamer has agreed on preview. One viewer has paid for 300 s. Who leaves sd may come back in 20 s."""
    world = World.make(settlement_rule=ForTimeShown(grace=timedelta(seconds=GRACE)))
    world.sessions.add(a_session(preset="preview"))
    world.invite(VIEWER, duration=300)
    world.run_due()
    world.agree(world.goals.all()[0].id)
    return world


@pytest.fixture
def world() -> World:
    """The same, and a show is on since ``NOW``, by a request."""
    world = agreed()
    world.switch_preset("sd")
    return world


def host_writes(world: World, **changes: Any) -> None:
    world.sessions.add(evolve(world.sessions.get(SESSION), **changes))


def left(world: World) -> None:
    """A worker sees at 120 that the host has taken the session away from sd."""
    world.wait(60)
    world.clock.advance(timedelta(seconds=40))
    host_writes(world, preset="preview")
    world.clock.advance(timedelta(seconds=20))
    world.sweep()


def earned(world: World) -> int:
    world.wait(3_600)
    world.sweep()
    return world.available().get(STREAMER, 0)


def test_show_goes_on_once_its_host_has_switched_the_session_back(world: World) -> None:
    left(world)
    host_writes(world, preset="sd")
    world.wait(GRACE)
    world.sweep()
    goal = world.goals.all()[0]
    assert goal.on_sd == (Interval(since=NOW, until=at(120)), Interval(since=at(140)))

    world.wait(60)
    show = world.container.view_goal()(goal.id, Viewer(id=VIEWER)).show
    assert show is not None
    assert (show.released, show.ends) == (180, at(300))
    assert earned(world) == 280


def test_show_goes_on_although_the_worker_that_sees_it_is_back_is_late(world: World) -> None:
    left(world)
    host_writes(world, preset="sd")
    world.clock.advance(timedelta(seconds=GRACE + 10))
    world.sweep()
    assert earned(world) == 280


def test_show_of_a_session_that_its_host_does_not_switch_back_is_over(world: World) -> None:
    left(world)
    assert earned(world) == 120


def test_show_that_its_host_has_begun_is_paid_for_although_it_has_left_sd_when_the_money_is_due_D40() -> None:
    world = agreed()
    host_writes(world, preset="sd")
    left(world)
    assert earned(world) == 120


def test_nobody_pays_for_the_time_that_workers_were_away(world: World) -> None:
    """The session is over, or left, and nobody looks for half an hour."""
    world.task_queue.purge()
    host_writes(world, active=False)
    world.clock.advance(timedelta(minutes=30))
    world.sweep()
    assert earned(world) == 60


def test_nobody_pays_for_the_time_that_workers_were_away_when_a_host_has_left_sd(world: World) -> None:
    world.wait(60)
    host_writes(world, preset="preview")
    world.task_queue.purge()
    world.clock.advance(timedelta(minutes=30))
    world.sweep()
    assert earned(world) == 120
