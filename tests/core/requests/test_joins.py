"""Who joins a goal: at which price, until when, and whose request triggers ``create_goal``."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from pytest_mock import MockerFixture

from show_goal.core.errors import Forbidden, GoalEnding, InvalidInvitation, Refused
from show_goal.core.messages import CreateGoal, Transfer
from show_goal.core.model import Claim, Session, Viewer
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_goal, a_session
from tests.world import World, meanwhile

FIRST_ID = "000000000000000000000001"
VIEWER_3 = "71e000000000000000000003"
POOR = "71e0000000000000000000ff"
OLD = timedelta(seconds=2)
TICK = timedelta(milliseconds=1)
JUST_BEFORE = EXP - timedelta(seconds=9)


def test_second_viewer_joins_the_ongoing_goal_at_their_own_price_D16(world: World) -> None:
    first = world.invite(VIEWER, duration=90)
    world.run_due()
    second = world.invite(VIEWER_2, duration=30, exp=int(EXP.timestamp()) + 60)

    assert (second.goal_id, second.amount) == (first.goal_id, 30)
    assert second.exp == first.exp, "exp stays the first viewer's"
    assert world.kinds().count(Transfer) == 1
    assert CreateGoal not in world.kinds()


def test_joiners_consent_to_their_own_price_D30(world: World) -> None:
    world.invite(VIEWER, duration=90, amount=90)

    assert world.invite(VIEWER_2, duration=30, amount=30).amount == 30


# --- create_goal is triggered by who set the claim, and once more ---


def test_the_claim_says_since_when_it_holds_D2(world: World) -> None:
    world.invite(VIEWER, duration=90)

    claim = Claim(goal_id=FIRST_ID, exp=EXP, triggered_by=VIEWER, prepaid_duration=90, amount=90, since=NOW)
    assert world.sessions.get(SESSION).claim == claim


@pytest.mark.parametrize("viewer_id", [VIEWER, VIEWER_2])
def test_who_did_not_set_a_young_claim_triggers_no_create_goal_D2(world: World, viewer_id: str) -> None:
    world.invite(VIEWER)
    world.clock.advance(OLD)
    world.invite(viewer_id)

    assert world.kinds() == [CreateGoal, Transfer, Transfer]


def test_loser_of_the_race_for_the_claim_triggers_no_create_goal_D2(world: World) -> None:
    meanwhile(world.sessions, "claim", lambda: world.invite(VIEWER_2))
    accepted = world.invite(VIEWER)

    assert [accepted.goal_id] == [message.goal_id for message in world.messages() if isinstance(message, CreateGoal)]
    assert world.kinds() == [CreateGoal, Transfer, Transfer]


def test_joiner_creates_a_goal_whose_claim_is_old_again_as_the_first_viewers_D2_D16(world: World) -> None:
    world.invite(VIEWER, duration=90)
    world.task_queue.purge()  # create_goal is late, or lost
    world.clock.advance(OLD + TICK)
    world.invite(VIEWER_2, duration=30)

    assert world.kinds() == [CreateGoal, Transfer]
    world.run_due()
    (goal,) = world.goals.all()
    assert (goal.id, goal.metadata["triggered_by"], goal.metadata["prepaid_duration"]) == (FIRST_ID, VIEWER, 90)


def test_goal_claimed_by_version_0_1_is_created_again_D2(world: World) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id=FIRST_ID, exp=EXP)))  # does not say since when
    for _ in range(2):
        world.invite(VIEWER)

    assert world.kinds() == [CreateGoal, Transfer, Transfer]


def test_bound_goal_with_an_old_claim_is_not_created_again_D2(world: World) -> None:
    world.invite(VIEWER)
    world.run_due()
    world.clock.advance(OLD + TICK)
    world.task_queue.purge()
    world.invite(VIEWER_2)

    assert world.kinds() == [Transfer]


@pytest.mark.parametrize("claim", [{"renewed": True}, {"since": NOW}], ids=["renewed", "bound"])
def test_store_is_not_asked_when_the_claim_itself_tells_D2(
    world: World, mocker: MockerFixture, claim: dict[str, Any]
) -> None:
    bound = None if "renewed" in claim else Session.TriggerPrivateGoal(goal=GOAL)
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP, **claim), trigger_private_goal=bound))
    world.clock.advance(OLD + TICK)
    renew_claim = mocker.spy(world.sessions, "renew_claim")
    world.invite(VIEWER)

    renew_claim.assert_not_called()


def test_a_thousand_requests_for_an_unbound_goal_trigger_create_goal_twice_Q5(world: World) -> None:
    viewers = [f"71e2{number:020x}" for number in range(10)]
    for viewer_id in viewers:
        world.wallet.credit(viewer_id, 90)
    for number in range(1_000):
        world.invite(viewers[number % 10])
        world.clock.advance(timedelta(milliseconds=250))

    assert Counter(world.kinds()) == {CreateGoal: 2, Transfer: 1_000}


def test_who_cannot_trigger_create_goal_leaves_it_to_the_next_request_D2(world: World, mocker: MockerFixture) -> None:
    """Otherwise an outage would use up the one renewal, and the goal would wait for a sweep."""
    world.invite(VIEWER)
    world.task_queue.purge()
    world.clock.advance(OLD + TICK)
    mocker.patch.object(world.task_queue, "trigger", side_effect=TaskQueueUnavailable)
    with pytest.raises(TaskQueueUnavailable):
        world.invite(VIEWER_2)
    mocker.stopall()
    world.invite(VIEWER_2)

    assert Counter(world.kinds()) == {CreateGoal: 1, Transfer: 1}


def test_two_who_see_an_old_claim_at_once_trigger_create_goal_once_D2(world: World) -> None:
    world.invite(VIEWER)
    world.task_queue.purge()
    world.clock.advance(OLD + TICK)
    meanwhile(world.sessions, "renew_claim", lambda: world.invite(VIEWER_2))
    world.invite(VIEWER)

    assert Counter(world.kinds()) == {CreateGoal: 1, Transfer: 2}


def test_paid_claim_without_a_goal_is_the_sweeps_to_resume_D26(world: World) -> None:
    world.invite(VIEWER)
    create_goal, transfer = world.messages()
    assert isinstance(transfer, Transfer)
    world.task_queue.purge()
    world.container.transfer()(transfer)
    world.task_queue.purge()
    world.clock.advance(OLD + TICK)
    world.invite(VIEWER)
    assert world.messages() == []

    world.sweep()
    assert world.messages() == [create_goal]


# --- nobody joins just before the end ---


@pytest.mark.parametrize(
    ("viewer_id", "later", "refusal"),
    [(VIEWER_2, 0, GoalEnding), (VIEWER_2, 300, GoalEnding), (VIEWER, -1, InvalidInvitation)],
)
def test_no_new_invitation_comes_too_late_to_be_answered_D31(
    world: World, viewer_id: str, later: int, refusal: type[Refused]
) -> None:
    world.invite(VIEWER)
    world.clock.move_to(JUST_BEFORE)
    messages = world.messages()

    with pytest.raises(refusal):
        world.invite(viewer_id, exp=int(EXP.timestamp()) + later)
    assert world.messages() == messages


def test_who_comes_too_late_to_join_hears_when_to_invite_again_D31(world: World) -> None:
    world.invite(VIEWER)
    world.wallet.credit(VIEWER_3, 90)
    world.clock.move_to(JUST_BEFORE - timedelta(seconds=1))
    assert world.invite(VIEWER_2), "10 s are enough"
    world.clock.move_to(JUST_BEFORE)

    with pytest.raises(GoalEnding) as caught:
        world.invite(VIEWER_3)
    assert caught.value.retry_at == EXP


@pytest.mark.parametrize("viewer", [Viewer(id=VIEWER_2, tags={f"blocked-by:{STREAMER}"}), Viewer(id=POOR)])
def test_that_the_goal_is_about_to_end_is_said_only_to_who_may_join_D10_D31(world: World, viewer: Viewer) -> None:
    world.invite(VIEWER)
    world.clock.move_to(JUST_BEFORE)

    with pytest.raises(Forbidden):
        world.invite(viewer, exp=int(EXP.timestamp()) + 300)


def test_goal_of_before_the_claims_is_not_joined_just_before_its_end_D31(world: World) -> None:
    world.sessions.add(a_session(trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL)))
    world.goals.insert(a_goal())
    world.clock.move_to(JUST_BEFORE)

    with pytest.raises(GoalEnding):
        world.invite(VIEWER_2)
    assert world.messages() == []
