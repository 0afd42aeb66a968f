"""D40: the show began if the session was on sd between the agreement and the end of settle_delay, whoever looks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from show_goal.core.errors import SessionOver
from show_goal.core.messages import DeactivateGoal, SettleEscrow
from show_goal.core.model import Viewer
from show_goal.core.names import SHOW_GOAL
from show_goal.ports.errors import StoreUnavailable
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, a_goal, a_session
from tests.world import World, meanwhile


@pytest.fixture
def paid(world: World) -> World:
    """VIEWER's invitation is paid and announced. The session is on preview."""
    world.sessions.add(a_session(preset="preview"))
    world.invite()
    world.run_due()
    return world


def goal_id(world: World) -> str:
    (goal,) = world.goals.all()
    return goal.id


def agree_and_wait(world: World, seconds: float) -> None:
    world.agree(goal_id(world))
    world.wait(seconds)


def settle_late(world: World) -> dict[str, int]:
    """No worker looked in time. Returns what each has in the end."""
    world.clock.advance(timedelta(hours=2))
    world.container.settle_escrow()(SettleEscrow(goal_id=goal_id(world)))
    return world.available()


def is_released(world: World) -> bool:
    available = settle_late(world)
    return (available[VIEWER], available.get(STREAMER, 0)) == (910, 90)


def test_show_that_was_over_before_the_settlement_has_begun_F4(paid: World) -> None:
    agree_and_wait(paid, 10)
    paid.switch_preset("sd")
    paid.wait(30)
    paid.switch_preset("preview")

    assert paid.goal(goal_id(paid)).show_began == NOW + timedelta(seconds=10)
    assert is_released(paid)


def test_show_a_second_after_settle_delay_is_too_late_however_late_the_worker_is_F3(paid: World) -> None:
    paid.agree(goal_id(paid))
    paid.clock.advance(timedelta(seconds=61))
    paid.switch_preset("sd")

    assert paid.goal(goal_id(paid)).show_began is None
    assert not is_released(paid)


def test_session_that_is_on_sd_at_the_agreement_has_begun_then_D40(paid: World) -> None:
    paid.switch_preset("sd")
    paid.wait(5)
    agree_and_wait(paid, 5)
    paid.switch_preset("preview")

    assert paid.goal(goal_id(paid)).show_began == NOW + timedelta(seconds=5)
    assert is_released(paid)


def test_show_that_was_over_before_the_agreement_has_not_begun_D40(paid: World) -> None:
    paid.switch_preset("sd")
    paid.wait(5)
    paid.switch_preset("preview")
    agree_and_wait(paid, 5)

    assert not is_released(paid)


def click(world: World) -> None:
    """The streamer agrees, and no worker carries it out yet."""
    world.container.answer_goal()(goal_id(world), Viewer(id=STREAMER), True)


def test_show_that_goes_on_when_the_agreement_is_carried_out_has_begun_D40(paid: World) -> None:
    click(paid)
    paid.clock.advance(timedelta(seconds=3))
    paid.switch_preset("sd")
    paid.clock.advance(timedelta(seconds=3))
    paid.run_due()
    paid.switch_preset("preview")

    assert paid.goal(goal_id(paid)).show_began == NOW + timedelta(seconds=3)
    assert is_released(paid)


def test_show_while_the_agreement_waited_in_the_queue_has_begun_D40(paid: World) -> None:
    click(paid)
    for preset in ("sd", "preview"):
        paid.clock.advance(timedelta(seconds=3))
        paid.switch_preset(preset)
    paid.run_due()

    assert paid.goal(goal_id(paid)).show_began == NOW + timedelta(seconds=3)
    assert is_released(paid)


def test_show_at_the_click_that_was_over_when_the_agreement_was_carried_out_has_begun_D40(paid: World) -> None:
    paid.switch_preset("sd")
    click(paid)
    paid.clock.advance(timedelta(seconds=3))
    paid.switch_preset("preview")
    paid.run_due()

    assert is_released(paid)


def end_session(world: World) -> None:
    world.sessions.add(evolve(world.sessions.get(SESSION), active=False))


