"""What is counted, and by which attributes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NoReturn

import pytest

from show_goal.adapters.memory import MemoryFeed, MemoryGoals
from show_goal.adapters.telemetry.counters import COUNTERS
from show_goal.core.errors import Blocked, InvalidInvitation
from show_goal.core.model import Viewer
from show_goal.core.names import blocked_by
from show_goal.ports.errors import StoreUnavailable
from tests.builders import EXP, STREAMER, VIEWER, VIEWER_2, a_create_goal, a_hold
from tests.world import World

from .conftest import Telemetry


@pytest.fixture
def world(telemetry: Telemetry) -> World:
    return World.make(observer=telemetry.observer)


class DeadFeed(MemoryFeed):
    def publish(self, *_: object, **__: object) -> None:
        raise StoreUnavailable("the feed")


class DeadGoals(MemoryGoals):
    def overdue(self, *_: object, **__: object) -> NoReturn:
        raise StoreUnavailable("the goals")


def test_accepted_held_and_refunded(world: World, telemetry: Telemetry) -> None:
    goal_id = world.invite().goal_id
    world.invite(VIEWER_2)
    world.run_due()
    assert telemetry.count("show_goal.invitations.accepted") == 2
    assert telemetry.count("show_goal.holds") == 2
    world.refuse(goal_id)
    world.wait(60)
    assert telemetry.count("show_goal.refunds") == 2
    assert telemetry.count("show_goal.releases") == 0


def test_released(world: World, telemetry: Telemetry) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.agree(goal_id)
    world.switch_preset("sd")
    world.wait(60)
    assert telemetry.count("show_goal.releases") == 1
    assert telemetry.count("show_goal.refunds") == 0


def test_a_refusal_is_counted_by_code_and_reason_d10(world: World, telemetry: Telemetry) -> None:
    for _ in range(2):
        with pytest.raises(Blocked):
            world.invite(Viewer(id=VIEWER, tags=[blocked_by(STREAMER)]))
    with pytest.raises(InvalidInvitation):
        world.invite(duration=0)
    where = {"unit": "trigger_private_session"}
    blocked = telemetry.count("show_goal.refusals", **where, code="private_show_unavailable", reason="blocked")
    invalid = telemetry.count("show_goal.refusals", **where, code="invalid_invitation", reason="invalid_invitation")
    assert (blocked, invalid) == (2, 1)
    assert telemetry.count("show_goal.invitations.accepted") == 0


def test_a_failed_receiver_is_counted_by_its_name_and_its_task_by_the_error(telemetry: Telemetry) -> None:
    world = World.make(observer=telemetry.observer, feed=DeadFeed())
    with pytest.raises(ExceptionGroup):
        world.container.create_goal()(a_create_goal())
    for receiver in ("generate_livestream_feed", "bind_trigger_private_goal_to_session"):
        assert telemetry.count("show_goal.receiver.failures", receiver=receiver) == 1
    failed = {"unit": "create_goal", "error.type": "StoreUnavailable"}
    assert telemetry.count("show_goal.failures", **failed) == 1


def test_a_sweep_is_counted_with_what_it_found(world: World, telemetry: Telemetry) -> None:
    world.wallet.hold(a_hold())
    world.clock.move_to(EXP + timedelta(seconds=60))
    world.sweep()
    world.sweep()
    assert telemetry.count("show_goal.sweeps", outcome="done") == 2
    assert telemetry.count("show_goal.sweep.items", kind="refunded") == 1
    assert telemetry.count("show_goal.refunds") == 1


def test_a_sweep_that_fails_is_counted_as_failed(telemetry: Telemetry) -> None:
    with pytest.raises(StoreUnavailable):
        World.make(observer=telemetry.observer, goals=DeadGoals()).sweep()
    assert telemetry.count("show_goal.sweeps", outcome="failed") == 1


def test_every_counter_comes_with_exactly_the_attributes_that_it_is_listed_with(telemetry: Telemetry) -> None:
    world = World.make(observer=telemetry.observer, feed=DeadFeed())
    for preset in ("preview", "sd"):
        goal_id = world.invite().goal_id
        world.run_due()
        world.agree(goal_id)
        world.switch_preset(preset)
        world.wait(60)
    with pytest.raises(InvalidInvitation):
        world.invite(duration=0)
    world.invite()
    world.task_queue.purge()
    world.sweep()
    world.wallet.hold(a_hold())
    world.wait(3_600)
    world.sweep()
    came = {name: {key for key, _ in attributes} for name, attributes in telemetry.counts()}
    assert came == {counter.name: set(counter.attributes) for counter in COUNTERS}


def test_names_units_and_descriptions_are_in_good_order() -> None:
    for counter in COUNTERS:
        assert re.fullmatch(r"show_goal(\.[a-z_]+)+", counter.name)
        assert re.fullmatch(r"\{[a-z]+\}", counter.unit)
        assert counter.description
    assert len({counter.name for counter in COUNTERS}) == len(COUNTERS)
