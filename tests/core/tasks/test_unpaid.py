"""D33: nobody hears for long of an invitation that is not paid."""

from __future__ import annotations

import pytest

from show_goal.core.decision import Rule, Settlement
from show_goal.core.errors import InsufficientBalance, NotPaid
from show_goal.core.messages import CreateGoal, Transfer
from tests.builders import SESSION, STREAMER, VIEWER, VIEWER_2
from tests.world import World


def spend(world: World, viewer_id: str = VIEWER) -> None:
    """The viewer has accepted invitations for more than they have."""
    world.wallet.credit(viewer_id, -world.wallet.balance(viewer_id).available)


@pytest.fixture
def unpaid(world: World) -> World:
    """VIEWER was told 202, and had nothing left when the transfer came."""
    world.invite()
    spend(world)
    return world


def taken(world: World) -> tuple[CreateGoal, list[Transfer]]:
    """The messages of the invitations, which the test carries out itself."""
    messages = world.messages()
    world.task_queue.purge()
    (create_goal,) = [one for one in messages if isinstance(one, CreateGoal)]
    return create_goal, [one for one in messages if isinstance(one, Transfer)]


def goal_id(world: World) -> str:
    (goal,) = world.goals.all()
    return goal.id


def test_goal_that_nobody_can_pay_ends_at_once_and_leaves_no_cooldown_D33(unpaid: World) -> None:
    unpaid.run_due()

    assert not unpaid.goal(goal_id(unpaid)).active
    assert unpaid.sessions.private_goals(SESSION) == ()
    assert [one.event for one in unpaid.notifier.notifications if one.event.startswith("goal.")] == [
        "goal.added",
        "goal.ended",
    ]
    assert unpaid.invite(VIEWER_2).goal_id != goal_id(unpaid), "no cooldown"


def test_nobody_agrees_to_what_nobody_paid_F5(unpaid: World) -> None:
    unpaid.run_due()

    with pytest.raises(NotPaid):
        unpaid.agree(goal_id(unpaid))


def test_agreement_that_came_before_the_refused_transfer_releases_nothing_F5(unpaid: World) -> None:
    create_goal, _ = taken(unpaid)
    unpaid.container.create_goal()(create_goal)
    unpaid.agree(create_goal.goal_id)
    unpaid.switch_preset("sd")
    unpaid.wait(60)

    goal = unpaid.goal(goal_id(unpaid))
    assert goal.settlement is Settlement.REFUNDED
    assert goal.why is not None
    assert goal.why.rule is Rule.NOT_PAID


def test_transfer_that_overtakes_its_create_goal_frees_the_session_D33(unpaid: World) -> None:
    create_goal, (transfer,) = taken(unpaid)
    with pytest.raises(InsufficientBalance):
        unpaid.container.transfer()(transfer)
    unpaid.container.create_goal()(create_goal)
    unpaid.run_due()

    assert unpaid.notified("goal.added") == []
    assert not unpaid.goal(create_goal.goal_id).active


def test_goal_with_another_deposit_goes_on_D33(world: World) -> None:
    world.invite()
    world.invite(VIEWER_2)
    spend(world)
    create_goal, (first, second) = taken(world)
    world.container.create_goal()(create_goal)
    world.container.transfer()(second)
    with pytest.raises(InsufficientBalance):
        world.container.transfer()(first)
    world.run_due()

    assert world.goal(goal_id(world)).active


def test_joiner_who_cannot_pay_ends_nothing_D33(world: World) -> None:
    world.invite()
    world.invite(VIEWER_2)
    spend(world, VIEWER_2)
    create_goal, (_, second) = taken(world)
    world.container.create_goal()(create_goal)
    with pytest.raises(InsufficientBalance):
        world.container.transfer()(second)
    world.run_due()

    assert world.goal(goal_id(world)).active
    assert STREAMER not in world.wallet.accounts()
