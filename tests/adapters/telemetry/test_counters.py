from __future__ import annotations

import re
from datetime import timedelta

import pytest
from pytest_mock import MockerFixture

from show_goal.adapters.telemetry.counters import COUNTERS
from show_goal.core.errors import Blocked, InvalidInvitation
from show_goal.core.model import Viewer
from show_goal.core.names import blocked_by
from show_goal.ports.errors import StoreUnavailable
from tests.builders import EXP, STREAMER, VIEWER, VIEWER_2, a_hold
from tests.world import World

from .conftest import Telemetry


def a_show(world: World, preset: str) -> None:
    """An invitation to which the streamer agrees, settled in this preset."""
    goal_id = world.invite().goal_id
    world.run_due(quiet=True)
    world.agree(goal_id)
    world.switch_preset(preset)
    world.wait(60, quiet=True)


def test_invitations_holds_releases_and_refunds_are_counted(world: World, telemetry: Telemetry) -> None:
    goal_id = world.invite().goal_id
    world.invite(VIEWER_2)
    world.run_due()
    assert telemetry.count("show_goal.invitations.accepted") == 2
    assert telemetry.count("show_goal.holds") == 2
    world.refuse(goal_id)
    world.wait(60)
    assert telemetry.count("show_goal.refunds") == 2
    assert telemetry.count("show_goal.releases") == 0
    a_show(world, preset="sd")
    assert (telemetry.count("show_goal.releases"), telemetry.count("show_goal.refunds")) == (1, 2)


def test_refusals_are_counted_by_code_and_reason_D10(world: World, telemetry: Telemetry) -> None:
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


@pytest.mark.usefixtures("failed_create_goal")
def test_failed_receivers_are_counted_by_name_and_their_task_by_the_error(telemetry: Telemetry) -> None:
    for receiver in ("generate_livestream_feed", "bind_trigger_private_goal_to_session"):
        assert telemetry.count("show_goal.receiver.failures", receiver=receiver) == 1
    failed = {"unit": "create_goal", "error.type": "StoreUnavailable"}
    assert telemetry.count("show_goal.failures", **failed) == 1


def test_sweeps_are_counted_with_what_they_found(world: World, telemetry: Telemetry, mocker: MockerFixture) -> None:
    world.wallet.hold(a_hold())
    world.clock.move_to(EXP + timedelta(seconds=60))
    world.sweep()
    world.sweep()
    mocker.patch.object(world.goals, "overdue", autospec=True, side_effect=StoreUnavailable("the goals"))
    with pytest.raises(ExceptionGroup):
        world.sweep()
    assert telemetry.count("show_goal.sweeps", outcome="done") == 2
    assert telemetry.count("show_goal.sweeps", outcome="failed") == 1
    assert telemetry.count("show_goal.sweep.items", kind="refunded") == 1
    assert telemetry.count("show_goal.refunds") == 1


@pytest.mark.usefixtures("dead_feed")
def test_every_counter_has_exactly_its_listed_attributes(world: World, telemetry: Telemetry) -> None:
    for preset in ("preview", "sd"):
        a_show(world, preset)
    with pytest.raises(InvalidInvitation):
        world.invite(duration=0)
    world.invite()
    world.task_queue.purge()
    world.sweep()
    world.wallet.hold(a_hold())
    world.wait(3_600)
    world.sweep()
    counted = {name: {key for key, _ in attributes} for name, attributes in telemetry.counts()}
    assert counted == {counter.name: set(counter.attributes) for counter in COUNTERS}


def test_counters_have_distinct_names_units_and_descriptions() -> None:
    for counter in COUNTERS:
        assert re.fullmatch(r"show_goal(\.[a-z_]+)+", counter.name)
        assert re.fullmatch(r"\{[a-z]+\}", counter.unit)
        assert counter.description
    assert len({counter.name for counter in COUNTERS}) == len(COUNTERS)
