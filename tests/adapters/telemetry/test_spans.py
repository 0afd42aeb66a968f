"""The spans of a unit and its receivers, without ids of people."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from show_goal.adapters.logs import log_trace
from show_goal.core.errors import Blocked, InsufficientBalance
from show_goal.core.messages import Sweep
from show_goal.core.model import Viewer
from show_goal.core.names import blocked_by
from show_goal.core.trace import received
from tests.builders import SESSION, STREAMER, VIEWER, a_create_goal
from tests.world import World

from .conftest import Telemetry

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_request_is_a_span_with_its_ids(world: World, telemetry: Telemetry) -> None:
    accepted = world.invite()
    span = telemetry.span("trigger_private_session")
    assert span.kind is SpanKind.INTERNAL
    assert span.parent is None
    assert attributes(span) == {
        "show_goal.goal_id": accepted.goal_id,
        "show_goal.session_id": SESSION,
        "show_goal.outcome": "done",
    }


def test_refusal_has_code_and_reason_and_is_no_error_D10(world: World, telemetry: Telemetry) -> None:
    with pytest.raises(Blocked):
        world.invite(Viewer(id=VIEWER, tags=[blocked_by(STREAMER)]))
    span = telemetry.span("trigger_private_session")
    assert attributes(span) == {
        "show_goal.session_id": SESSION,
        "show_goal.outcome": "refused",
        "show_goal.code": "private_show_unavailable",
        "show_goal.reason": "blocked",
    }
    assert span.status.status_code is StatusCode.UNSET


def test_each_receiver_is_a_span_below_the_sender_of_its_signal(world: World, telemetry: Telemetry) -> None:
    world.container.create_goal()(a_create_goal())
    unit, binder = telemetry.span("create_goal"), telemetry.span("bind_trigger_private_goal_to_session")
    assert unit.context is not None
    assert binder.context is not None
    assert binder.parent == unit.context
    assert telemetry.span("trigger_notify_goal_added").parent == binder.context
    assert attributes(unit)["show_goal.session_id"] == SESSION
    assert attributes(binder) == {"show_goal.outcome": "ran"}
    assert attributes(telemetry.span("bind_karaoke_goal_to_session")) == {"show_goal.outcome": "skipped"}


@pytest.mark.usefixtures("failed_create_goal")
def test_span_of_a_failed_receiver_has_only_the_type_of_its_error(telemetry: Telemetry) -> None:
    for name in ("generate_livestream_feed", "bind_trigger_private_goal_to_session", "create_goal"):
        span = telemetry.span(name)
        assert attributes(span)["error.type"] == "StoreUnavailable"
        assert attributes(span)["show_goal.outcome"] == "failed"
        assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "StoreUnavailable")
        assert span.events == ()
    assert "ran" in attributes(telemetry.span("trigger_notify_goal_added")).values()


@pytest.mark.usefixtures("dead_feed")
def test_no_span_names_a_person_or_a_secret(world: World, telemetry: Telemetry) -> None:
    goal_id = world.invite().goal_id
    world.run_due(quiet=True)
    world.agree(goal_id)
    world.wait(60, quiet=True)
    with pytest.raises(InsufficientBalance):
        world.invite(duration=21_600)
    everything = "".join(span.to_json() for span in telemetry.exporter.get_finished_spans())
    assert goal_id in everything
    for private in (VIEWER, STREAMER, "sesame", "presence-", "private-user"):
        assert private not in everything


def test_task_continues_the_trace_of_its_message(world: World, telemetry: Telemetry) -> None:
    with received({"traceparent": PARENT, "show_goal_duration": 90}):
        world.container.create_goal()(a_create_goal())
    span = telemetry.span("create_goal")
    assert span.kind is SpanKind.CONSUMER
    assert span.parent is not None
    assert f"{span.parent.trace_id:032x}-{span.parent.span_id:016x}" == PARENT[3:-3]
    assert span.parent.is_remote


@pytest.mark.parametrize("header", ["", "nonsense", "00-0-0-0", 17, None, ["a"], PARENT + "-" + "x" * 10_000])
def test_invalid_header_begins_a_new_trace(world: World, telemetry: Telemetry, header: object) -> None:
    with received({"traceparent": header, "tracestate": header}):
        world.container.create_goal()(a_create_goal())
    assert telemetry.span("create_goal").parent is None


def test_unit_within_a_unit_is_below_it_despite_the_messages_headers(world: World, telemetry: Telemetry) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    world.task_queue.purge()
    world.clock.move_to(world.goal(goal_id).exp)  # type: ignore[arg-type]
    with received({"traceparent": PARENT}):
        world.container.sweep()(Sweep())
    assert telemetry.span("deactivate_goal").parent == telemetry.span("sweep").context


def test_span_of_the_host_is_above_the_request(world: World, telemetry: Telemetry) -> None:
    with telemetry.tracer_provider.get_tracer("host").start_as_current_span("POST /sessions"):
        world.invite()
    assert telemetry.span("trigger_private_session").parent == telemetry.span("POST /sessions").context


def test_request_and_its_tasks_are_one_trace_and_each_message_is_below_its_sender(
    world: World, telemetry: Telemetry
) -> None:
    """In memory; over real brokers in ``test_one_trace.py``."""
    world.invite()
    world.run_due()
    assert telemetry.observer.headers() == {}
    spans = telemetry.exporter.get_finished_spans()
    assert len({span.context.trace_id for span in spans if span.context}) == 1
    (told,) = [queued.headers for queued in world.task_queue.queued()]
    timer = telemetry.span("schedule_lifecycle_tasks").context
    assert timer is not None
    assert told["traceparent"].startswith(f"00-{timer.trace_id:032x}-{timer.span_id:016x}-")


@pytest.mark.usefixtures("dead_feed")
def test_retry_stays_in_the_trace(world: World, telemetry: Telemetry) -> None:
    world.invite()
    world.run_due(quiet=True)
    world.wait(1, quiet=True)
    first, second = telemetry.spans("create_goal")
    assert first.parent == second.parent
    assert first.parent is not None


def test_log_line_has_the_trace_id(telemetry: Telemetry, caplog: pytest.LogCaptureFixture) -> None:
    world = World.make(observer=telemetry.observer, trace_sink=log_trace)
    with caplog.at_level(logging.INFO, "show_goal.trace"):
        world.invite()
    (record,) = caplog.records
    context = telemetry.span("trigger_private_session").context
    assert context is not None
    assert record.__dict__["trace_id"] == f"{context.trace_id:032x}"
