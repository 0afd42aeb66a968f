"""What the flow sends after the invitation, word for word: signals, receivers, tasks, channels (L1 to L4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from attrs import frozen

from show_goal.core.model import Session, ViewerPass
from tests.builders import EXP, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_report
from tests.world import World

GOAL = "000000000000000000000001"
TRANSACTION = f"session:trigger-private:{GOAL}:{VIEWER}"
TRANSACTION_2 = f"session:trigger-private:{GOAL}:{VIEWER_2}"
TAG = f"swag::livestream.session:{SESSION}.trigger_private:{GOAL}"
ANNOUNCED = [f"presence-stream@{STREAMER}", f"private-stream@{STREAMER}", f"private-user@{STREAMER}"]
ANSWERED = NOW + timedelta(seconds=10)

INVITED = {"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90}
PUBLIC = {
    "goal_id": GOAL,
    "_cls": "TriggerPrivateGoal",
    "progress": 1,
    "levels": [],
    "conditions": {"session_id": SESSION},
    "context": {"type": "trigger-private"},
}
"""What signals and channels say of the goal."""


@pytest.fixture
def paid(world: World) -> World:
    """GOAL, with one viewer's 90 in its escrow, ten seconds old."""
    world.invite()
    world.run_due()
    world.wait(10)
    return world


def tasks(world: World, unit: str) -> list[tuple[str, Any, Any]]:
    """Each task that the unit triggered: name, arguments, eta."""
    steps = [step for step in world.trace(unit)["steps"] if step["kind"] == "task"]
    return [(step["name"], step["arguments"], step.get("eta")) for step in steps]


# L1: the hold is reported


def transaction_created(**values: Any) -> tuple[str, dict[str, Any]]:
    reported = {"timestamp": NOW, "from_account": VIEWER, "from_amount": 90}
    return "transaction.created", {**reported, "to_account": None, "to_amount": None, **values}


def balance_changed(sender: str, user_id: str, amount: int, **values: Any) -> tuple[str, dict[str, Any]]:
    return sender, {"user_id": user_id, "amount": amount, **values}


def test_hold_is_reported_as_the_wallets_callback_would_L1(paid: World) -> None:
    hold = {"transaction_id": TRANSACTION, "tags": [TAG]}
    assert paid.sent("transfer") == [
        transaction_created(**hold),
        balance_changed("balance.decremented", VIEWER, 90, **hold),
    ]
    assert paid.steps("transfer", "receiver") == [
        ("update_order", "skipped"),
        ("trigger_user_balance_updated", "ran"),
        ("progress_trigger_goals", "ran"),
    ]


def test_paid_balance_triggers_increment_goal_progress_with_its_exact_arguments_L1(paid: World) -> None:
    arguments = {"goal_id": GOAL, "amount": 1, "cost": 90, "breakdown_id": VIEWER, "insert_id": TRANSACTION}
    assert tasks(paid, "transfer") == [("increment_goal_progress", arguments, None)]


def test_balance_is_incremented_only_if_the_transaction_has_a_to_account_L1(paid: World) -> None:
    paid.container.wallet_transaction()(a_report(id="t-1", to_account=STREAMER, to_amount=80, tags=["gift"]))

    gift = {"transaction_id": "t-1", "tags": ["gift"]}
    assert paid.sent("wallet_transaction") == [
        transaction_created(to_account=STREAMER, to_amount=80, **gift),
        balance_changed("balance.decremented", VIEWER, 90, **gift),
        balance_changed("balance.incremented", STREAMER, 80, **gift),
    ]
    assert paid.outcome("wallet_transaction", "progress_trigger_goals") == "skipped"
    assert tasks(paid, "wallet_transaction") == []


def test_payments_of_two_viewers_count_and_leave_the_goal_as_small_as_it_was_L1(paid: World) -> None:
    paid.invite(VIEWER_2, duration=30)
    paid.run_due()

    goal = paid.goal(GOAL)
    assert goal.progress == 2
    assert paid.paid_by(GOAL) == {VIEWER: 90, VIEWER_2: 30}
    assert paid.goals.counted(GOAL, [TRANSACTION, TRANSACTION_2, "another"]) == {TRANSACTION, TRANSACTION_2}
    assert goal.metadata == INVITED


def test_progress_is_sent_tracked_and_announced_without_the_payer_L1(paid: World) -> None:
    progressed = {**PUBLIC, "exp": EXP, "metadata": INVITED, "insert_id": TRANSACTION}
    assert paid.sent("increment_goal_progress") == [("goal.progressed", progressed)]
    (announced,) = paid.notified("goal.progress.updated")
    assert list(announced.channels) == ANNOUNCED
    assert announced.id == f"goal.progress.updated:{GOAL}:1"
    assert dict(announced.payload) == {**PUBLIC, "exp": EXP}
    assert ("goal.progressed", TRANSACTION) in paid.tracker.tracked


# L2 and L3: the goal ends


@frozen(kw_only=True)
class Ending:
    end: Callable[[World], None]
    at: Any = ANSWERED
    triggerer: str | None = STREAMER
    metadata: dict[str, Any]
    agreed: Any = None


