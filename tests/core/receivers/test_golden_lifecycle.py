"""What the flow says after the invitation, word for word: signals, receivers, tasks, channels (L1 to L4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from show_goal.core.messages import DeactivateGoal, IncrementGoalProgress, SettleEscrow
from show_goal.core.model import Session, ViewerPass
from tests.builders import EXP, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_report
from tests.world import World

GOAL = "000000000000000000000001"
TRANSACTION = f"session:trigger-private:{GOAL}:{VIEWER}"
TRANSACTION_2 = f"session:trigger-private:{GOAL}:{VIEWER_2}"
TAG = f"swag::livestream.session:{SESSION}.trigger_private:{GOAL}"
ANNOUNCED = [f"presence-stream@{STREAMER}", f"private-stream@{STREAMER}", f"private-user@{STREAMER}"]
INVITED = {"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90}
PAID = {**INVITED, "insert_ids": [TRANSACTION]}


@pytest.fixture
def paid(world: World) -> World:
    """GOAL, with one viewer's 90 in its escrow, ten seconds old."""
    world.invite()
    world.run_due()
    world.wait(10)
    return world


ANSWERED = NOW + timedelta(seconds=10)


def sent(world: World, unit: str) -> list[tuple[str, Any]]:
    """Each signal of the unit's newest trace, with its payload."""
    return [(s["name"], s["arguments"]) for s in world.trace(unit)["steps"] if s["kind"] == "signal"]


def tasks(world: World, unit: str) -> list[tuple[str, Any, Any]]:
    """Each task that the unit triggered: name, arguments, eta."""
    steps = [step for step in world.trace(unit)["steps"] if step["kind"] == "task"]
    return [(step["name"], step["arguments"], step.get("eta")) for step in steps]


def notified(world: World, unit: str) -> list[tuple[str, list[str]]]:
    steps = [step for step in world.trace(unit)["steps"] if step["kind"] == "notification"]
    return [(step["name"], step["channels"]) for step in steps]


# L1: the transfer comes back


def test_hold_is_reported_as_the_wallets_callback_would_L1(paid: World) -> None:
    assert sent(paid, "transfer") == [
        (
            "transaction.created",
            {
                "transaction_id": TRANSACTION,
                "timestamp": NOW,
                "tags": [TAG],
                "from_account": VIEWER,
                "from_amount": 90,
                "to_account": None,
                "to_amount": None,
            },
        ),
        (
            "balance.decremented",
            {"user_id": VIEWER, "amount": 90, "transaction_id": TRANSACTION, "tags": [TAG]},
        ),
    ]
    assert paid.steps("transfer", "receiver") == [
        ("update_order", "skipped"),
        ("trigger_user_balance_updated", "ran"),
        ("progress_trigger_goals", "ran"),
    ]


def test_paid_balance_triggers_increment_goal_progress_with_its_exact_arguments_L1(paid: World) -> None:
    arguments: dict[str, Any] = {
        "goal_id": GOAL,
        "amount": 1,
        "cost": 90,
        "breakdown_id": VIEWER,
        "insert_id": TRANSACTION,
    }
    assert tasks(paid, "transfer") == [("increment_goal_progress", arguments, None)]
    assert IncrementGoalProgress(**arguments).arguments() == arguments


def test_balance_is_incremented_only_when_there_is_a_to_account_L1(paid: World) -> None:
    paid.container.wallet_transaction()(a_report(id="t-1", to_account=STREAMER, to_amount=80, tags=["gift"]))

    assert sent(paid, "wallet_transaction") == [
        (
            "transaction.created",
            {
                "transaction_id": "t-1",
                "timestamp": NOW,
                "tags": ["gift"],
                "from_account": VIEWER,
                "from_amount": 90,
                "to_account": STREAMER,
                "to_amount": 80,
            },
        ),
        ("balance.decremented", {"user_id": VIEWER, "amount": 90, "transaction_id": "t-1", "tags": ["gift"]}),
        ("balance.incremented", {"user_id": STREAMER, "amount": 80, "transaction_id": "t-1", "tags": ["gift"]}),
    ]
    assert paid.steps("wallet_transaction", "receiver") == [
        ("update_order", "skipped"),
        ("trigger_user_balance_updated", "ran"),
        ("progress_trigger_goals", "skipped"),
    ]
    assert tasks(paid, "wallet_transaction") == []


