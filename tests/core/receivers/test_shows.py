"""Shows through the whole flow in memory: funded, bound, guarded, ended, watched (L5, N1, N2, N4, N5, N7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from show_goal.core.errors import ShowRunning
from show_goal.core.events import GoalCreated
from show_goal.core.messages import DeactivateGoal
from show_goal.core.model import Goal, ShowGoalPair
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_session
from tests.world import World, meanwhile

from .shows import FUNDING_ESCROW, SHOW, SHOW_ESCROW, create_funding, create_show, pair


def test_show_from_its_funding_to_its_end_L5_D12(funding: World) -> None:
    create_show(funding)
    assert funding.goal(GOAL).context == {"show_goal_id": SHOW}
    assert pair(funding) == ShowGoalPair(funding_goal=GOAL, show_goal=SHOW)
    assert [n.id for n in funding.notified("goal.added")] == [f"goal.added:{GOAL}", f"goal.added:{SHOW}"]
    with pytest.raises(ShowRunning):
        funding.invite()

    funding.end()
    with pytest.raises(ShowRunning):
        funding.invite()

    funding.end(SHOW)
    assert funding.invite().goal_id
    assert pair(funding) == ShowGoalPair(funding_goal=GOAL, funding_ended=NOW, show_goal=SHOW, show_ended=NOW)


@pytest.mark.parametrize("created", [False, True])
def test_show_waits_until_its_funding_goal_is_bound_D19(world: World, created: bool) -> None:
    if created:
        world.goals.insert(Goal(id=GOAL, _cls="ShowFundingGoal", conditions={"session_id": SESSION}, exp=EXP))
    with pytest.raises(ExceptionGroup, match="receivers of goal"):
        create_show(world)
    assert world.outcome("create_goal", "bind_show_goal_to_funding_goal") == "skipped"
    assert world.outcome("create_goal", "bind_show_goals_to_session") == "failed"

    create_funding(world)
    create_show(world)

    assert pair(world) == ShowGoalPair(funding_goal=GOAL, show_goal=SHOW)


def test_show_that_is_bound_at_its_second_attempt_is_linked_too_N7(world: World) -> None:
    """The funding goal is bound between the two receivers that bind the show."""
    meanwhile(world.sessions, "bind_show_goal", lambda: create_funding(world), after=True)

    create_show(world)

    assert pair(world) == ShowGoalPair(funding_goal=GOAL, show_goal=SHOW)
    assert world.goal(GOAL).context == {"show_goal_id": SHOW}


def session_has_ended(world: World) -> None:
    create_funding(world)
    world.sessions.add(a_session(active=False))


def funding_goal_ended_unbound(world: World) -> None:
    world.goals.insert(Goal(id=GOAL, _cls="ShowFundingGoal", conditions={"session_id": SESSION}, active=False))


def another_show_is_bound(world: World) -> None:
    create_funding(world)
    create_show(world, GOAL_2)


@pytest.mark.parametrize("happened", [session_has_ended, funding_goal_ended_unbound, another_show_is_bound])
def test_show_that_cannot_be_bound_is_ended_N1(world: World, happened: Callable[[World], None]) -> None:
    happened(world)
    create_show(world)
    world.run_due()

    assert not world.goal(SHOW).active
    assert f"goal.added:{SHOW}" not in [n.id for n in world.notified("goal.added")]


@pytest.mark.parametrize(
    ("active", "_cls", "viewer"),
    [
        (False, "ShowFundingGoal", None),
        (False, "TriggerExclusiveGoal", VIEWER),
        (True, "TriggerExclusiveGoal", None),
        (True, "ShowGoal", None),
    ],
    ids=["funding, session has ended", "request, session has ended", "request of no viewer", "show without funding"],
)
def test_goal_that_cannot_be_bound_is_ended_N1_D24(world: World, active: bool, _cls: str, viewer: str | None) -> None:
    world.sessions.add(a_session(active=active))
    world.create(GOAL, _cls, metadata={"user_id": STREAMER, "triggered_by": viewer})
    world.run_due()

    assert not world.goal(GOAL).active
    assert world.notified("goal.added") == []


def test_goal_that_ends_while_it_is_bound_ends_in_the_session_too_N2(world: World) -> None:
    """Another worker ends the goal, and has handled ``goal.ended`` already."""
    meanwhile(world.sessions, "bind_show_funding_goal", lambda: world.goals.end(GOAL, NOW), after=True)
    create_funding(world)

    assert pair(world) == ShowGoalPair(funding_goal=GOAL, funding_ended=NOW)
    assert world.invite().goal_id


def test_goal_that_only_the_host_stores_is_bound_by_its_signal_D20(world: World) -> None:
    created: dict[str, Any] = {"active": True, "conditions": {"session_id": SESSION}, "context": {}, "levels": []}
    world.container.signals().send(GoalCreated(goal_id=GOAL, _cls="ShowFundingGoal", nbf=None, exp=EXP, **created))

    assert pair(world) == ShowGoalPair(funding_goal=GOAL)


@pytest.mark.parametrize(
    ("levels", "completed"),
    [
        ([], False),
        ([{"progress": 3}], False),
        ([{"progress": 2}], True),
        ([{"progress": 1}, {"progress": 2}], True),
        (["all of it"], False),
        ([{"progress": None}], False),
        ([{}], False),
    ],
)
def test_funding_goal_is_complete_at_the_last_of_its_levels_N5(
    world: World, levels: list[object], completed: bool
) -> None:
    create_funding(world, levels=levels)
    world.pay(GOAL, FUNDING_ESCROW, VIEWER)
    assert world.outcome("increment_goal_progress", "trigger_goal_complete") == "skipped"
    world.pay(GOAL, FUNDING_ESCROW, VIEWER_2)
    world.run_due()

    assert world.goal(GOAL).active is not completed
    assert (pair(world) == ShowGoalPair(funding_goal=GOAL, funding_ended=NOW)) is completed


def test_payments_for_a_goal_that_is_complete_complete_it_once_N5(world: World) -> None:
    create_funding(world, levels=[{"progress": 2}])
    for number in range(51):
        world.progress(GOAL, f"payment {number}", VIEWER)  # no worker runs anything else in between
    assert world.messages().count(DeactivateGoal(goal_id=GOAL)) == 1
    world.run_due()
    for number in range(51):
        world.progress(GOAL, f"late payment {number}", VIEWER_2)
    world.run_due()
    assert len(world.notified("goal.ended")) == 1


def test_a_payment_that_breaks_off_completes_its_goal_when_it_comes_again_N5(world: World) -> None:
    create_funding(world, levels=[{"progress": 1}])

    def fail() -> None:
        raise TaskQueueUnavailable("no answer")

    meanwhile(world.task_queue, "trigger", fail)
    with pytest.raises(ExceptionGroup):
        world.progress(GOAL, "payment", VIEWER)
    assert world.goal(GOAL).active
    world.progress(GOAL, "payment", VIEWER)
    world.run_due()
    assert not world.goal(GOAL).active


# Who may watch


def authorized(world: World) -> list[list[str]]:
    return [list(n.channels) for n in world.notified("stream.authorized")]


def preview(viewer_id: str) -> str:
    return f"presence-stream-viewer@{STREAMER}.preview.{viewer_id}"


def test_payers_of_the_funding_goal_and_of_the_show_may_watch_it_N4(funded: World) -> None:
    create_show(funded)
    assert authorized(funded) == [[preview(VIEWER)]]

    funded.pay(SHOW, SHOW_ESCROW, VIEWER_2)

    assert authorized(funded) == [[preview(VIEWER)], [preview(VIEWER_2)]]


def test_progress_without_a_payment_authorizes_nobody_N4(funding: World) -> None:
    create_show(funding)
    funding.progress(SHOW, "a gift")

    assert authorized(funding) == []
    assert funding.outcome("increment_goal_progress", "notify_viewer_change_stream_for_show") == "skipped"
