"""Karaoke through the whole flow in memory (L5, N5)."""

from __future__ import annotations

from typing import Any

import pytest

from show_goal.core.model import SessionKaraoke
from tests.builders import GOAL, GOAL_2, NOW, SESSION, STREAMER
from tests.world import World


@pytest.fixture
def karaoke(world: World) -> World:
    """GOAL, a karaoke goal with levels at 1 and 5."""
    create(world)
    return world


def create(world: World, goal_id: str = GOAL, **changes: Any) -> None:
    world.create(goal_id, "KaraokeGoal", levels=[{"progress": 1}, {"progress": 5}], **changes)


def test_karaoke_goal_is_complete_and_ends_at_the_last_of_its_levels_L5_N5(karaoke: World) -> None:
    assert karaoke.sessions.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL)
    karaoke.progress(GOAL, "a", amount=2)
    karaoke.run_due()
    assert karaoke.sessions.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL, progress=2)

    karaoke.progress(GOAL, "b", amount=3)
    karaoke.run_due()

    assert not karaoke.goal(GOAL).active
    assert karaoke.sessions.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL, progress=5, goal_ended=NOW)


def test_progress_is_announced_on_the_three_channels_N5(karaoke: World) -> None:
    for _ in range(2):
        karaoke.progress(GOAL, "a", amount=2)

    announced = karaoke.notified("session.karaoke-goal-updated")
    assert {n.id for n in announced} == {f"session.karaoke-goal-updated:{GOAL}:2"}
    assert announced[0].payload == {"goal_id": GOAL, "session_id": SESSION, "progress": 2}
    assert list(announced[0].channels) == [
        f"presence-stream@{STREAMER}",
        f"private-stream@{STREAMER}",
        f"private-user@{STREAMER}",
    ]


def test_a_second_of_many_payments_is_announced_twice_and_the_session_has_each_N5(karaoke: World) -> None:
    for number in range(4):
        karaoke.progress(GOAL, f"payment {number}")
        assert karaoke.sessions.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL, progress=number + 1)
    assert heard(karaoke) == [1]
    karaoke.wait(1)
    assert heard(karaoke) == [1, 4]
    karaoke.wait(5)
    assert heard(karaoke) == [1, 4]


def heard(world: World) -> list[object]:
    return [one.payload["progress"] for one in world.notified("session.karaoke-goal-updated")]


def test_progress_of_a_goal_without_a_streamer_is_kept_and_not_announced(world: World) -> None:
    create(world, metadata={})
    world.progress(GOAL, "a")

    assert world.sessions.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL, progress=1)
    assert world.notified("session.karaoke-goal-updated") == []


def test_second_karaoke_goal_beside_an_active_one_is_ended_N1(karaoke: World) -> None:
    create(karaoke, GOAL_2)
    karaoke.run_due()

    assert not karaoke.goal(GOAL_2).active
    assert karaoke.sessions.karaoke_goal(SESSION) == SessionKaraoke(goal=GOAL)