def test_progress_breakdown_and_insert_ids_of_two_viewers_L1(paid: World) -> None:
    paid.invite(VIEWER_2, duration=30)
    paid.run_due()

    goal = paid.goal(GOAL)
    assert goal.progress == 2
    assert goal.breakdown == {VIEWER: {"progress": 1, "cost": 90}, VIEWER_2: {"progress": 1, "cost": 30}}
    assert goal.metadata == {**INVITED, "insert_ids": [TRANSACTION, TRANSACTION_2]}


def test_goal_progressed_its_receivers_and_its_announcement_L1(paid: World) -> None:
    assert sent(paid, "increment_goal_progress") == [
        (
            "goal.progressed",
            {
                "goal_id": GOAL,
                "_cls": "TriggerPrivateGoal",
                "progress": 1,
                "levels": [],
                "conditions": {"session_id": SESSION},
                "context": {"type": "trigger-private"},
                "exp": EXP,
                "metadata": PAID,
                "insert_id": TRANSACTION,
            },
        )
    ]
    assert paid.steps("increment_goal_progress", "receiver") == [
        ("track_goals", "ran"),
        ("notify_goal_progress_updated", "ran"),
        ("invalidate_cached_pusher_channel_data", "ran"),
        ("trigger_goal_complete", "skipped"),
        ("update_and_notify_session_karaoke_goal", "skipped"),
        ("notify_viewer_change_stream_for_show", "skipped"),
        ("trigger_exclusive_goal_escrow_refund", "skipped"),
    ]
    assert notified(paid, "increment_goal_progress") == [("goal.progress.updated", ANNOUNCED)]
    announced = paid.notifier.notifications[-1]
    assert announced.id == f"goal.progress.updated:{GOAL}:1"
    assert dict(announced.payload) == {
        "goal_id": GOAL,
        "_cls": "TriggerPrivateGoal",
        "progress": 1,
        "levels": [],
        "conditions": {"session_id": SESSION},
        "context": {"type": "trigger-private"},
        "exp": EXP,
    }
    assert ("goal.progressed", TRANSACTION) in paid.tracker.tracked


# L2: the streamer answers


def test_agreement_triggers_deactivate_goal_with_filters_triggerer_and_metadata_L2(paid: World) -> None:
    paid.agree(GOAL)

    arguments = {
        "goal_id": GOAL,
        "filters": {"active": True, "metadata.user_id": STREAMER},
        "triggerer": STREAMER,
        "metadata": {"agreed": ANSWERED.isoformat()},
    }
    assert tasks(paid, "answer_goal") == [("deactivate_goal", arguments, None)]


def test_refusal_triggers_deactivate_goal_without_metadata_L2(paid: World) -> None:
    paid.refuse(GOAL)

    filters = {"active": True, "metadata.user_id": STREAMER}
    assert tasks(paid, "answer_goal") == [
        ("deactivate_goal", {"goal_id": GOAL, "filters": filters, "triggerer": STREAMER}, None)
    ]


def test_expiry_reaches_the_same_task_with_goal_id_and_exp_alone_L2(paid: World) -> None:
    assert tasks(paid, "create_goal") == [("deactivate_goal", {"goal_id": GOAL, "exp": EXP}, EXP)]
    assert [queued.message for queued in paid.task_queue.queued()] == [DeactivateGoal(goal_id=GOAL, exp=EXP)]


# L3: goal.ended