@pytest.mark.parametrize("presets", [(), ("sd", "preview")])
def test_nobody_agrees_in_a_session_that_was_over_without_a_show_when_the_agreement_was_carried_out_D40_D42(
    paid: World, presets: tuple[str, ...]
) -> None:
    for preset in presets:  # before the agreement
        paid.switch_preset(preset)
        paid.clock.advance(timedelta(seconds=1))
    click(paid)
    end_session(paid)
    paid.run_due()
    assert paid.trace("deactivate_goal")["outcome"] == "refused"
    paid.sweep()

    assert paid.goal(goal_id(paid)).agreed is None
    assert not is_released(paid)


@pytest.mark.parametrize("presets", [("sd",), ("sd", "preview")])
def test_show_that_was_played_counts_although_the_agreement_waited_until_the_session_was_over_D40_D42(
    paid: World, presets: tuple[str, ...]
) -> None:
    click(paid)
    for preset in presets:
        paid.clock.advance(timedelta(seconds=3))
        paid.switch_preset(preset)
    end_session(paid)
    paid.run_due()

    assert paid.goal(goal_id(paid)).show_began == NOW + timedelta(seconds=3)
    assert is_released(paid)


def test_nobody_agrees_in_a_session_that_nobody_knows_D42(world: World) -> None:
    world.goals.insert(a_goal(conditions={}))
    with pytest.raises(SessionOver):
        world.container.deactivate_goal()(
            DeactivateGoal(goal_id=GOAL, triggerer=STREAMER, metadata={"agreed": NOW.isoformat()})
        )


def test_neighbour_earns_nothing_in_a_session_that_is_over_whatever_was_played_N7_D42(world: World) -> None:
    world.create(GOAL, SHOW_GOAL, exp=EXP)
    world.container.answer_goal()(GOAL, Viewer(id=STREAMER), True)
    world.switch_preset("sd")
    end_session(world)
    world.run_due()

    assert world.trace("deactivate_goal")["outcome"] == "refused"


def test_agreement_that_was_carried_out_stays_one_when_its_message_comes_again_D19_D42(paid: World) -> None:
    click(paid)
    *_, message = paid.messages()
    paid.run_due()
    end_session(paid)
    assert isinstance(message, DeactivateGoal)
    paid.container.deactivate_goal()(message)

    assert len(paid.notified("goal.ended")) == 2


def test_first_moment_stays_D40(paid: World) -> None:
    paid.agree(goal_id(paid))
    for preset in ("sd", "preview", "sd"):
        paid.wait(5)
        paid.switch_preset(preset)

    assert paid.goal(goal_id(paid)).show_began == NOW + timedelta(seconds=5)


def test_session_that_is_over_after_its_show_is_paid_D40(paid: World) -> None:
    agree_and_wait(paid, 5)
    paid.switch_preset("sd")
    end_session(paid)

    assert is_released(paid)


@pytest.mark.parametrize("then", [(), ("preview",), ("preview", "sd")])
def test_switch_that_broke_off_counts_nevertheless_D40(paid: World, then: tuple[str, ...]) -> None:
    agree_and_wait(paid, 5)

    def fails() -> None:
        raise StoreUnavailable("broken off after the session was switched")

    meanwhile(paid.goals, "begin_show", fails)
    with pytest.raises(StoreUnavailable):
        paid.switch_preset("sd")
    for preset in then:
        paid.clock.advance(timedelta(minutes=10))
        paid.switch_preset(preset)

    assert is_released(paid)


def test_host_that_switches_by_itself_does_not_say_since_when_D40(paid: World) -> None:
    """As version 0.1 did: then the session counts as it is at the settlement."""
    paid.agree(goal_id(paid))
    paid.sessions.add(evolve(paid.sessions.get(SESSION), preset="sd"))

    assert is_released(paid)


@pytest.mark.parametrize("change", [{"active": False}, {"preset": "preview", "sd_since": NOW - timedelta(minutes=1)}])
def test_without_a_time_neither_a_session_that_is_over_nor_one_on_preview_counts_D40(
    paid: World, change: dict[str, Any]
) -> None:
    paid.agree(goal_id(paid))
    paid.sessions.add(evolve(paid.sessions.get(SESSION), **{"preset": "sd", **change}))

    assert not is_released(paid)
