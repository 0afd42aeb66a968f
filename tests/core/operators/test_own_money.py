"""A wallet of a host's own: this one must not act on its goals."""

from __future__ import annotations

from attrs import evolve
from pytest_mock import MockerFixture

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.model import Contribution
from show_goal.core.operators.own_money import MoneyElsewhere
from show_goal.ports.page import Page
from tests.builders import GOAL_2
from tests.world import World


def elsewhere(world: World) -> MoneyElsewhere:
    """As a command asks that has another wallet than the workers."""
    return evolve(world.container.money_elsewhere(), wallet=MemoryWallet())


def test_a_due_goal_whose_payments_the_wallet_does_not_know_is_found(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    assert elsewhere(world)() is None, "nothing is due"
    world.wait(300)
    found = elsewhere(world)()
    assert (found and found.id, world.container.money_elsewhere()()) == (goal_id, None)


def test_one_goal_whose_payments_it_knows_is_enough(world: World) -> None:
    world.create(GOAL_2, "ShowFundingGoal", exp=None)
    world.progress(GOAL_2, "reported, and never held")
    world.end(GOAL_2)
    world.invite()
    world.run_due()
    world.wait(300)
    assert world.container.money_elsewhere()() is None


def test_payments_that_version_0_1_counted_are_found_by_goal_and_viewer(world: World, mocker: MockerFixture) -> None:
    world.invite()
    world.run_due()
    world.wait(300)
    counted = world.goals.contributions

    def of_old(goal_id: str, limit: int) -> Page[Contribution]:
        return Page([evolve(one, insert_id=f"0.1:{one.viewer_id}") for one in counted(goal_id, limit).items])

    mocker.patch.object(world.goals, "contributions", of_old)
    assert world.container.money_elsewhere()() is None


def test_what_another_class_counts_needs_no_hold(world: World) -> None:
    world.create(GOAL_2, "ShowFundingGoal", exp=None)
    world.progress(GOAL_2, "reported, and never held")
    world.end(GOAL_2)
    world.wait(300)
    assert elsewhere(world)() is None


def test_a_goal_without_payments_proves_nothing(world: World) -> None:
    goal_id = world.invite().goal_id
    world.wallet.withdraw("payout", "71e000000000000000000001", 1_000)
    world.run_due()
    goal = world.goal(goal_id)
    assert elsewhere(world)() is None
    assert elsewhere(world).known(goal)
