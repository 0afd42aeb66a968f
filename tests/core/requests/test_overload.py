"""When the workers are too far behind, an invitation is refused before anything is done for it (D27)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_mock import MockerFixture

from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.core.errors import InvalidInvitation, NotLoggedIn
from show_goal.core.model import Viewer
from show_goal.ports.errors import TaskQueueFull
from tests.builders import GOAL, SESSION, STREAMER, VIEWER, VIEWER_2, a_goal, a_report, a_transfer
from tests.world import World

MOST = 3


@pytest.fixture
def world() -> World:
    """Its queue is full."""
    clock = MemoryClock()
    world = World.make(clock=clock, task_queue=MemoryTaskQueue(clock, max_backlog=MOST))
    for _ in range(MOST):
        world.task_queue.trigger(a_transfer())
    return world


def test_full_queue_refuses_an_invitation_before_it_costs_a_store_command(world: World, mocker: MockerFixture) -> None:
    asked = [mocker.spy(world.sessions, name) for name in ("fetch_active", "claim")]
    asked.append(mocker.spy(world.wallet, "statement"))
    session, messages = world.sessions.get(SESSION), world.messages()

    with pytest.raises(TaskQueueFull, match="3 messages wait"):
        world.invite()

    assert [spy.call_count for spy in asked] == [0, 0, 0]
    assert (world.sessions.get(SESSION), world.messages()) == (session, messages)


def test_refused_invitation_is_accepted_once_the_workers_have_caught_up(world: World) -> None:
    with pytest.raises(TaskQueueFull):
        world.invite()
    world.task_queue.take_due()

    assert world.invite().amount == 90


def test_what_waits_for_its_eta_does_not_fill_the_queue() -> None:
    clock = MemoryClock()
    queue = MemoryTaskQueue(clock, max_backlog=MOST)
    for _ in range(MOST):
        queue.trigger(a_transfer(), eta=clock.now() + timedelta(seconds=1))
    queue.require_room()
    clock.advance(timedelta(seconds=1))
    with pytest.raises(TaskQueueFull):
        queue.require_room()


def test_who_is_not_logged_in_or_sends_nonsense_learns_that_first(world: World) -> None:
    with pytest.raises(NotLoggedIn):
        world.invite(None)
    with pytest.raises(InvalidInvitation):
        world.invite(VIEWER, duration=0)


def test_full_queue_takes_answers_presets_and_reports_and_shows_previews(world: World) -> None:
    world.goals.insert(a_goal())
    world.container.preview_trigger_private()(SESSION, Viewer(id=VIEWER_2), 90)
    world.container.wallet_transaction()(a_report())
    world.switch_preset("sd")
    world.container.answer_goal()(GOAL, Viewer(id=STREAMER), True)

    assert len(world.messages()) == MOST + 2


def test_trace_has_the_refusal_as_its_last_guard_D28(world: World) -> None:
    with pytest.raises(TaskQueueFull):
        world.invite()

    trace = world.trace("trigger_private_session")
    assert (trace["outcome"], trace["reason"]) == ("refused", "overloaded")
    assert world.steps("trigger_private_session", "guard") == [("not_logged_in", "passed"), ("overloaded", "refused")]
    assert trace["steps"][-1]["code"] == "overloaded"
