"""D34: everyone who was told 202 hears if nothing came of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from attrs import evolve

from show_goal.core.errors import GoalEnded, GoalUnknown, InsufficientBalance
from show_goal.core.messages import Transfer
from show_goal.core.names import user_channel
from show_goal.ports.errors import NotifierUnavailable
from tests.builders import SESSION, VIEWER, VIEWER_2
from tests.world import World

from .hearing import fail, invite, settled


def lapsed(world: World) -> list[tuple[Mapping[str, object], list[str]]]:
    return [(one.payload, [*one.channels]) for one in world.notified("invitation.lapsed")]


def spend(world: World, viewer_id: str) -> None:
    world.wallet.credit(viewer_id, -world.wallet.balance(viewer_id).available)


def transfer_of(world: World) -> Transfer:
    (transfer,) = [one for one in world.messages() if isinstance(one, Transfer)]
    world.task_queue.purge()
    return transfer


def test_who_joined_and_cannot_pay_hears_that_nothing_came_of_it_D34(world: World) -> None:
    goal_id = invite(world, VIEWER)
    world.invite(VIEWER_2)
    spend(world, VIEWER_2)
    world.run_due()
    assert lapsed(world) == [
        (
            {"session_id": SESSION, "goal_id": goal_id, "reason": InsufficientBalance.code},
            [user_channel(VIEWER_2)],
        )
    ]


def test_who_asked_and_cannot_pay_hears_it_too_and_nobody_hears_of_a_settlement_D34(world: World) -> None:
    world.invite()
    spend(world, VIEWER)
    world.run_due()
    world.wait(60)
    assert [channels for _, channels in lapsed(world)] == [[user_channel(VIEWER)]]
    assert settled(world) == []


def test_whose_transfer_came_after_the_end_hears_it_D34(world: World) -> None:
    goal_id = invite(world, VIEWER)
    world.invite(VIEWER_2)
    late = transfer_of(world)
    world.refuse(goal_id)
    world.run_due()
    for _ in range(2):
        with pytest.raises(GoalEnded):
            world.container.transfer()(late)
    first, again = world.notified("invitation.lapsed")
    assert first == again
    assert first.payload["reason"] == "goal_ended"
    assert first.channels == [user_channel(VIEWER_2)]


def test_whose_transfer_was_made_before_hears_of_no_lapse_when_it_comes_again_D34(world: World) -> None:
    world.invite()
    (transfer,) = [one for one in world.messages() if isinstance(one, Transfer)]
    world.run_due()
    (goal,) = world.goals.all()
    world.refuse(goal.id)
    world.run_due()
    world.container.transfer()(transfer)
    assert lapsed(world) == []


def test_transfer_of_another_class_tells_nobody_D34(world: World) -> None:
    world.invite()
    transfer = transfer_of(world)
    with pytest.raises(GoalUnknown):
        world.container.transfer()(evolve(transfer, goal_id="f0d", escrow_id="show_funding:f0d"))
    assert lapsed(world) == []


def test_a_channel_service_that_fails_changes_nothing_of_the_refusal_D34(world: World) -> None:
    invite(world, VIEWER)
    world.invite(VIEWER_2)
    spend(world, VIEWER_2)
    fail(world, NotifierUnavailable("away"), event="invitation.lapsed")
    with pytest.raises(InsufficientBalance):
        world.container.transfer()(transfer_of(world))
    assert world.trace("transfer")["outcome"] == "refused"
    assert ("viewer", VIEWER_2) in [(step["kind"], step["name"]) for step in world.trace("transfer")["steps"]]
