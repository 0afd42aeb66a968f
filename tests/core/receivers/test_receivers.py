"""The receivers of a private goal's creation: their order, what each does, and what if one fails (D21 to D25)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_mock import MockerFixture

from show_goal.core.messages import DeactivateGoal
from show_goal.core.model import Claim, Session
from show_goal.core.receivers import registry
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, a_create_goal, a_goal, a_hold, a_session
from tests.world import World, meanwhile

GOAL_CREATED = {
    "bind_karaoke_goal_to_session": "skipped",
    "bind_show_goal_to_funding_goal": "skipped",
    "bind_show_goals_to_session": "skipped",
    "bind_exclusive_goal_to_trigger_exclusive_goal": "skipped",
    "bind_exclusive_goals_to_session": "skipped",
    "snapshot_rtc_sources": "skipped",
    "track_goals": "ran",
    "schedule_lifecycle_tasks": "ran",
    "bind_trigger_private_goal_to_session": "ran",
}
GOAL_ADDED = {
    "generate_livestream_feed": "ran",
    "trigger_notify_goal_added": "ran",
    "notify_stream_authorized": "skipped",
    "invalidate_cached_pusher_channel_data": "ran",
}
"""The seed's receivers in order, and their outcomes for a private goal: those marked return are skipped."""

GOAL_ADDED_ARGUMENTS = {
    "goal_id": GOAL,
    "_cls": "TriggerPrivateGoal",
    "conditions": {"session_id": SESSION},
    "context": {"type": "trigger-private"},
    "session_id": SESSION,
    "streamer_id": STREAMER,
}


@pytest.fixture
def created(world: World) -> World:
    """GOAL, claimed and created; data of two streamers' channels was cached before."""
    for streamer in (STREAMER, "other"):
        stale = [f"private-{kind}@{streamer}" for kind in ("user", "enc-user", "stream", "enc-stream")]
        world.channel_cache.data.update(dict.fromkeys(stale, "cached"))
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))
    world.container.create_goal()(a_create_goal())
    return world


def test_nine_receivers_of_goal_created_stand_in_the_seeds_order_D21() -> None:
    assert [receiver.name for receiver in registry.GOAL_CREATED] == [*GOAL_CREATED]


def test_four_receivers_of_goal_added_stand_in_the_seeds_order_D21() -> None:
    assert [receiver.name for receiver in registry.GOAL_ADDED] == [*GOAL_ADDED]


def test_those_marked_return_run_and_are_recorded_as_skipped_D22(created: World) -> None:
    assert created.steps("create_goal", "receiver") == [*GOAL_CREATED.items(), *GOAL_ADDED.items()]


def test_deactivate_goal_is_triggered_with_goal_id_and_exp_due_at_exp_D26(created: World) -> None:
    (queued,) = created.task_queue.queued()
    assert queued.due == EXP
    assert queued.message == DeactivateGoal(goal_id=GOAL, exp=EXP)
    assert queued.message.arguments() == {"goal_id": GOAL, "exp": EXP}


def test_goal_is_pushed_to_the_sessions_trigger_private_goals(created: World) -> None:
    assert created.sessions.private_goals(SESSION) == (Session.TriggerPrivateGoal(goal=GOAL),)


def test_goal_added_is_sent_with_exactly_the_seeds_arguments_D20(created: World) -> None:
    assert dict(created.sent("create_goal"))["goal.added"] == GOAL_ADDED_ARGUMENTS


def test_announcement_reaches_three_channels_with_goal_addeds_arguments_alone_D25(created: World) -> None:
    (notification,) = created.notifier.notifications
    assert notification.event == "goal.added"
    assert notification.channels == (
        f"presence-stream@{STREAMER}",
        f"private-stream@{STREAMER}",
        f"private-user@{STREAMER}",
    )
    assert dict(notification.payload) == GOAL_ADDED_ARGUMENTS


def test_cached_data_of_the_streamers_channels_is_forgotten_D25(created: World) -> None:
    assert [*created.channel_cache.data] == [
        "private-user@other",
        "private-enc-user@other",
        "private-stream@other",
        "private-enc-stream@other",
    ]