ENDED = {
    "goal_id": GOAL,
    "_cls": "TriggerPrivateGoal",
    "active": False,
    "progress": 1,
    "levels": [],
    "conditions": {"session_id": SESSION},
    "context": {"type": "trigger-private"},
}
COMMON_END = [
    ("notify_goal_ended", "ran"),
    ("track_goals", "ran"),
    ("invalidate_cached_pusher_channel_data", "ran"),
]
NOT_OURS = [
    ("trigger_exclusive_on_close_notification", "skipped"),
    ("notify_stream_authorized_for_ended_exclusive_goal", "skipped"),
    ("trigger_show_escrow_refund", "skipped"),
    ("trigger_exclusive_goal_escrow_refund", "skipped"),
    ("cleanup_expired_exclusive_goal_pairs", "skipped"),
    ("snapshot_rtc_sources", "skipped"),
]


def test_agreed_goals_end_L3(paid: World) -> None:
    paid.agree(GOAL)

    ended = {**ENDED, "exp": ANSWERED, "triggerer": STREAMER, "metadata": {**PAID, "agreed": ANSWERED}}
    assert sent(paid, "deactivate_goal") == [("goal.ended", ended)]
    assert paid.steps("deactivate_goal", "receiver") == [
        ("set_embedded_goal_ended", "ran"),
        ("handle_trigger_private_goal_escrow", "ran"),
        ("sync_trigger_goal_session_viewer", "ran"),
        *COMMON_END,
        ("notify_stream_authorized_for_agreed_trigger_goal", "ran"),
        *NOT_OURS,
    ]
    assert notified(paid, "deactivate_goal") == [
        ("goal.ended", ANNOUNCED),
        ("stream.authorized", [f"presence-stream-viewer@{STREAMER}.preview.{VIEWER}"]),
    ]


def test_agreed_goals_end_is_written_into_the_session_L3(paid: World) -> None:
    paid.agree(GOAL)

    element = Session.TriggerPrivateGoal(goal=GOAL, goal_agreed=ANSWERED, goal_ended=ANSWERED)
    assert paid.sessions.private_goals(SESSION) == (element,)
    assert paid.goal(GOAL).metadata == {**PAID, "agreed": ANSWERED}


def test_refused_goals_end_L3(paid: World) -> None:
    paid.refuse(GOAL)

    metadata = {**PAID, "cooldown": ANSWERED + timedelta(seconds=60)}
    ended = {**ENDED, "exp": ANSWERED, "triggerer": STREAMER, "metadata": metadata}
    assert sent(paid, "deactivate_goal") == [("goal.ended", ended)]
    assert paid.steps("deactivate_goal", "receiver") == [
        ("set_embedded_goal_ended", "ran"),
        ("handle_trigger_private_goal_escrow", "ran"),
        ("sync_trigger_goal_session_viewer", "skipped"),
        *COMMON_END,
        ("notify_stream_authorized_for_agreed_trigger_goal", "skipped"),
        *NOT_OURS,
    ]
    assert notified(paid, "deactivate_goal") == [("goal.ended", ANNOUNCED)]
    assert paid.sessions.private_goals(SESSION) == (Session.TriggerPrivateGoal(goal=GOAL, goal_ended=ANSWERED),)
    assert paid.sessions.viewers(SESSION) == {}


def test_expired_goals_end_has_no_triggerer_no_agreed_and_no_cooldown_L2(paid: World) -> None:
    paid.wait(290)

    assert sent(paid, "deactivate_goal") == [
        ("goal.ended", {**ENDED, "exp": EXP, "triggerer": None, "metadata": PAID}),
    ]
    assert paid.sessions.private_goals(SESSION) == (Session.TriggerPrivateGoal(goal=GOAL, goal_ended=EXP),)


@pytest.mark.parametrize(("agree", "agreed"), [(True, ANSWERED), (False, None)])
def test_goal_ended_is_announced_without_a_payer_or_a_price_D25(paid: World, agree: bool, agreed: object) -> None:
    paid.answer(GOAL, agree=agree)

    (announced,) = [n for n in paid.notifier.notifications if n.event == "goal.ended"]
    assert announced.id == f"goal.ended:{GOAL}"
    assert dict(announced.payload) == {**ENDED, "exp": ANSWERED, "agreed": agreed}


