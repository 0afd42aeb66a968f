"""Exclusive shows through the whole flow in memory: requested, bound, closed, settled (L5, N1 to N8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from show_goal.core.events import GoalAdded
from show_goal.core.model import ExclusiveGoalPair, Goal
from tests.builders import GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, VIEWER_2
from tests.world import World, meanwhile

EXCLUSIVE = "60a100000000000000000006"
ESCROW = f"trigger_exclusive:{GOAL}"


def request(world: World, goal_id: str = GOAL, viewer_id: str | None = VIEWER, **changes: Any) -> None:
    metadata = {"user_id": STREAMER, "triggered_by": viewer_id}
    world.create(goal_id, "TriggerExclusiveGoal", metadata=metadata, **changes)


def grant(world: World, context: dict[str, str] | None = None, **metadata: str | None) -> None:
    """The exclusive goal that follows the request."""
    world.create(
        EXCLUSIVE,
        "ExclusiveGoal",
        context={"trigger_exclusive_goal_id": GOAL} if context is None else context,
        metadata={"user_id": STREAMER, "triggered_by": VIEWER, **metadata},
    )


@pytest.fixture
def requested(world: World) -> World:
    """VIEWER has asked for an exclusive show."""
    request(world)
    return world


def pairs(world: World) -> dict[str, ExclusiveGoalPair]:
    return dict(world.sessions.exclusive_goal_pairs(SESSION))


def test_exclusive_show_from_the_request_to_its_end_L5_N3(requested: World) -> None:
    pair = ExclusiveGoalPair(trigger_exclusive_goal=GOAL)
    assert pairs(requested) == {VIEWER: pair}

    requested.agree(GOAL)
    pair = evolve(pair, trigger_exclusive_ended=NOW)
    assert pairs(requested) == {VIEWER: pair}
    assert requested.outcome("deactivate_goal", "cleanup_expired_exclusive_goal_pairs") == "skipped"

    grant(requested)
    pair = evolve(pair, exclusive_goal=EXCLUSIVE)
    assert pairs(requested) == {VIEWER: pair}
    assert requested.goal(GOAL).context == {"exclusive_goal_id": EXCLUSIVE}
    assert requested.rtc_sources.stopped(STREAMER)

    requested.end(EXCLUSIVE)
    assert pairs(requested) == {VIEWER: evolve(pair, exclusive_ended=NOW)}
    assert not requested.rtc_sources.stopped(STREAMER)


def test_only_their_own_channel_names_the_viewer_N5_D25(requested: World) -> None:
    grant(requested)
    requested.end(EXCLUSIVE)

    assert [n.id for n in requested.notified("goal.added")] == [f"goal.added:{GOAL}", f"goal.added:{EXCLUSIVE}"]
    assert [n.id for n in requested.notified("stream.authorized")] == [
        f"stream.authorized:{EXCLUSIVE}",
        f"stream.authorized:{EXCLUSIVE}:ended",
    ]
    (closed,) = requested.notified("exclusive.closed")
    assert closed.id == f"exclusive.closed:{EXCLUSIVE}"
    assert closed.payload == {"goal_id": EXCLUSIVE, "session_id": SESSION, "streamer_id": STREAMER}
    public = [n for n in requested.notifier.notifications if n.event != "stream.authorized"]
    assert all(VIEWER not in f"{n.payload} {n.channels}" for n in public)


def test_request_without_an_agreement_leaves_no_pair_N3(requested: World) -> None:
    request(requested, GOAL_2, VIEWER_2)
    requested.refuse(GOAL)
    assert list(pairs(requested)) == [VIEWER_2]

    requested.wait(300)

    assert pairs(requested) == {}


def test_request_that_ends_while_it_is_bound_leaves_no_pair_N3(world: World) -> None:
    """Another worker ends the request, and finds no pair to remove."""
    meanwhile(world.sessions, "bind_trigger_exclusive_goal", world.end)
    request(world)

    assert pairs(world) == {}


def test_viewer_has_one_request_at_a_time_N1(requested: World) -> None:
    request(requested, GOAL_2)
    requested.run_due()

    assert not requested.goal(GOAL_2).active
    assert list(pairs(requested).values()) == [ExclusiveGoalPair(trigger_exclusive_goal=GOAL)]


@pytest.mark.parametrize(
    ("context", "viewer_id"),
    [({}, VIEWER), (None, None), (None, VIEWER_2)],
    ids=["names no request", "names no viewer", "its request has ended"],
)
def test_exclusive_goal_that_cannot_be_bound_is_ended_N1(
    world: World, context: dict[str, str] | None, viewer_id: str | None
) -> None:
    world.goals.insert(Goal(id=GOAL, _cls="TriggerExclusiveGoal", active=False))
    grant(world, context, triggered_by=viewer_id)
    world.run_due()

    assert not world.goal(EXCLUSIVE).active
    assert not world.rtc_sources.stopped(STREAMER)


def test_exclusive_goal_waits_until_its_request_is_bound_D19(world: World) -> None:
    with pytest.raises(ExceptionGroup):
        grant(world)
    request(world)
    grant(world)

    assert pairs(world) == {VIEWER: ExclusiveGoalPair(trigger_exclusive_goal=GOAL, exclusive_goal=EXCLUSIVE)}


def test_exclusive_goal_that_has_ended_does_not_wait_N1(world: World) -> None:
    with pytest.raises(ExceptionGroup):
        grant(world)
    world.goals.end(EXCLUSIVE, NOW)
    grant(world)

    assert world.outcome("create_goal", "bind_exclusive_goal_to_trigger_exclusive_goal") == "skipped"
    assert world.outcome("create_goal", "bind_exclusive_goals_to_session") == "ran"


# What needs a viewer or a streamer


def test_snapshots_resume_when_the_goal_ends_while_they_are_stopped_N2(requested: World) -> None:
    """Another worker ends the goal, and has already resumed the snapshots."""
    meanwhile(requested.rtc_sources, "stop_snapshots", lambda: requested.end(EXCLUSIVE))
    grant(requested)

    assert not requested.goal(EXCLUSIVE).active
    assert not requested.rtc_sources.stopped(STREAMER)


def test_exclusive_goal_without_a_streamer_stops_no_snapshots_and_is_not_announced_N6(requested: World) -> None:
    grant(requested, user_id=None)
    assert requested.outcome("create_goal", "snapshot_rtc_sources") == "skipped"

    requested.end(EXCLUSIVE)

    outcomes = dict(requested.steps("deactivate_goal", "receiver"))
    assert outcomes["snapshot_rtc_sources"] == "skipped"
    assert outcomes["trigger_exclusive_on_close_notification"] == "skipped"
    assert outcomes["notify_stream_authorized_for_ended_exclusive_goal"] == "skipped"


def test_exclusive_goal_without_a_viewer_authorizes_nobody_N4(world: World) -> None:
    added: dict[str, Any] = {"conditions": {"session_id": SESSION}, "session_id": SESSION, "streamer_id": STREAMER}
    world.container.signals().send(GoalAdded(goal_id=EXCLUSIVE, _cls="ExclusiveGoal", context={}, **added))

    assert world.notified("stream.authorized") == []


# The money


def agree_and_grant(world: World) -> None:
    world.agree(GOAL)
    grant(world)


def refuse_and_grant(world: World) -> None:
    """The show of a refused request cannot be bound, and is ended (N1)."""
    world.refuse(GOAL)
    grant(world)
    world.run_due()
    assert not world.goal(EXCLUSIVE).active


@pytest.mark.parametrize(
    ("happened", "streamer"),
    [
        (agree_and_grant, 90),
        (lambda world: world.agree(GOAL), 0),
        (lambda world: world.refuse(GOAL), 0),
        (refuse_and_grant, 0),
    ],
    ids=["agreed and granted", "only agreed", "refused", "granted after a refusal"],
)
def test_request_is_released_if_its_show_follows_N7(
    requested: World, happened: Callable[[World], None], streamer: int
) -> None:
    requested.pay(GOAL, ESCROW)
    happened(requested)
    requested.wait(60)

    available = requested.available()
    assert requested.goal(GOAL).settled
    assert (available[VIEWER], available.get(STREAMER, 0)) == (1_000 - streamer, streamer)


def test_payment_that_is_reported_after_the_end_is_settled_without_the_sweep_N8(requested: World) -> None:
    transaction = requested.hold(GOAL, ESCROW)
    requested.refuse(GOAL)
    requested.task_queue.purge()
    requested.progress(GOAL, transaction, cost=90)
    requested.wait(60)

    assert requested.goal(GOAL).settled
    assert requested.available()[VIEWER] == 1_000


def test_payment_that_is_reported_in_time_settles_nothing_N8(world: World) -> None:
    request(world, exp=NOW + timedelta(minutes=1))
    world.pay(GOAL, ESCROW)

    assert world.outcome("increment_goal_progress", "trigger_exclusive_goal_escrow_refund") == "skipped"
