"""Exclusive shows through the whole flow in memory: asked for, bound, closed, settled (L5, N1 to N8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from show_goal.adapters.memory import MemoryRtcSources, MemorySessions
from show_goal.core.events import GoalAdded
from show_goal.core.messages import DeactivateGoal, IncrementGoalProgress
from show_goal.core.model import Balance, ExclusiveGoalPair, Goal, Session
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_create_goal, a_session
from tests.builders import a_transfer as private_transfer
from tests.world import World

EXCLUSIVE = "60a100000000000000000006"


def ask(world: World, goal_id: str = GOAL, viewer_id: str | None = VIEWER, exp: datetime = EXP) -> None:
    metadata = {"user_id": STREAMER, "triggered_by": viewer_id}
    message = a_create_goal(goal_id=goal_id, _cls="TriggerExclusiveGoal", context={}, metadata=metadata, exp=exp)
    world.container.create_goal()(message)


def grant(world: World, trigger: str | None = GOAL, viewer_id: str | None = VIEWER, streamer: str = STREAMER) -> None:
    context = {} if trigger is None else {"trigger_exclusive_goal_id": trigger}
    metadata = {"user_id": streamer, "triggered_by": viewer_id}
    message = a_create_goal(goal_id=EXCLUSIVE, _cls="ExclusiveGoal", context=context, metadata=metadata)
    world.container.create_goal()(message)


def end(world: World, goal_id: str) -> None:
    world.container.deactivate_goal()(DeactivateGoal(goal_id=goal_id))


def pay(world: World, goal_id: str = GOAL) -> IncrementGoalProgress:
    transfer = private_transfer(goal_id, transaction_id="t", tags=["theirs"], escrow_id=f"trigger_exclusive:{goal_id}")
    world.container.transfer()(transfer)
    return IncrementGoalProgress(goal_id=goal_id, amount=1, cost=90, breakdown_id=VIEWER, insert_id="t")


def pairs(world: World) -> dict[str, ExclusiveGoalPair]:
    return dict(world.sessions.exclusive_goal_pairs(SESSION))


def announced(world: World, event: str) -> list[str]:
    return [n.id for n in world.notifier.notifications if n.event == event]


def outcome(world: World, unit: str, receiver: str) -> str:
    return dict(world.steps(unit, "receiver"))[receiver]


def test_an_exclusive_show_from_the_request_to_its_end_L5(world: World) -> None:
    ask(world)
    assert pairs(world) == {VIEWER: ExclusiveGoalPair(trigger_exclusive_goal=GOAL)}

    world.agree(GOAL)
    grant(world)
    assert world.goal(GOAL).context == {"exclusive_goal_id": EXCLUSIVE}
    assert world.rtc_sources.stopped(STREAMER)

    end(world, EXCLUSIVE)
    assert pairs(world) == {
        VIEWER: ExclusiveGoalPair(
            trigger_exclusive_goal=GOAL,
            trigger_exclusive_ended=NOW,
            exclusive_goal=EXCLUSIVE,
            exclusive_ended=NOW,
        )
    }
    assert not world.rtc_sources.stopped(STREAMER)
    assert announced(world, "goal.added") == [f"goal.added:{GOAL}", f"goal.added:{EXCLUSIVE}"]
    assert announced(world, "exclusive.closed") == [f"exclusive.closed:{EXCLUSIVE}"]
    assert announced(world, "stream.authorized") == [
        f"stream.authorized:{EXCLUSIVE}",
        f"stream.authorized:{EXCLUSIVE}:ended",
    ]


def test_the_viewer_stands_on_no_channel_but_their_own_D25(world: World) -> None:
    ask(world)
    grant(world)
    end(world, EXCLUSIVE)

    public = [n for n in world.notifier.notifications if n.event != "stream.authorized"]
    assert public
    assert all(VIEWER not in f"{n.payload} {n.channels}" for n in public)


def test_the_closing_says_whose_and_which_N5(world: World) -> None:
    ask(world)
    grant(world)
    end(world, EXCLUSIVE)

    (closed,) = [n for n in world.notifier.notifications if n.event == "exclusive.closed"]
    assert closed.payload == {"goal_id": EXCLUSIVE, "session_id": SESSION, "streamer_id": STREAMER}


def test_a_request_that_nobody_agreed_to_leaves_nothing_N3(world: World) -> None:
    ask(world)
    ask(world, GOAL_2, VIEWER_2)
    world.refuse(GOAL)
    assert list(pairs(world)) == [VIEWER_2]

    world.wait(300)

    assert pairs(world) == {}


class EndedBefore(MemorySessions):
    """Another worker ends the request just before it is bound, and has found no pair to remove."""

    end: Callable[[], object]

    def bind_trigger_exclusive_goal(self, *args: Any, **kwargs: Any) -> Session | None:
        self.end()
        return super().bind_trigger_exclusive_goal(*args, **kwargs)


def test_a_request_that_ends_while_it_is_bound_leaves_nothing_either_N3() -> None:
    sessions = EndedBefore()
    world = World.make(sessions=sessions)
    sessions.add(a_session())
    sessions.end = lambda: end(world, GOAL)
    ask(world)

    assert sessions.exclusive_goal_pairs(SESSION) == {}


def test_an_agreed_request_waits_for_its_show_N3(world: World) -> None:
    ask(world)
    world.agree(GOAL)

    assert pairs(world) == {VIEWER: ExclusiveGoalPair(trigger_exclusive_goal=GOAL, trigger_exclusive_ended=NOW)}
    assert outcome(world, "deactivate_goal", "cleanup_expired_exclusive_goal_pairs") == "skipped"


def test_a_viewer_has_one_request_at_a_time_N1(world: World) -> None:
    ask(world)
    ask(world, GOAL_2)
    world.run_due()

    assert not world.goal(GOAL_2).active
    assert list(pairs(world).values()) == [ExclusiveGoalPair(trigger_exclusive_goal=GOAL)]


@pytest.mark.parametrize(("trigger", "viewer_id"), [(None, VIEWER), (GOAL, None), (GOAL, VIEWER_2)])
def test_an_exclusive_goal_that_has_no_place_is_ended_N1(
    world: World, trigger: str | None, viewer_id: str | None
) -> None:
    world.goals.insert(Goal(id=GOAL, _cls="TriggerExclusiveGoal", active=False))
    grant(world, trigger, viewer_id)
    world.run_due()

    assert not world.goal(EXCLUSIVE).active
    assert not world.rtc_sources.stopped(STREAMER)


def test_a_request_of_nobody_is_ended_N1(world: World) -> None:
    ask(world, viewer_id=None)
    world.run_due()

    assert not world.goal(GOAL).active


def test_an_exclusive_goal_that_comes_before_its_request_waits_for_it_D19(world: World) -> None:
    with pytest.raises(ExceptionGroup):
        grant(world)
    ask(world)
    grant(world)

    assert pairs(world) == {VIEWER: ExclusiveGoalPair(trigger_exclusive_goal=GOAL, exclusive_goal=EXCLUSIVE)}


def test_an_exclusive_goal_that_is_over_waits_for_nothing_N1(world: World) -> None:
    with pytest.raises(ExceptionGroup):
        grant(world)
    world.goals.end(EXCLUSIVE, NOW)
    grant(world)

    assert world.steps("create_goal", "receiver")[3:5] == [
        ("bind_exclusive_goal_to_trigger_exclusive_goal", "skipped"),
        ("bind_exclusive_goals_to_session", "ran"),
    ]


# Snapshots


class EndedMeanwhile(MemoryRtcSources):
    """Another worker ends the goal just as its snapshots are stopped, and has resumed them by the time."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def stop_snapshots(self, streamer_id: str, goal_id: str) -> None:
        end(self._world, goal_id)
        super().stop_snapshots(streamer_id, goal_id)


