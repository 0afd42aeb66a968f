"""Every string that leaves the process, byte for byte (D4)."""

from __future__ import annotations

import pytest

from show_goal.core import names

SESSION = "5e5500000000000000000001"
GOAL = "60a100000000000000000001"


def test_transaction_id_has_a_dash_D4() -> None:
    assert names.transaction_id(GOAL, "71e0") == f"session:trigger-private:{GOAL}:71e0"


def test_transfer_tag_has_an_underscore_D4() -> None:
    tag = names.transfer_tag("swag", SESSION, GOAL)

    assert tag == f"swag::livestream.session:{SESSION}.trigger_private:{GOAL}"


def test_transfer_tag_takes_the_platforms_prefix_D4() -> None:
    assert names.transfer_tag("acme", "s", "g") == "acme::livestream.session:s.trigger_private:g"


def test_escrow_id_has_an_underscore_D4() -> None:
    assert names.escrow_id(GOAL) == f"trigger_private:{GOAL}"


def test_context_of_a_private_goal_has_a_dash_D4() -> None:
    assert names.TRIGGER_PRIVATE_CONTEXT == {"type": "trigger-private"}


def test_blocked_by_names_the_streamer_D4() -> None:
    assert names.blocked_by("57e0") == "blocked-by:57e0"


def test_goal_added_goes_to_three_channels_in_the_flows_order_D4() -> None:
    assert names.announcement_channels("57e0") == ("presence-stream@57e0", "private-stream@57e0", "private-user@57e0")


def test_cached_data_of_four_channels_is_invalidated_D25() -> None:
    assert names.cached_channels("57e0") == (
        "private-user@57e0",
        "private-enc-user@57e0",
        "private-stream@57e0",
        "private-enc-stream@57e0",
    )


def test_signal_and_sender_names_D4() -> None:
    assert (names.FEATURES_LEADERBOARDS, names.EXT_WALLET, names.USER, names.FEATURES_LIVESTREAM) == (
        "features.leaderboards",
        "ext.wallet",
        "user",
        "features.livestream",
    )
    assert (names.GOAL_CREATED, names.GOAL_ADDED, names.GOAL_PROGRESSED, names.GOAL_ENDED) == (
        "goal.created",
        "goal.added",
        "goal.progressed",
        "goal.ended",
    )
    assert (names.TRANSACTION_CREATED, names.BALANCE_DECREMENTED, names.BALANCE_INCREMENTED) == (
        "transaction.created",
        "balance.decremented",
        "balance.incremented",
    )
    assert (names.PRESET_CHANGED, names.GOAL_PROGRESS_UPDATED, names.STREAM_AUTHORIZED) == (
        "session.preset-changed",
        "goal.progress.updated",
        "stream.authorized",
    )


def test_class_names_are_bare_D5() -> None:
    assert (
        names.TRIGGER_PRIVATE_GOAL,
        names.SHOW_FUNDING_GOAL,
        names.SHOW_GOAL,
        names.KARAOKE_GOAL,
        names.TRIGGER_EXCLUSIVE_GOAL,
        names.EXCLUSIVE_GOAL,
    ) == ("TriggerPrivateGoal", "ShowFundingGoal", "ShowGoal", "KaraokeGoal", "TriggerExclusiveGoal", "ExclusiveGoal")


@pytest.mark.parametrize(
    ("tag", "ids"),
    [
        (names.transfer_tag("swag", SESSION, GOAL), (SESSION, GOAL)),
        (names.transfer_tag("acme", SESSION, GOAL), (SESSION, GOAL)),
        ("swag::livestream.session:s.exclusive:g", None),
        ("swag::livestream.session:s.trigger_private:", None),
        ("swag::livestream.session:s.trigger_private:g.more", None),
        ("gift", None),
        ("", None),
    ],
)
def test_session_and_goal_are_read_from_the_transfers_tag_alone_D4(tag: str, ids: tuple[str, str] | None) -> None:
    assert names.ids_of(tag) == ids


def test_preview_channel_of_a_viewer_L3() -> None:
    assert names.preview_channel("57e0", "71e0") == "presence-stream-viewer@57e0.preview.71e0"
