from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from show_goal.core.errors import GoalEnded, OngoingGoalExists
from show_goal.core.model import Claim, Goal
from show_goal.ports.errors import NotifierUnavailable
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, a_create_goal, a_goal, a_session
from tests.world import World, meanwhile


@pytest.fixture
def claimed(world: World) -> World:
    """A session that GOAL has claimed."""
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))
    return world


def test_goal_is_created_with_its_given_id_and_the_seeds_fields_D1(claimed: World) -> None:
    claimed.container.create_goal()(a_create_goal())

    assert claimed.goal(GOAL) == Goal(
        id=GOAL,
        _cls="TriggerPrivateGoal",
        active=True,
        conditions={"session_id": SESSION},
        levels=[],
        nbf=None,
        exp=EXP,
        context={"type": "trigger-private"},
        metadata={"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90},
    )


def test_goal_created_is_sent_with_exactly_the_seeds_arguments_D20(claimed: World) -> None:
    heard: list[object] = []

    def host(sender: str, **payload: object) -> None:
        heard.append((sender, payload))

    claimed.container.namespace().signal("features.leaderboards").connect(host, sender="goal.created")
    claimed.container.create_goal()(a_create_goal())

    payload = {
        "goal_id": GOAL,
        "active": True,
        "_cls": "TriggerPrivateGoal",
        "conditions": {"session_id": SESSION},
        "context": {"type": "trigger-private"},
        "levels": [],
        "nbf": None,
        "exp": EXP,
    }
    assert heard == [("goal.created", payload)]


@pytest.mark.parametrize("again", [NOW, EXP])
def test_goal_delivered_twice_is_created_once_and_announced_again_D19_D23(claimed: World, again: datetime) -> None:
    claimed.container.create_goal()(a_create_goal())
    claimed.clock.move_to(again)
    claimed.container.create_goal()(a_create_goal())

    assert len(claimed.goals.all()) == 1
    assert [goal.goal for goal in claimed.sessions.private_goals(SESSION)] == [GOAL]
    assert [notification.id for notification in claimed.notifier.notifications] == [f"goal.added:{GOAL}"] * 2


def test_first_delivery_after_exp_creates_nothing(claimed: World) -> None:
    claimed.clock.move_to(EXP)

    with pytest.raises(GoalEnded):
        claimed.container.create_goal()(a_create_goal())

    assert claimed.goals.all() == []
    assert claimed.notifier.notifications == []


def test_overdue_goal_is_ended_by_the_next_goal_of_its_session_D2(claimed: World) -> None:
    claimed.goals.insert(a_goal(id=GOAL_2, exp=NOW))

    claimed.container.create_goal()(a_create_goal())

    assert [(goal.id, goal.active) for goal in claimed.goals.all()] == [(GOAL_2, False), (GOAL, True)]


def test_end_of_the_overdue_goal_is_told_although_the_channel_service_was_away_then_D2(claimed: World) -> None:
    """Once it is ended, no repeat of ``create_goal`` looks for it, and its settlement may come before a sweep."""
    claimed.goals.insert(a_goal(id=GOAL_2, exp=NOW))

    def away() -> None:
        raise NotifierUnavailable("away")

    meanwhile(claimed.notifier, "notify", away)
    with suppress(ExceptionGroup):
        claimed.container.create_goal()(a_create_goal())
    claimed.container.create_goal()(a_create_goal())
    claimed.run_due(quiet=True)

    assert [one.payload["goal_id"] for one in claimed.notified("goal.ended")] == [GOAL_2]


def test_second_ongoing_goal_of_a_session_is_refused_D2(claimed: World) -> None:
    claimed.goals.insert(a_goal(id=GOAL_2, exp=EXP))

    with pytest.raises(OngoingGoalExists) as caught:
        claimed.container.create_goal()(a_create_goal())

    assert caught.value.goal_id == GOAL_2
    assert [goal.id for goal in claimed.goals.all()] == [GOAL_2]


def test_goal_of_another_class_without_exp_is_tracked_and_every_other_receiver_returns_D6(world: World) -> None:
    world.container.create_goal()(a_create_goal(_cls="FanClubGoal", exp=None, conditions={}))

    outcomes = world.steps("create_goal", "receiver")
    assert len(outcomes) == 9
    assert [name for name, outcome in outcomes if outcome != "skipped"] == ["track_goals"]
    assert world.messages() == []


def test_goal_with_nbf_keeps_it(world: World) -> None:
    nbf = NOW + timedelta(seconds=1)

    assert world.container.create_goal()(a_create_goal(nbf=nbf)).nbf == nbf