def test_snapshots_go_on_when_the_goal_ends_while_they_are_stopped_N2(world: World) -> None:
    ask(world)
    sources = EndedMeanwhile(world)
    grant(World.make(goals=world.goals, sessions=world.sessions, rtc_sources=sources))

    assert not world.goal(EXCLUSIVE).active
    assert not sources.stopped(STREAMER)


def test_snapshots_of_nobody_in_particular_are_left_alone_N6(world: World) -> None:
    ask(world)
    message = a_create_goal(
        goal_id=EXCLUSIVE,
        _cls="ExclusiveGoal",
        context={"trigger_exclusive_goal_id": GOAL},
        metadata={"triggered_by": VIEWER},
    )
    world.container.create_goal()(message)
    assert outcome(world, "create_goal", "snapshot_rtc_sources") == "skipped"

    end(world, EXCLUSIVE)

    for receiver in (
        "snapshot_rtc_sources",
        "trigger_exclusive_on_close_notification",
        "notify_stream_authorized_for_ended_exclusive_goal",
    ):
        assert outcome(world, "deactivate_goal", receiver) == "skipped"


# The money


def settle(world: World) -> None:
    world.wait(60)
    assert world.goal(GOAL).settled
    assert world.wallet.audit(world.clock.now()).problems == []


def granted(world: World) -> None:
    world.agree(GOAL)
    grant(world)


def agreed_alone(world: World) -> None:
    world.agree(GOAL)


def refused(world: World) -> None:
    world.refuse(GOAL)


def granted_after_all(world: World) -> None:
    """The show of a request that was refused finds no place, and is ended (N1)."""
    world.refuse(GOAL)
    grant(world)
    world.run_due()
    assert not world.goal(EXCLUSIVE).active


@pytest.mark.parametrize(
    ("happened", "streamer"), [(granted, 90), (agreed_alone, 0), (refused, 0), (granted_after_all, 0)]
)
def test_a_request_is_paid_for_when_its_show_follows_N7(
    world: World, happened: Callable[[World], None], streamer: int
) -> None:
    ask(world)
    pay(world)
    happened(world)
    settle(world)

    assert world.wallet.balance(STREAMER) == Balance(available=streamer)
    assert world.wallet.balance(VIEWER) == Balance(available=1_000 - streamer)


def test_money_that_is_reported_after_the_end_is_settled_without_the_sweeper_N8(world: World) -> None:
    ask(world)
    progress = pay(world)
    world.refuse(GOAL)
    world.task_queue.purge()
    world.container.increment_goal_progress()(progress)
    settle(world)

    assert world.wallet.balance(VIEWER) == Balance(available=1_000)


def test_money_that_is_reported_in_time_settles_nothing_N8(world: World) -> None:
    ask(world, exp=NOW + timedelta(minutes=1))
    world.container.increment_goal_progress()(pay(world))

    assert outcome(world, "increment_goal_progress", "trigger_exclusive_goal_escrow_refund") == "skipped"


def test_authorizing_needs_to_know_whom_N4(world: World) -> None:
    added: dict[str, Any] = {"conditions": {"session_id": SESSION}, "session_id": SESSION, "streamer_id": STREAMER}
    world.container.signals().send(GoalAdded(goal_id=EXCLUSIVE, _cls="ExclusiveGoal", context={}, **added))

    assert announced(world, "stream.authorized") == []


def test_a_session_that_ended_takes_no_request_D24(world: World) -> None:
    world.sessions.add(a_session(active=False))
    ask(world)
    world.run_due()

    assert not world.goal(GOAL).active
    assert world.clock.now() < EXP
