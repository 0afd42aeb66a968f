from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.errors import GoalNotEnded, GoalUnknown
from show_goal.core.messages import SettleEscrow
from show_goal.core.model import Balance, Hold, Settlement, ViewerPass
from show_goal.ports.errors import WalletUnavailable
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_goal, a_hold
from tests.world import World


@pytest.fixture
def ended(world: World) -> World:
    """A platform on which GOAL has ended now, with VIEWER's 90 in its escrow."""
    world.goals.insert(a_goal())
    world.wallet.hold(a_hold())
    world.goals.end(GOAL, NOW)
    return world


def settle(world: World) -> None:
    world.container.settle_escrow()(SettleEscrow(goal_id=GOAL))


def test_settlement_waits_for_settle_delay_L3(ended: World) -> None:
    ended.clock.advance(timedelta(seconds=59))
    settle(ended)

    (queued,) = ended.task_queue.queued()
    assert (queued.message, queued.due) == (SettleEscrow(goal_id=GOAL), NOW + timedelta(seconds=60))
    assert ended.wallet.holds()[0].state == "held"


def test_settled_goal_is_left_alone_L3(ended: World) -> None:
    ended.clock.advance(timedelta(seconds=60))
    settle(ended)
    assert "balance.incremented" in [name for name, _ in ended.steps("settle_escrow", "signal")]
    settle(ended)

    assert ended.trace("settle_escrow")["steps"] == [{"kind": "guard", "name": "goal_unknown", "outcome": "passed"}]


def test_goal_that_is_still_active_is_not_settled_L3(world: World) -> None:
    world.goals.insert(a_goal())
    world.clock.move_to(EXP + timedelta(hours=1))

    with pytest.raises(GoalNotEnded):
        settle(world)


def test_unknown_goal_is_not_settled(world: World) -> None:
    with pytest.raises(GoalUnknown):
        settle(world)


def test_decided_settlement_is_carried_on_whatever_the_session_has_become_L3(ended: World) -> None:
    ended.goals.decide(GOAL, Settlement.RELEASED)
    ended.clock.advance(timedelta(seconds=60))
    settle(ended)

    assert ended.wallet.holds()[0].state == "released"


def test_money_that_was_held_too_late_goes_the_same_way_although_the_goal_is_settled_N8(ended: World) -> None:
    ended.clock.advance(timedelta(seconds=60))
    settle(ended)
    ended.wallet.hold(a_hold(viewer_id=VIEWER_2, exp=None))
    settle(ended)

    assert [hold.state for hold in ended.wallet.holds()] == ["refunded", "refunded"]


def test_whoever_pays_for_a_show_is_let_in_although_nobody_told_of_the_agreement_L3(world: World) -> None:
    world.goals.insert(a_goal())
    world.wallet.hold(a_hold())
    world.goals.end(GOAL, NOW, metadata={"agreed": NOW})  # and the worker died for good
    world.sessions.switch_preset(STREAMER, "sd")
    world.clock.advance(timedelta(seconds=60))
    settle(world)

    assert world.wallet.holds()[0].state == "released"
    assert list(world.sessions.viewers(SESSION)) == [VIEWER]


def test_first_viewer_is_let_in_for_the_goals_duration_when_the_transfer_did_not_say_it_D16(world: World) -> None:
    world.goals.insert(a_goal())
    for viewer_id in (VIEWER, VIEWER_2):
        world.wallet.hold(a_hold(viewer_id=viewer_id, duration=None))  # the seed's arguments, and no header
    world.agree(GOAL)

    assert world.sessions.viewers(SESSION) == {VIEWER: ViewerPass(nbf=NOW, duration=90)}
    world.goals.decide(GOAL, Settlement.RELEASED)
    world.sessions.add(world.sessions.get(SESSION))  # nobody is let in
    world.clock.advance(timedelta(seconds=60))
    settle(world)
    assert world.sessions.viewers(SESSION) == {VIEWER: ViewerPass(nbf=NOW, duration=90)}


class FrozenWallet(MemoryWallet):
    """It gives VIEWER nothing back."""

    error: Exception
    asked = 0

    def refund(self, transaction_id: str) -> Hold:
        self.asked += 1
        if transaction_id.endswith(VIEWER):
            raise self.error
        return super().refund(transaction_id)


def two_holds(wallet: FrozenWallet) -> World:
    """VIEWER and VIEWER_2 have paid 90 each for a goal that ended, and whose settlement is due."""
    world = World.make(wallet=wallet)
    world.goals.insert(a_goal())
    for viewer_id in (VIEWER, VIEWER_2):
        wallet.credit(viewer_id, 90)
        wallet.hold(a_hold(viewer_id=viewer_id))
    world.goals.end(GOAL, NOW)
    world.clock.advance(timedelta(seconds=60))
    return world


def test_hold_that_cannot_be_given_back_keeps_nobody_else_waiting_L6() -> None:
    wallet = FrozenWallet()
    wallet.error = ValueError("this account is frozen")
    world = two_holds(wallet)

    with pytest.raises(ExceptionGroup, match="not all of the escrow"):
        settle(world)

    assert wallet.balance(VIEWER_2) == Balance(available=90)
    assert ("balance.incremented", "sent") in world.steps("settle_escrow", "signal")
    assert not world.goal(GOAL).settled, "the sweeper goes on with the other one"


def test_wallet_that_does_not_answer_is_asked_once_a_settlement() -> None:
    wallet = FrozenWallet()
    wallet.error = WalletUnavailable("it hangs")
    world = two_holds(wallet)

    with pytest.raises(ExceptionGroup):
        settle(world)

    assert wallet.asked == 1
