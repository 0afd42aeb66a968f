"""Every string that leaves the process, byte for byte (D4)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from show_goal.core import names
from tests.builders import GOAL, SESSION


def test_transaction_id_has_a_dash_D4() -> None:
    assert names.transaction_id(GOAL, "71e0") == f"session:trigger-private:{GOAL}:71e0"


@pytest.mark.parametrize("prefix", ["swag", "acme"])
def test_transfer_tag_has_an_underscore_D4(prefix: str) -> None:
    tag = names.transfer_tag(prefix, SESSION, GOAL)

    assert tag == f"{prefix}::livestream.session:{SESSION}.trigger_private:{GOAL}"
    assert names.ids_of(tag) == (SESSION, GOAL)


@pytest.mark.parametrize(
    "tag",
    [
        "swag::livestream.session:s.exclusive:g",
        "swag::livestream.session:s.trigger_private:",
        "swag::livestream.session:s.trigger_private:g.more",
        "gift",
        "",
    ],
)
def test_no_ids_are_read_from_another_tag_D4(tag: str) -> None:
    assert names.ids_of(tag) is None


def test_escrow_id_has_an_underscore_D4() -> None:
    assert names.escrow_id(GOAL) == f"trigger_private:{GOAL}"


def test_context_of_a_private_goal_has_a_dash_D4() -> None:
    assert names.TRIGGER_PRIVATE_CONTEXT == {"type": "trigger-private"}


def test_blocked_by_names_the_streamer_D4() -> None:
    assert names.blocked_by("57e0") == "blocked-by:57e0"


def test_channels_of_the_flow_in_its_order_D4_D25() -> None:
    assert names.announcement_channels("57e0") == ("presence-stream@57e0", "private-stream@57e0", "private-user@57e0")
    assert names.cached_channels("57e0") == (
        "private-user@57e0",
        "private-enc-user@57e0",
        "private-stream@57e0",
        "private-enc-stream@57e0",
    )
    assert names.preview_channel("57e0", "71e0") == "presence-stream-viewer@57e0.preview.71e0"


@pytest.mark.parametrize(
    ("name", "seeds"),
    [
        (names.FEATURES_LEADERBOARDS, "features.leaderboards"),
        (names.EXT_WALLET, "ext.wallet"),
        (names.USER, "user"),
        (names.FEATURES_LIVESTREAM, "features.livestream"),
        (names.GOAL_CREATED, "goal.created"),
        (names.GOAL_ADDED, "goal.added"),
        (names.GOAL_PROGRESSED, "goal.progressed"),
        (names.GOAL_ENDED, "goal.ended"),
        (names.TRANSACTION_CREATED, "transaction.created"),
        (names.BALANCE_DECREMENTED, "balance.decremented"),
        (names.BALANCE_INCREMENTED, "balance.incremented"),
        (names.PRESET_CHANGED, "session.preset-changed"),
        (names.GOAL_PROGRESS_UPDATED, "goal.progress.updated"),
        (names.STREAM_AUTHORIZED, "stream.authorized"),
        (names.TRIGGER_PRIVATE_GOAL, "TriggerPrivateGoal"),
        (names.SHOW_FUNDING_GOAL, "ShowFundingGoal"),
        (names.SHOW_GOAL, "ShowGoal"),
        (names.KARAOKE_GOAL, "KaraokeGoal"),
        (names.TRIGGER_EXCLUSIVE_GOAL, "TriggerExclusiveGoal"),
        (names.EXCLUSIVE_GOAL, "ExclusiveGoal"),
    ],
)
def test_signals_senders_events_and_classes_are_named_as_in_the_seed_D4_D5(name: str, seeds: str) -> None:
    assert name == seeds


@settings(deadline=None)
@given(tag=st.text() | st.from_regex(r"\w*::livestream\.session:.+\.trigger_private:.+"))
def test_any_other_tag_names_no_ids_D4(tag: str) -> None:
    ids = names.ids_of(tag)
    assert ids is None or (tag.endswith(f"::livestream.session:{ids[0]}.trigger_private:{ids[1]}") and all(ids))