def test_each_viewer_may_watch_for_the_duration_they_paid_for_D16(paid: World) -> None:
    paid.invite(VIEWER_2, duration=30)
    paid.run_due()
    paid.agree(GOAL)

    assert paid.sessions.viewers(SESSION) == {
        VIEWER: ViewerPass(nbf=ANSWERED, duration=90),
        VIEWER_2: ViewerPass(nbf=ANSWERED, duration=30),
    }
    assert paid.sessions.viewers(SESSION)[VIEWER_2].exp == ANSWERED + timedelta(seconds=30)
    (authorized,) = [n for n in paid.notifier.notifications if n.event == "stream.authorized"]
    assert list(authorized.channels) == [
        f"presence-stream-viewer@{STREAMER}.preview.{VIEWER}",
        f"presence-stream-viewer@{STREAMER}.preview.{VIEWER_2}",
    ]
    assert dict(authorized.payload) == {"goal_id": GOAL, "streamer_id": STREAMER}
    assert authorized.id == f"stream.authorized:{GOAL}"


def test_all_viewers_are_authorized_by_one_notification_L3(paid: World) -> None:
    for number in range(3):
        viewer = f"71e0000000000000000001{number:02}"
        paid.wallet.credit(viewer, 10)
        paid.invite(viewer, duration=1)
    paid.run_due()
    paid.agree(GOAL)

    authorized = [n for n in paid.notifier.notifications if n.event == "stream.authorized"]
    assert [len(n.channels) for n in authorized] == [4]


def test_settlement_is_scheduled_settle_delay_after_the_end_L3(paid: World) -> None:
    paid.agree(GOAL)

    due = ANSWERED + timedelta(seconds=60)
    assert tasks(paid, "deactivate_goal") == [("settle_escrow", {"goal_id": GOAL}, due)]
    assert (SettleEscrow(goal_id=GOAL), due) in [(q.message, q.due) for q in paid.task_queue.queued()]


@pytest.mark.parametrize(("preset", "receiver"), [("sd", STREAMER), ("preview", VIEWER)])
def test_settlement_says_who_has_the_money_now_L3(paid: World, preset: str, receiver: str) -> None:
    paid.agree(GOAL)
    paid.switch_preset(preset)
    paid.wait(60)

    assert sent(paid, "settle_escrow") == [
        ("balance.incremented", {"user_id": receiver, "amount": 90, "transaction_id": TRANSACTION, "tags": [TAG]}),
    ]
    assert paid.steps("settle_escrow", "receiver") == []


# L4: preset


@pytest.mark.parametrize(("preset", "price"), [("sd", 60), ("preview", None)])
def test_preset_changed_is_sent_with_the_presets_price_for_a_minute_L4(
    world: World, preset: str, price: int | None
) -> None:
    world.switch_preset("preview")
    world.switch_preset(preset)

    assert sent(world, "switch_preset") == [
        (
            "session.preset-changed",
            {
                "streamer_id": STREAMER,
                "session_id": SESSION,
                "preset": preset,
                "from_preset": "preview",
                "price": price,
            },
        )
    ]


@pytest.mark.parametrize(
    ("sender", "signal"),
    [
        ("transaction.created", "ext.wallet"),
        ("balance.decremented", "user"),
        ("balance.incremented", "user"),
        ("goal.progressed", "features.leaderboards"),
        ("goal.ended", "features.leaderboards"),
        ("session.preset-changed", "features.livestream"),
    ],
)
def test_a_hosts_receiver_hears_every_signal_under_its_name_D20(world: World, sender: str, signal: str) -> None:
    heard: list[str] = []

    def hear(sender: str, **_: object) -> None:
        heard.append(sender)

    world.container.namespace().signal(signal).connect(hear, sender=sender)
    world.invite()
    world.run_due()
    world.agree(GOAL)
    world.switch_preset("sd")
    world.wait(60)

    assert heard == [sender]
