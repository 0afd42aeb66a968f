"""One span a unit and one a receiver, in one OpenTelemetry trace from the request through its tasks.

What a message takes along is written by OpenTelemetry's propagator, and read by it where the message's task runs.
Attributes hold the goal's and the session's id, never a viewer's or a streamer's. So a transaction's id, which ends
with the viewer's, stays out as well, and of an error its type alone goes in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from contextvars import Token
from types import TracebackType
from typing import TypeVar

from opentelemetry import context, propagate, trace
from opentelemetry.context import Context
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider

from ...core.errors import Refused
from ...core.signals import Outcome
from ...core.trace import Trace
from ..logs import trace_ids
from .counting import Counting, error_type

T = TypeVar("T")

IDS = ("goal_id", "session_id")
"""The ids of a unit that its span has as attributes."""


class OpenTelemetryObserver:
    """Uses the process' providers, whenever the host sets them, unless it is given others; without an SDK, no-ops."""

    def __init__(
        self, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        self._tracer = trace.get_tracer("show_goal", tracer_provider=tracer_provider)
        self._counting = Counting(meter_provider)

    def unit(self, unit: Trace, received: Mapping[str, object]) -> AbstractContextManager[object]:
        return _UnitSpan(self._tracer, self._counting, unit, received)

    def receiver(self, unit: Trace, name: str, run: Callable[[], T]) -> T:
        if not trace.get_current_span().is_recording():
            return run()
        with self._tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as span:
            try:
                answer = run()
            except BaseException as error:
                _failed(span, error)
                raise
            outcome = answer if isinstance(answer, Outcome) else Outcome.RAN
            span.set_attribute("show_goal.outcome", outcome.value)
            return answer

    def headers(self) -> Mapping[str, str]:
        carrier: dict[str, str] = {}
        if trace.get_current_span().get_span_context().is_valid:
            propagate.inject(carrier)
        return carrier


class _UnitSpan:
    """Current from before the unit's first step until its trace is in the sink, so that log lines can be tied to it."""

    def __init__(self, tracer: trace.Tracer, counting: Counting, unit: Trace, received: Mapping[str, object]) -> None:
        self._tracer = tracer
        self._counting = counting
        self._unit = unit
        self._received = received
        self._span: Span = trace.INVALID_SPAN
        self._token: Token[Context] | None = None

    def __enter__(self) -> None:
        parent = _parent(self._received)
        kind = SpanKind.CONSUMER if self._received else SpanKind.INTERNAL
        self._span = self._tracer.start_span(self._unit.name, context=parent, kind=kind)
        told = self._span.get_span_context()
        if told.is_valid:  # without an SDK it is not, and there is nothing to be tied to
            self._token = context.attach(trace.set_span_in_context(self._span, parent))
            self._unit.ids["trace_id"] = trace.format_trace_id(told.trace_id)

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if self._span.is_recording():
            _describe(self._span, self._unit, error)
        self._span.end()
        if self._token is not None:
            context.detach(self._token)
        self._counting.count(self._unit, error)


def _parent(received: Mapping[str, object]) -> Context | None:
    """The span at work, when there is one: an enclosing unit's, or the host's own. Else what the message came from."""
    if not received or trace.get_current_span().get_span_context().is_valid:
        return None
    return propagate.extract({name: value for name, value in received.items() if isinstance(value, str)})


def _describe(span: Span, unit: Trace, error: BaseException | None) -> None:
    ids = trace_ids(unit)
    for name in IDS:
        if value := ids[name]:
            span.set_attribute(f"show_goal.{name}", value)
    if error is not None and not isinstance(error, Refused):
        _failed(span, error)
        return
    span.set_attribute("show_goal.outcome", unit.outcome)
    if isinstance(error, Refused):
        span.set_attributes({"show_goal.code": error.code, "show_goal.reason": error.reason})


def _failed(span: Span, error: BaseException) -> None:
    span.set_attributes({"show_goal.outcome": "failed", "error.type": error_type(error)})
    span.set_status(Status(StatusCode.ERROR, error_type(error)))
