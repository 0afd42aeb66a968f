"""Karaoke through the whole flow in memory (L5, N5)."""

from __future__ import annotations

from typing import Any

from show_goal.core.messages import DeactivateGoal, IncrementGoalProgress
from show_goal.core.model import SessionKaraoke
from tests.builders import GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, a_create_goal
from tests.world import World


def create(world: World, goal_id: str = GOAL, **changes: Any) -> None:
    values = {"context": {}, "metadata": {"user_id": STREAMER}, **changes}
    world.container.create_goal()(a_create_goal(goal_id=goal_id, _cls="KaraokeGoal", **values))


def sing(world: World, insert_id: str, amount: int = 1) -> None:
    progress = IncrementGoalProgress(goal_id=GOAL, amount=amount, cost=0, breakdown_id=VIEWER, insert_id=insert_id)
    world.container.increment_goal_progress()(progress)


def test_a_karaoke_goal_from_its_beginning_to_its_end_L5(world: World) -> None:
    create(world)
    assert world.sessions.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL)
    sing(world, "a", 2)
    sing(world, "b", 3)
    assert world.sessions.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL, progress=5)

    world.container.deactivate_goal()(DeactivateGoal(goal_id=GOAL))

    assert world.sessions.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL, progress=5, goal_ended=NOW)


def test_each_progress_is_told_on_the_three_channels_N5(world: World) -> None:
    create(world)
    for _ in range(2):
        sing(world, "a", 2)

    told = [n for n in world.notifier.notifications if n.event == "session.karaoke-goal-updated"]
    assert {n.id for n in told} == {f"session.karaoke-goal-updated:{GOAL}:2"}
    assert told[0].payload == {"goal_id": GOAL, "session_id": SESSION, "progress": 2}
    assert list(told[0].channels) == [
        f"{kind}@{STREAMER}" for kind in ("presence-stream", "private-stream", "private-user")
    ]


def test_progress_of_a_goal_without_a_streamer_is_kept_and_told_nobody(world: World) -> None:
    create(world, metadata={})
    sing(world, "a")

    assert world.sessions.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL, progress=1)
    assert "session.karaoke-goal-updated" not in [n.event for n in world.notifier.notifications]


def test_a_second_karaoke_goal_beside_one_that_goes_on_is_ended_N1(world: World) -> None:
    create(world)
    create(world, GOAL_2)
    world.run_due()

    assert not world.goal(GOAL_2).active
    assert world.sessions.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL)


def test_a_karaoke_goal_is_complete_at_the_last_of_its_levels_N5(world: World) -> None:
    create(world, levels=[{"progress": 1}, {"progress": 2}])
    sing(world, "a")
    world.run_due()
    assert world.goal(GOAL).active

    sing(world, "b")
    world.run_due()

    assert not world.goal(GOAL).active
