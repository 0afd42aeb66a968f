"""The matrix of the flow: every receiver of the seed and of a goal's later life, in order (D21).

A new receiver is a function and a row here; a new goal class is a function and a cell. A row without cells belongs to
the host's platform: here it returns. Scheduling and binding come before notifying.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..events import BalanceDecremented, GoalAdded, GoalCreated, GoalEnded, GoalProgressed, TransactionCreated
from ..names import (
    EXCLUSIVE_GOAL,
    KARAOKE_GOAL,
    SHOW_FUNDING_GOAL,
    SHOW_GOAL,
    TRIGGER_EXCLUSIVE_GOAL,
    TRIGGER_PRIVATE_GOAL,
)
from ..signals import Outcome, Signals
from .announcing import (
    generate_livestream_feed,
    invalidate_cached_pusher_channel_data,
    notify_goal_ended,
    notify_goal_progress_updated,
    track_goals,
    trigger_notify_goal_added,
)
from .exclusives import (
    authorize_exclusive_viewer,
    bind_exclusive_goal,
    bind_exclusive_goal_to_trigger_exclusive_goal,
    bind_trigger_exclusive_goal,
    cleanup_expired_exclusive_goal_pairs,
    notify_stream_authorized_for_ended_exclusive_goal,
    resume_rtc_snapshots,
    stop_rtc_snapshots,
    trigger_exclusive_on_close_notification,
)
from .karaoke import bind_karaoke_goal_to_session, update_and_notify_session_karaoke_goal
from .lifecycle import (
    end_neighbour_goal,
    schedule_lifecycle_tasks,
    settle_late_progress,
    trigger_exclusive_goal_escrow_refund,
    trigger_goal_complete,
    trigger_show_escrow_refund,
)
from .matrix import Matrix, Row, for_classes, for_every_class
from .money import progress_trigger_goals, trigger_user_balance_updated
from .private import (
    bind_trigger_private_goal_to_session,
    end_private_goal,
    handle_trigger_private_goal_escrow,
    notify_stream_authorized_for_agreed_trigger_goal,
    sync_trigger_goal_session_viewer,
)
from .receiver import ReceiverPorts
from .shows import (
    authorize_funders,
    bind_funding_goal,
    bind_show_goal,
    bind_show_goal_to_funding_goal,
    notify_viewer_change_stream_for_show,
)

GOAL_CREATED: tuple[Row[GoalCreated], ...] = (
    for_classes(bind_karaoke_goal_to_session, KARAOKE_GOAL),
    for_classes(bind_show_goal_to_funding_goal, SHOW_GOAL),
    Row(
        name="bind_show_goals_to_session",
        cells={SHOW_FUNDING_GOAL: bind_funding_goal, SHOW_GOAL: bind_show_goal},
    ),
    for_classes(bind_exclusive_goal_to_trigger_exclusive_goal, EXCLUSIVE_GOAL),
    Row(
        name="bind_exclusive_goals_to_session",
        cells={TRIGGER_EXCLUSIVE_GOAL: bind_trigger_exclusive_goal, EXCLUSIVE_GOAL: bind_exclusive_goal},
    ),
    Row(name="snapshot_rtc_sources", cells={EXCLUSIVE_GOAL: stop_rtc_snapshots}),
    for_every_class(track_goals),
    for_every_class(schedule_lifecycle_tasks),
    for_classes(bind_trigger_private_goal_to_session, TRIGGER_PRIVATE_GOAL),
)

GOAL_ADDED: tuple[Row[GoalAdded], ...] = (
    for_every_class(generate_livestream_feed),
    for_every_class(trigger_notify_goal_added),
    Row(
        name="notify_stream_authorized",
        cells={SHOW_GOAL: authorize_funders, EXCLUSIVE_GOAL: authorize_exclusive_viewer},
    ),
    for_every_class(invalidate_cached_pusher_channel_data),
)

GOAL_PROGRESSED: tuple[Row[GoalProgressed], ...] = (
    for_every_class(track_goals),
    for_every_class(notify_goal_progress_updated),
    for_every_class(invalidate_cached_pusher_channel_data),
    for_classes(trigger_goal_complete, SHOW_FUNDING_GOAL, KARAOKE_GOAL),
    for_classes(update_and_notify_session_karaoke_goal, KARAOKE_GOAL),
    for_classes(notify_viewer_change_stream_for_show, SHOW_GOAL),
    Row(
        name="trigger_exclusive_goal_escrow_refund",
        cells={TRIGGER_EXCLUSIVE_GOAL: settle_late_progress, EXCLUSIVE_GOAL: settle_late_progress},
    ),
)

GOAL_ENDED: tuple[Row[GoalEnded], ...] = (
    Row(
        name="set_embedded_goal_ended",
        cells={
            TRIGGER_PRIVATE_GOAL: end_private_goal,
            SHOW_FUNDING_GOAL: end_neighbour_goal,
            SHOW_GOAL: end_neighbour_goal,
            KARAOKE_GOAL: end_neighbour_goal,
            TRIGGER_EXCLUSIVE_GOAL: end_neighbour_goal,
            EXCLUSIVE_GOAL: end_neighbour_goal,
        },
    ),
    for_classes(handle_trigger_private_goal_escrow, TRIGGER_PRIVATE_GOAL),
    for_classes(sync_trigger_goal_session_viewer, TRIGGER_PRIVATE_GOAL),
    for_every_class(notify_goal_ended),
    for_every_class(track_goals),
    for_every_class(invalidate_cached_pusher_channel_data),
    for_classes(notify_stream_authorized_for_agreed_trigger_goal, TRIGGER_PRIVATE_GOAL),
    for_classes(trigger_exclusive_on_close_notification, EXCLUSIVE_GOAL),
    for_classes(notify_stream_authorized_for_ended_exclusive_goal, EXCLUSIVE_GOAL),
    for_classes(trigger_show_escrow_refund, SHOW_FUNDING_GOAL, SHOW_GOAL),
    for_classes(trigger_exclusive_goal_escrow_refund, TRIGGER_EXCLUSIVE_GOAL, EXCLUSIVE_GOAL),
    for_classes(cleanup_expired_exclusive_goal_pairs, TRIGGER_EXCLUSIVE_GOAL),
    Row(name="snapshot_rtc_sources", cells={EXCLUSIVE_GOAL: resume_rtc_snapshots}),
)

TRANSACTION_CREATED: tuple[Row[TransactionCreated], ...] = (
    Row(name="update_order"),
    for_every_class(trigger_user_balance_updated),
)

BALANCE_DECREMENTED: tuple[Row[BalanceDecremented], ...] = (for_every_class(progress_trigger_goals),)

MATRIX = Matrix(
    {
        GoalCreated: GOAL_CREATED,
        GoalAdded: GOAL_ADDED,
        GoalProgressed: GOAL_PROGRESSED,
        GoalEnded: GOAL_ENDED,
        TransactionCreated: TRANSACTION_CREATED,
        BalanceDecremented: BALANCE_DECREMENTED,
    }
)


def connect_receivers(signals: Signals, ports: ReceiverPorts, matrix: Matrix = MATRIX) -> None:
    for event, rows in matrix.rows.items():
        signals.connect(event, _using(ports, rows))


def _using(ports: ReceiverPorts, rows: Sequence[Row[Any]]) -> dict[str, Callable[[Any], Outcome]]:
    return {row.name: partial(row, ports=ports) for row in rows}
