"""Every receiver the flow names: registered, in order, effective or returning (D21 to D25)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.core.messages import DeactivateGoal, IncrementGoalProgress
from show_goal.core.model import Claim, Session, ViewerPass
from show_goal.core.receivers import registry
from show_goal.ports.notifier import Notification
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, a_create_goal, a_goal, a_hold, a_session
from tests.world import World


@pytest.fixture
def claimed(world: World) -> World:
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))
    return world


def announced(world: World) -> list[str]:
    return [notification.event for notification in world.notifier.notifications]


def test_nine_receivers_of_goal_created_stand_in_the_seeds_order_D21() -> None:
    assert [receiver.__name__ for receiver in registry.GOAL_CREATED] == [
        "bind_karaoke_goal_to_session",
        "bind_show_goal_to_funding_goal",
        "bind_show_goals_to_session",
        "bind_exclusive_goal_to_trigger_exclusive_goal",
        "bind_exclusive_goals_to_session",
        "snapshot_rtc_sources",
        "track_goals",
        "schedule_lifecycle_tasks",
        "bind_trigger_private_goal_to_session",
    ]


def test_four_receivers_of_goal_added_stand_in_the_seeds_order_D21() -> None:
    assert [receiver.__name__ for receiver in registry.GOAL_ADDED] == [
        "generate_livestream_feed",
        "trigger_notify_goal_added",
        "notify_stream_authorized",
        "invalidate_cached_pusher_channel_data",
    ]


def test_those_marked_return_run_and_are_recorded_as_skipped_D22(claimed: World) -> None:
    claimed.container.create_goal()(a_create_goal())

    assert claimed.steps("create_goal", "receiver") == [
        ("bind_karaoke_goal_to_session", "skipped"),
        ("bind_show_goal_to_funding_goal", "skipped"),
        ("bind_show_goals_to_session", "skipped"),
        ("bind_exclusive_goal_to_trigger_exclusive_goal", "skipped"),
        ("bind_exclusive_goals_to_session", "skipped"),
        ("snapshot_rtc_sources", "skipped"),
        ("track_goals", "ran"),
        ("schedule_lifecycle_tasks", "ran"),
        ("bind_trigger_private_goal_to_session", "ran"),
        ("generate_livestream_feed", "ran"),
        ("trigger_notify_goal_added", "ran"),
        ("notify_stream_authorized", "skipped"),
        ("invalidate_cached_pusher_channel_data", "ran"),
    ]


def test_deactivate_goal_is_triggered_with_goal_id_and_exp_due_at_exp_D26(claimed: World) -> None:
    claimed.container.create_goal()(a_create_goal())

    (queued,) = claimed.task_queue.queued()
    assert queued.due == EXP
    assert queued.message == DeactivateGoal(goal_id=GOAL, exp=EXP)
    assert queued.message.arguments() == {"goal_id": GOAL, "exp": EXP}


def test_goal_is_pushed_to_the_sessions_trigger_private_goals(claimed: World) -> None:
    claimed.container.create_goal()(a_create_goal())

    assert claimed.sessions.private_goals(SESSION) == (Session.TriggerPrivateGoal(goal=GOAL),)


def test_goal_added_is_sent_with_exactly_the_seeds_arguments_D20(claimed: World) -> None:
    claimed.container.create_goal()(a_create_goal())

    signal = next(step for step in claimed.trace("create_goal")["steps"] if step["name"] == "goal.added")
    assert signal["arguments"] == {
        "goal_id": GOAL,
        "_cls": "TriggerPrivateGoal",
        "conditions": {"session_id": SESSION},
        "context": {"type": "trigger-private"},
        "session_id": SESSION,
        "streamer_id": STREAMER,
    }


def test_session_that_ended_in_between_is_not_bound_and_the_goal_is_ended_D24(claimed: World) -> None:
    claimed.sessions.add(a_session(active=False, claim=Claim(goal_id=GOAL, exp=EXP)))
    claimed.container.create_goal()(a_create_goal())
    claimed.run_due()

    goal = claimed.goals.get(GOAL)
    assert goal is not None
    assert not goal.active
    assert claimed.sessions.private_goals(SESSION) == ()
    assert "goal.added" not in announced(claimed)


def test_goal_whose_session_has_gone_on_to_another_is_ended_and_not_announced_D24(claimed: World) -> None:
    claimed.sessions.add(a_session(claim=Claim(goal_id=GOAL_2, exp=EXP)))
    claimed.container.create_goal()(a_create_goal())
    claimed.run_due()

    goal = claimed.goals.get(GOAL)
    assert goal is not None
    assert not goal.active
    assert "goal.added" not in announced(claimed)


def test_announcement_reaches_three_channels_with_goal_addeds_arguments_alone_D25(claimed: World) -> None:
    claimed.container.create_goal()(a_create_goal())

    (notification,) = claimed.notifier.notifications
    assert notification.event == "goal.added"
    assert notification.channels == (
        f"presence-stream@{STREAMER}",
        f"private-stream@{STREAMER}",
        f"private-user@{STREAMER}",
    )
    assert dict(notification.payload) == {
        "goal_id": GOAL,
        "_cls": "TriggerPrivateGoal",
        "conditions": {"session_id": SESSION},
        "context": {"type": "trigger-private"},
        "session_id": SESSION,
        "streamer_id": STREAMER,
    }


def test_announcement_bears_the_same_id_at_every_repeat_D23(claimed: World) -> None:
    for _ in range(2):
        claimed.container.create_goal()(a_create_goal())

    assert {notification.id for notification in claimed.notifier.notifications} == {f"goal.added:{GOAL}"}


def test_notification_is_traced_with_its_channels_D28(claimed: World) -> None:
    claimed.container.create_goal()(a_create_goal())

    (step,) = [step for step in claimed.trace("create_goal")["steps"] if step["kind"] == "notification"]
    assert step["channels"] == [f"presence-stream@{STREAMER}", f"private-stream@{STREAMER}", f"private-user@{STREAMER}"]


def test_cached_data_of_the_streamers_channels_is_forgotten_D25(claimed: World) -> None:
    stale = [f"private-{kind}@{STREAMER}" for kind in ("user", "enc-user", "stream", "enc-stream")]
    claimed.channel_cache.data.update(dict.fromkeys([*stale, "private-user@other"], "cached"))

    claimed.container.create_goal()(a_create_goal())

    assert claimed.channel_cache.data == {"private-user@other": "cached"}


def test_goal_is_put_into_the_feed_and_tracked_once_D19(claimed: World) -> None:
    for _ in range(2):
        claimed.container.create_goal()(a_create_goal())

    assert list(claimed.feed.entries) == [(STREAMER, GOAL)]
    assert list(claimed.tracker.tracked) == [("goal.created", GOAL)]


class Down:
    """A port that does not answer, whatever it is asked."""

    def __getattr__(self, name: str) -> object:
        def fail(*_: object, **__: object) -> None:
            raise ConnectionError(f"{name} is down")

        return fail


@pytest.mark.parametrize(
    ("port", "receiver"),
    [
        ("tracker", "track_goals"),
        ("feed", "generate_livestream_feed"),
        ("notifier", "trigger_notify_goal_added"),
        ("channel_cache", "invalidate_cached_pusher_channel_data"),
    ],
)
def test_receiver_that_fails_stops_no_other_and_the_task_is_retried_D21(port: str, receiver: str) -> None:
    world = World.make(**{port: Down()})
    world.invite()
    world.run_due()

    outcomes = dict(world.steps("create_goal", "receiver"))
    assert outcomes.pop(receiver) == "failed"
    # what it was sent from has failed with it
    outcomes.pop("bind_trigger_private_goal_to_session")
    assert "failed" not in outcomes.values()
    assert len(outcomes) >= 11
    (goal,) = world.goals.all()
    assert world.sessions.get(SESSION).has_bound(goal.id)
    assert len(world.wallet.holds()) == 1, "a channel that is down never touches the money (D27)"
    assert "create_goal" in [queued.message.name for queued in world.task_queue.queued()]


def test_failed_announcement_is_made_up_for_by_the_retry_D23(world: World) -> None:
    failing = FailingOnce(world)
    retried = World.make(notifier=failing)
    retried.invite()
    retried.run_due()
    assert "goal.added" not in announced(world)

    retried.wait(1)

    assert announced(world).count("goal.added") == 1
    assert len(retried.goals.all()) == 1


class FailingOnce:
    """A notifier whose first announcement of each event is lost."""

    def __init__(self, world: World) -> None:
        self._notifier = world.notifier
        self._failed: set[str] = set()

    def notify(self, notification: Notification) -> None:
        if notification.event not in self._failed:
            self._failed.add(notification.event)
            raise TimeoutError("no answer")
        self._notifier.notify(notification)


def test_goal_that_expired_before_it_was_bound_is_not_bound(claimed: World) -> None:
    claimed.container.create_goal()(a_create_goal())
    late = World.make(goals=claimed.goals)
    late.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))
    late.clock.move_to(EXP + timedelta(seconds=1))

    late.container.create_goal()(a_create_goal())

    assert late.sessions.private_goals(SESSION) == ()
    assert NOW < EXP


def test_goal_whose_metadata_names_no_streamer_is_announced_to_nobody(world: World) -> None:
    world.goals.insert(a_goal(_cls="FanClubGoal", metadata={}))
    world.container.increment_goal_progress()(
        IncrementGoalProgress(goal_id=GOAL, amount=1, cost=1, breakdown_id=VIEWER, insert_id="t")
    )
    world.container.deactivate_goal()(DeactivateGoal(goal_id=GOAL))

    assert world.notifier.notifications == []
    assert ("notify_goal_progress_updated", "skipped") in world.steps("increment_goal_progress", "receiver")
    assert ("notify_goal_ended", "skipped") in world.steps("deactivate_goal", "receiver")
    assert ("invalidate_cached_pusher_channel_data", "skipped") in world.steps("deactivate_goal", "receiver")


def test_agreed_goal_that_names_no_streamer_authorizes_nobody(world: World) -> None:
    world.goals.insert(a_goal(metadata={"agreed": NOW}))
    world.container.deactivate_goal()(DeactivateGoal(goal_id=GOAL))

    outcomes = dict(world.steps("deactivate_goal", "receiver"))
    assert outcomes["notify_stream_authorized_for_agreed_trigger_goal"] == "skipped"


def test_viewer_who_paid_is_authorized_although_their_progress_is_still_on_its_way_L3(world: World) -> None:
    world.goals.insert(a_goal(metadata={"user_id": STREAMER, "agreed": NOW}))
    world.wallet.hold(a_hold())
    world.container.deactivate_goal()(DeactivateGoal(goal_id=GOAL))

    (authorized,) = [n for n in world.notifier.notifications if n.event == "stream.authorized"]
    assert authorized.channels == [f"presence-stream-viewer@{STREAMER}.preview.{VIEWER}"]


def test_pass_of_an_older_goal_takes_nothing_away_L3(world: World) -> None:
    world.sessions.admit_viewers(SESSION, {VIEWER: ViewerPass(nbf=EXP, duration=60)})
    world.sessions.admit_viewers(SESSION, {VIEWER: ViewerPass(nbf=NOW, duration=90)})

    assert world.sessions.viewers(SESSION) == {VIEWER: ViewerPass(nbf=EXP, duration=60)}