AGREED = Ending(end=lambda world: world.agree(GOAL), metadata={"agreed": ANSWERED}, agreed=ANSWERED)
REFUSED = Ending(end=lambda world: world.refuse(GOAL), metadata={"cooldown": ANSWERED + timedelta(seconds=60)})
EXPIRED = Ending(end=lambda world: world.wait(290), at=EXP, triggerer=None, metadata={})
ENDINGS = pytest.mark.parametrize("ending", [AGREED, REFUSED, EXPIRED], ids=["agreed", "refused", "expired"])


@ENDINGS
def test_end_is_sent_written_into_the_session_and_settled_later_L3(paid: World, ending: Ending) -> None:
    ending.end(paid)

    ended = {
        "active": False,
        "exp": ending.at,
        "triggerer": ending.triggerer,
        "metadata": {**INVITED, **ending.metadata},
    }
    assert paid.sent("deactivate_goal") == [("goal.ended", {**PUBLIC, **ended})]
    outcomes = dict(paid.steps("deactivate_goal", "receiver"))
    for receiver in ("sync_trigger_goal_session_viewer", "notify_stream_authorized_for_agreed_trigger_goal"):
        assert outcomes[receiver] == ("skipped" if ending.agreed is None else "ran")
    settle = ("settle_escrow", {"goal_id": GOAL}, ending.at + timedelta(seconds=60))
    assert tasks(paid, "deactivate_goal") == [settle]

    element = Session.TriggerPrivateGoal(goal=GOAL, goal_agreed=ending.agreed, goal_ended=ending.at)
    assert paid.sessions.private_goals(SESSION) == (element,)
    assert paid.goal(GOAL).metadata == {**INVITED, **ending.metadata}
    assert list(paid.passes.of(SESSION)) == ([] if ending.agreed is None else [VIEWER])


@ENDINGS
def test_end_is_announced_without_a_payer_or_a_price_D25(paid: World, ending: Ending) -> None:
    ending.end(paid)

    events = ["goal.added", "goal.progress.updated", "goal.ended"]
    assert [n.event for n in paid.notifier.notifications] == events + ["stream.authorized"] * (
        ending.agreed is not None
    )
    (announced,) = paid.notified("goal.ended")
    assert list(announced.channels) == ANNOUNCED
    assert announced.id == f"goal.ended:{GOAL}"
    assert dict(announced.payload) == {**PUBLIC, "active": False, "exp": ending.at, "agreed": ending.agreed}


def test_each_viewer_may_watch_for_the_duration_they_paid_for_D16(paid: World) -> None:
    paid.invite(VIEWER_2, duration=30)
    paid.run_due()
    paid.agree(GOAL)

    assert paid.passes.of(SESSION) == {
        VIEWER: ViewerPass(nbf=ANSWERED, duration=90),
        VIEWER_2: ViewerPass(nbf=ANSWERED, duration=30),
    }
    assert paid.passes.of(SESSION)[VIEWER_2].exp == ANSWERED + timedelta(seconds=30)
    (authorized,) = paid.notified("stream.authorized")
    assert list(authorized.channels) == [
        f"presence-stream-viewer@{STREAMER}.preview.{VIEWER}",
        f"presence-stream-viewer@{STREAMER}.preview.{VIEWER_2}",
    ]
    assert dict(authorized.payload) == {"goal_id": GOAL, "streamer_id": STREAMER}
    assert authorized.id == f"stream.authorized:{GOAL}"


@pytest.mark.parametrize(("preset", "receiver"), [("sd", STREAMER), ("preview", VIEWER)])
def test_settlement_says_who_has_the_money_now_L3(paid: World, preset: str, receiver: str) -> None:
    paid.agree(GOAL)
    paid.switch_preset(preset)
    paid.wait(60)

    settled = balance_changed("balance.incremented", receiver, 90, transaction_id=TRANSACTION, tags=[TAG])
    assert paid.sent("settle_escrow") == [settled]
    assert paid.steps("settle_escrow", "receiver") == []


def test_hosts_receivers_hear_every_signal_under_its_name_D20(world: World) -> None:
    heard: list[tuple[str, str]] = []

    def hear(signal: str, sender: str, **_: object) -> None:
        heard.append((signal, sender))

    for signal in ("ext.wallet", "user", "features.leaderboards", "features.livestream"):
        world.container.namespace().signal(signal).connect(partial(hear, signal), weak=False)
    world.invite()
    world.run_due()
    world.agree(GOAL)
    world.switch_preset("sd")
    world.wait(60)

    assert sorted(heard) == [
        ("ext.wallet", "transaction.created"),
        ("features.leaderboards", "goal.added"),
        ("features.leaderboards", "goal.created"),
        ("features.leaderboards", "goal.ended"),
        ("features.leaderboards", "goal.progressed"),
        ("features.livestream", "session.preset-changed"),
        ("user", "balance.decremented"),
        ("user", "balance.incremented"),
    ]
