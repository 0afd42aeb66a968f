from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_mock import MockerFixture

from show_goal.core.decision import Settlement
from show_goal.core.errors import GoalNotEnded, GoalUnknown
from show_goal.core.messages import SettleEscrow
from show_goal.core.model import ViewerPass
from show_goal.core.money import Balance, Hold
from show_goal.ports.errors import UnreadableDocument, WalletUnavailable
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_goal, a_hold
from tests.world import World, meanwhile

DELAY = timedelta(seconds=60)


@pytest.fixture
def ended(world: World) -> World:
    """A platform on which GOAL has ended now, with VIEWER's 90 in its escrow."""
    world.goals.insert(a_goal())
    world.wallet.hold(a_hold())
    world.goals.end(GOAL, NOW)
    return world


def settle(world: World) -> None:
    world.container.settle_escrow()(SettleEscrow(goal_id=GOAL))


def settle_when_due(world: World) -> None:
    world.clock.advance(DELAY)
    settle(world)


def states(world: World) -> list[str]:
    return [hold.state for hold in world.wallet.holds()]


def test_settlement_waits_for_settle_delay_L3(ended: World) -> None:
    ended.clock.advance(timedelta(seconds=59))
    settle(ended)

    (queued,) = ended.task_queue.queued()
    assert (queued.message, queued.due) == (SettleEscrow(goal_id=GOAL), NOW + DELAY)
    assert states(ended) == ["held"]


def test_settled_goal_is_not_settled_again_L3(ended: World) -> None:
    settle_when_due(ended)
    assert "balance.incremented" in [name for name, _ in ended.steps("settle_escrow", "signal")]
    settle(ended)

    assert ended.trace("settle_escrow")["steps"] == [{"kind": "guard", "name": "goal_unknown", "outcome": "passed"}]


def test_what_a_worker_of_an_older_version_has_just_decided_counts_although_it_says_no_reason_D35(ended: World) -> None:
    meanwhile(ended.goals, "decide", lambda: ended.goals.decide(GOAL, Settlement.RELEASED))
    settle_when_due(ended)
    assert states(ended) == ["released"]
    assert "decided" not in [step["kind"] for step in ended.trace("settle_escrow")["steps"]]


def test_active_goal_is_not_settled_L3(world: World) -> None:
    world.goals.insert(a_goal())
    world.clock.move_to(EXP + timedelta(hours=1))

    with pytest.raises(GoalNotEnded):
        settle(world)


def test_unknown_goal_is_not_settled(world: World) -> None:
    with pytest.raises(GoalUnknown):
        settle(world)


def test_decision_is_carried_out_even_if_the_session_has_changed_since_L3(ended: World) -> None:
    ended.goals.decide(GOAL, Settlement.RELEASED)
    settle_when_due(ended)

    assert states(ended) == ["released"]


def test_hold_placed_after_the_settlement_is_refunded_N8(ended: World) -> None:
    settle_when_due(ended)
    ended.wallet.hold(a_hold(viewer_id=VIEWER_2, exp=None))
    settle(ended)

    assert states(ended) == ["refunded", "refunded"]


@pytest.mark.parametrize("agree", [True, False])
def test_nobody_joins_a_goal_once_its_money_has_moved_although_its_session_was_not_told_of_the_end_D2_D30(
    world: World, agree: bool
) -> None:
    """The claim is live until its exp, and the wallet forgets promises: one goal would have two prices."""
    goal_id = world.invite(duration=10).goal_id
    world.run_due()
    world.goals.end(goal_id, NOW, metadata={"agreed": NOW} if agree else {"cooldown": NOW + DELAY})
    world.task_queue.purge()  # what should tell the session was set aside
    world.clock.advance(DELAY)
    world.container.settle_escrow()(SettleEscrow(goal_id=goal_id))

    assert world.invite(duration=60).goal_id != goal_id


def test_session_that_cannot_be_read_keeps_no_goal_from_being_settled_D43(ended: World, mocker: MockerFixture) -> None:
    broken = UnreadableDocument(f"session {SESSION}: no user")
    mocker.patch.object(ended.sessions, "end_trigger_private_goal", autospec=True, side_effect=broken)
    settle_when_due(ended)

    assert ended.goal(GOAL).settled


def test_payer_of_a_show_gets_a_pass_although_goal_ended_was_never_sent_L3(world: World) -> None:
    world.goals.insert(a_goal())
    world.wallet.hold(a_hold())
    world.goals.end(GOAL, NOW, metadata={"agreed": NOW})  # and the worker died for good
    world.switch_preset("sd")
    settle_when_due(world)

    assert states(world) == ["released"]
    assert list(world.passes.of(SESSION)) == [VIEWER]


def test_whose_transfer_named_no_duration_gets_the_goals_D16_D39(world: World) -> None:
    world.goals.insert(a_goal())
    for viewer_id in (VIEWER, VIEWER_2):
        world.wallet.hold(a_hold(viewer_id=viewer_id, duration=None))  # the seed's arguments, and no header
    world.agree(GOAL)

    both = dict.fromkeys((VIEWER, VIEWER_2), ViewerPass(nbf=NOW, duration=90))
    assert world.passes.of(SESSION) == both
    world.goals.decide(GOAL, Settlement.RELEASED)
    world.sessions.add(world.sessions.get(SESSION))  # without its passes
    settle_when_due(world)
    assert world.passes.of(SESSION) == both
    assert states(world) == ["released"] * 2


def test_goal_that_has_no_duration_either_gives_no_pass_D16(world: World) -> None:
    """Only a host's own ``create_goal`` makes one."""
    world.goals.insert(a_goal(metadata={"user_id": STREAMER}))
    world.wallet.hold(a_hold(duration=None))
    world.agree(GOAL)
    assert world.passes.of(SESSION) == {}


@pytest.mark.parametrize("failure", [ValueError("this account is frozen"), WalletUnavailable("it hangs")])
def test_failing_refund_stops_no_other_L6(ended: World, failure: Exception) -> None:
    ended.wallet.hold(a_hold(viewer_id=VIEWER_2))
    refund = ended.wallet.refund

    def failing(transaction_id: str) -> Hold:
        if transaction_id.endswith(VIEWER):
            raise failure
        return refund(transaction_id)

    ended.wallet.refund = failing  # type: ignore[method-assign]
    settle_when_due(ended)

    assert ended.wallet.balance(VIEWER_2) == Balance(available=1_000)
    assert ("balance.incremented", "sent") in ended.steps("settle_escrow", "signal")
    assert not ended.goal(GOAL).settled, "the sweep tries again"
    (left_out,) = [step for step in ended.trace("settle_escrow")["steps"] if step["outcome"] == "left out"]
    assert left_out["name"] == a_hold().transaction_id
    alone = SettleEscrow(goal_id=GOAL, transactions=[a_hold().transaction_id])
    with pytest.raises(ExceptionGroup, match="not all of the escrow"):
        ended.container.settle_escrow()(alone)