def test_goal_is_put_into_the_feed_and_tracked_once_D19(created: World) -> None:
    created.container.create_goal()(a_create_goal())

    assert list(created.feed.entries) == [(STREAMER, GOAL)]
    assert list(created.tracker.tracked) == [("goal.created", GOAL)]


@pytest.mark.parametrize(
    ("active", "claimed_by", "now"),
    [(False, GOAL, NOW), (True, GOAL_2, NOW), (True, GOAL, EXP + timedelta(seconds=1))],
    ids=["its session has ended", "another goal has the session", "it has expired"],
)
def test_goal_that_cannot_be_bound_is_ended_and_not_announced_D24(
    world: World, active: bool, claimed_by: str, now: datetime
) -> None:
    world.sessions.add(a_session(active=active, claim=Claim(goal_id=claimed_by, exp=EXP)))
    world.goals.insert(a_goal())
    world.clock.move_to(now)
    world.container.create_goal()(a_create_goal())
    world.run_due()

    assert not world.goal(GOAL).active
    assert world.sessions.private_goals(SESSION) == ()
    assert world.notified("goal.added") == []


@pytest.mark.parametrize(
    ("port", "method", "receiver"),
    [
        ("tracker", "track", "track_goals"),
        ("feed", "publish", "generate_livestream_feed"),
        ("notifier", "notify", "trigger_notify_goal_added"),
        ("channel_cache", "invalidate", "invalidate_cached_pusher_channel_data"),
    ],
)
def test_failing_receiver_stops_no_other_and_the_task_is_retried_D21(
    world: World, mocker: MockerFixture, port: str, method: str, receiver: str
) -> None:
    mocker.patch.object(getattr(world, port), method, autospec=True, side_effect=ConnectionError("down"))
    world.invite()
    world.run_due(quiet=True)

    expected = {**GOAL_CREATED, **GOAL_ADDED, receiver: "failed"}
    if receiver in GOAL_ADDED:
        expected["bind_trigger_private_goal_to_session"] = "failed"  # it has sent goal.added
    assert dict(world.steps("create_goal", "receiver")) == expected
    (goal,) = world.goals.all()
    assert world.sessions.get(SESSION).has_bound(goal.id)
    assert len(world.wallet.holds()) == 1, "a channel that is down has touched the money (D27)"
    assert "create_goal" in [queued.message.name for queued in world.task_queue.queued()]


def test_retry_sends_a_lost_announcement_D23(world: World) -> None:
    def fail() -> None:
        raise TimeoutError("no answer")

    meanwhile(world.notifier, "notify", fail)
    world.invite()
    world.run_due(quiet=True)
    assert world.notified("goal.added") == []

    world.wait(1)

    assert len(world.notified("goal.added")) == 1
    assert len(world.goals.all()) == 1


# Goals that end


def test_goal_without_a_streamer_is_announced_to_nobody(world: World) -> None:
    world.goals.insert(a_goal(metadata={"agreed": NOW}))
    world.progress(GOAL, "t")
    world.end()

    assert world.notifier.notifications == []
    for receiver in ("notify_goal_progress_updated", "invalidate_cached_pusher_channel_data"):
        assert world.outcome("increment_goal_progress", receiver) == "skipped"
    for receiver in (
        "notify_goal_ended",
        "invalidate_cached_pusher_channel_data",
        "notify_stream_authorized_for_agreed_trigger_goal",
    ):
        assert world.outcome("deactivate_goal", receiver) == "skipped"


def test_payer_is_authorized_although_their_progress_is_not_counted_yet_L3(world: World) -> None:
    world.goals.insert(a_goal(metadata={"user_id": STREAMER, "agreed": NOW}))
    world.wallet.hold(a_hold())
    world.end()

    (authorized,) = world.notified("stream.authorized")
    assert authorized.channels == [f"presence-stream-viewer@{STREAMER}.preview.{VIEWER}"]
