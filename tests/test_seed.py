"""Each line of the flow, and the test that proves it.

The left column is the line in ``docs/flow.md``'s order; the right one names a test, which must exist.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
JOINS = "core/requests/test_joins.py"
REQUEST = "core/requests/test_trigger_private.py"
CREATE = "core/tasks/test_create_goal.py"
RECEIVERS = "core/receivers/test_receivers.py"
BLACK_BOX = "black_box/test_flow.py"

TABLE: list[tuple[str, str, str]] = [
    # --- Trigger Private Session ---
    ("POST /sessions/<objectid:session_id>/trigger_private", BLACK_BOX, "test_the_whole_flow_on_real_servers"),
    (
        "body: exp is a timestamp",
        "core/rules/test_invitation.py",
        "test_exp_is_unix_time_from_the_next_second_to_max_ttl_D6",
    ),
    (
        "body: duration is whole seconds",
        "adapters/flask/test_bodies.py",
        "test_duration_that_is_no_whole_number_is_refused_D7",
    ),
    ("fetch active session by id", REQUEST, "test_unknown_session_is_not_found_D9"),
    (
        "FORBIDDEN: user.tags exists blocked-by:{streamer_id}",
        "core/rules/test_guards.py",
        "test_viewer_with_the_streamers_blocked_by_tag_is_refused",
    ),
    ("FORBIDDEN: get_price('sd') is None", "core/test_model.py", "test_preset_without_rate_has_no_price_D11"),
    (
        "FORBIDDEN: show_goal_pair and funding / show not ended",
        "core/test_model.py",
        "test_show_runs_until_funding_and_show_have_ended_D12",
    ),
    ("the order of the guards", REQUEST, "test_guards_answer_in_the_seeds_order_D9"),
    (
        "cooldown: previous trigger_private_goal",
        "core/rules/test_guards.py",
        "test_ongoing_or_no_previous_goal_leaves_no_cooldown_D13",
    ),
    ("cooldown: not goal_agreed", "core/rules/test_guards.py", "test_agreed_goal_leaves_no_cooldown_D13"),
    (
        "cooldown: goal_ended + cooldown > now -> LivestreamTriggerQuotaExceeded",
        "core/rules/test_guards.py",
        "test_cooldown_is_refused_until_it_is_over_and_says_when_D13",
    ),
    ("FORBIDDEN: balance < sd price", "core/rules/test_guards.py", "test_balance_below_the_price_is_refused"),
    ("goal_id: the ongoing goal's", JOINS, "test_second_viewer_joins_the_ongoing_goal_at_their_own_price_D16"),
    (
        "goal_id: ELSE create_goal with args",
        REQUEST,
        "test_invitation_triggers_create_goal_with_exactly_the_seeds_arguments",
    ),
    ("transfer with args", REQUEST, "test_invitation_triggers_transfer_with_exactly_the_seeds_arguments"),
    ("transaction_id", "core/test_names.py", "test_transaction_id_has_a_dash_D4"),
    ("tags.*: LIVESTREAM_SESSION_TRIGGER_PRIVATE", "core/test_names.py", "test_transfer_tag_has_an_underscore_D4"),
    ("escrow_id", "core/test_names.py", "test_escrow_id_has_an_underscore_D4"),
    ("return accepted", REQUEST, "test_invitation_is_accepted_with_goal_transaction_amount_and_exp_D27"),
    # --- Task create_goal ---
    ("create goal with fields", CREATE, "test_goal_is_created_with_its_given_id_and_the_seeds_fields_D1"),
    (
        "send features.leaderboards / goal.created with args",
        CREATE,
        "test_goal_created_is_sent_with_exactly_the_seeds_arguments_D20",
    ),
    ("nine receivers, in order", RECEIVERS, "test_nine_receivers_of_goal_created_stand_in_the_seeds_order_D21"),
    ("those marked return", RECEIVERS, "test_those_marked_return_run_and_are_recorded_as_skipped_D22"),
    ("track_goals", RECEIVERS, "test_goal_is_put_into_the_feed_and_tracked_once_D19"),
    (
        "schedule_lifecycle_tasks: deactivate_goal with goal_id and exp",
        RECEIVERS,
        "test_deactivate_goal_is_triggered_with_goal_id_and_exp_due_at_exp_D26",
    ),
    (
        "bind: push session.trigger_private_goals",
        RECEIVERS,
        "test_goal_is_pushed_to_the_sessions_trigger_private_goals",
    ),
    (
        "bind: send features.leaderboards / goal.added",
        RECEIVERS,
        "test_goal_added_is_sent_with_exactly_the_seeds_arguments_D20",
    ),
    # --- goal.added ---
    ("four receivers, in order", RECEIVERS, "test_four_receivers_of_goal_added_stand_in_the_seeds_order_D21"),
    ("generate_livestream_feed", RECEIVERS, "test_goal_is_put_into_the_feed_and_tracked_once_D19"),
    (
        "trigger_notify_goal_added: three targets, event goal.added",
        RECEIVERS,
        "test_announcement_reaches_three_channels_with_goal_addeds_arguments_alone_D25",
    ),
    ("notify_stream_authorized returned", RECEIVERS, "test_those_marked_return_run_and_are_recorded_as_skipped_D22"),
    (
        "invalidate_cached_pusher_channel_data",
        RECEIVERS,
        "test_cached_data_of_the_streamers_channels_is_forgotten_D25",
    ),
]


@pytest.mark.parametrize(("line", "file", "test"), TABLE, ids=[line for line, _, _ in TABLE])
def test_line_of_the_flow_has_its_test(line: str, file: str, test: str) -> None:
    tree = ast.parse((TESTS / file).read_text())

    assert test in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, line
