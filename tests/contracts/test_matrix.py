"""Every cell of the matrix, in memory and on MongoDB: what it changes, and that a redelivery changes nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings
from show_goal.core.events import Event, GoalAdded, GoalCreated, GoalEnded, GoalProgressed
from show_goal.core.receivers.registry import MATRIX
from show_goal.core.signals import Outcome
from tests.adapters.mongo.documents import Document
from tests.builders import NOW

from .matrix_stage import HOSTS_OWN, IDS, Stage, changes, in_memory, on_mongo, play

PRIVATE, FUNDING, SHOW = "TriggerPrivateGoal", "ShowFundingGoal", "ShowGoal"
KARAOKE, TRIGGER, EXCLUSIVE = "KaraokeGoal", "TriggerExclusiveGoal", "ExclusiveGoal"

ADDED = "signal goal.added"
AUTHORIZED = {"event stream.authorized"}
SETTLED = {"task settle_escrow"}
Effects = Mapping[str, set[str]]


def of_every_class(*changed: str) -> Effects:
    return {_cls: set(changed) for _cls in IDS}


EFFECTS: Mapping[type[Event], Mapping[str, Effects]] = {
    GoalCreated: {
        "bind_karaoke_goal_to_session": {KARAOKE: {"karaoke_goal", ADDED}},
        "bind_show_goal_to_funding_goal": {SHOW: {"goals", "show_goal_pairs"}},
        "bind_show_goals_to_session": {FUNDING: {"show_goal_pairs", ADDED}, SHOW: {"goals", "show_goal_pairs", ADDED}},
        "bind_exclusive_goal_to_trigger_exclusive_goal": {EXCLUSIVE: {"goals", "exclusive_goal_pairs"}},
        "bind_exclusive_goals_to_session": {
            TRIGGER: {"exclusive_goal_pairs", ADDED},
            EXCLUSIVE: {"goals", "exclusive_goal_pairs", ADDED},
        },
        "snapshot_rtc_sources": {EXCLUSIVE: {"rtc_sources"}},
        "track_goals": of_every_class("tracked"),
        "schedule_lifecycle_tasks": of_every_class("task deactivate_goal"),
        "bind_trigger_private_goal_to_session": {PRIVATE: {"trigger_private_goals", ADDED}},
    },
    GoalAdded: {
        "generate_livestream_feed": of_every_class("feed"),
        "trigger_notify_goal_added": of_every_class("event goal.added"),
        "notify_stream_authorized": {SHOW: AUTHORIZED, EXCLUSIVE: AUTHORIZED},
        "invalidate_cached_pusher_channel_data": of_every_class("channel_cache"),
    },
    GoalProgressed: {
        "track_goals": of_every_class("tracked"),
        "notify_goal_progress_updated": of_every_class("event goal.progress.updated"),
        "invalidate_cached_pusher_channel_data": of_every_class("channel_cache"),
        "trigger_goal_complete": {FUNDING: {"task deactivate_goal"}, KARAOKE: {"task deactivate_goal"}},
        "update_and_notify_session_karaoke_goal": {KARAOKE: {"karaoke_goal", "event session.karaoke-goal-updated"}},
        "notify_viewer_change_stream_for_show": {SHOW: AUTHORIZED},
        "trigger_exclusive_goal_escrow_refund": {TRIGGER: SETTLED, EXCLUSIVE: SETTLED},
    },
    GoalEnded: {
        "set_embedded_goal_ended": {
            PRIVATE: {"trigger_private_goals"},
            FUNDING: {"show_goal_pairs"},
            SHOW: {"show_goal_pairs"},
            KARAOKE: {"karaoke_goal"},
            TRIGGER: {"exclusive_goal_pairs"},
            EXCLUSIVE: {"exclusive_goal_pairs"},
        },
        "handle_trigger_private_goal_escrow": {PRIVATE: SETTLED},
        "sync_trigger_goal_session_viewer": {PRIVATE: {"passes"}},
        "notify_goal_ended": of_every_class("event goal.ended"),
        "track_goals": of_every_class("tracked"),
        "invalidate_cached_pusher_channel_data": of_every_class("channel_cache"),
        "notify_stream_authorized_for_agreed_trigger_goal": {PRIVATE: AUTHORIZED},
        "trigger_exclusive_on_close_notification": {EXCLUSIVE: {"event exclusive.closed"}},
        "notify_stream_authorized_for_ended_exclusive_goal": {EXCLUSIVE: AUTHORIZED},
        "trigger_show_escrow_refund": {FUNDING: SETTLED, SHOW: SETTLED},
        "trigger_exclusive_goal_escrow_refund": {TRIGGER: SETTLED, EXCLUSIVE: SETTLED},
        "cleanup_expired_exclusive_goal_pairs": {TRIGGER: {"exclusive_goal_pairs"}},
        "snapshot_rtc_sources": {EXCLUSIVE: {"rtc_sources"}},
    },
}
"""What each cell changes. Where a class is missing, the receiver returns."""

CELLS = [(kind, name, _cls) for kind, rows in EFFECTS.items() for name in rows for _cls in IDS]
EFFECTIVE = [(kind, name, _cls) for kind, name, _cls in CELLS if _cls in EFFECTS[kind][name]]
"""A cell that returns touches no adapter, so these are enough on MongoDB."""
STAGED = [*(("memory", *cell) for cell in CELLS), *(("mongo", *cell) for cell in EFFECTIVE)]


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Stage:
    if request.param == "memory":
        return in_memory()
    database: Database[Document] = request.getfixturevalue("mongo_database")
    settings: MongoSettings = request.getfixturevalue("mongo_settings")
    return on_mongo(database, settings)


def row_of(kind: type[Event], name: str) -> Any:
    return next(row for row in MATRIX.rows[kind] if row.name == name)


def test_these_are_the_receivers_in_their_order_D21() -> None:
    registered = {kind: [row.name for row in MATRIX.rows[kind]] for kind in EFFECTS}
    assert registered == {kind: list(rows) for kind, rows in EFFECTS.items()}


def test_no_goal_class_is_left_out() -> None:
    named = {_cls for rows in EFFECTS.values() for cells in rows.values() for _cls in cells}
    assert named == {PRIVATE, FUNDING, SHOW, KARAOKE, TRIGGER, EXCLUSIVE, HOSTS_OWN}


@pytest.mark.parametrize(
    ("stage", "kind", "name", "_cls"),
    STAGED,
    indirect=["stage"],
    ids=[f"{s}-{k.sender}-{n}-{c}" for s, k, n, c in STAGED],
)
def test_every_cell_has_its_effect_once_or_returns_D19_D22(
    stage: Stage, kind: type[Event], name: str, _cls: str
) -> None:
    play(stage, kind)
    event, row, expected = stage.event(kind, _cls), row_of(kind, name), EFFECTS[kind][name].get(_cls)
    before = stage.observed()

    outcome = row(event, stage.ports)

    once = stage.observed()
    assert outcome is (Outcome.SKIPPED if expected is None else Outcome.RAN)
    assert changes(before, once) == (expected or set())
    assert row(event, stage.ports) is outcome, "a redelivery has another outcome"
    assert changes(once, stage.observed()) == set(), "a redelivery changes something"


@pytest.mark.parametrize("stage", ["memory", "mongo"], indirect=True)
@pytest.mark.parametrize("_cls", IDS)
def test_a_goal_created_event_after_the_end_undoes_nothing_D19(stage: Stage, _cls: str) -> None:
    play(stage, GoalCreated)
    created = stage.event(GoalCreated, _cls)

    def hear(event: Event) -> None:
        for row in MATRIX.rows[type(event)]:
            row(event, stage.ports)

    hear(created)
    stage.ports.goals.end(IDS[_cls], NOW)
    ended = stage.event(GoalEnded, _cls)
    hear(ended)
    over = stage.stores()
    for event in (created, ended, ended, created):
        hear(event)
        assert changes(over, stage.stores()) == set()
