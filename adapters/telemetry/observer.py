"""One span for each unit and each receiver, in one OpenTelemetry trace from the request through its tasks.

OpenTelemetry's propagator writes the headers of a message, and reads them where the message's task runs.
Attributes have the ids of goal and session, and never a viewer's or a streamer's. Therefore they have no transaction
id, which ends with the viewer's, and only the type of an error.
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
from .counters import Counting, error_type

T = TypeVar("T")

IDS = ("goal_id", "session_id")
"""The ids of a unit that become attributes of its span."""


class OpenTelemetryObserver:
    """Uses the providers of the process, whenever the host sets them, or those that you pass.

    Without an SDK it does nothing.
    """

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
    """Is current from before the unit's first step until its trace is in the sink, so that log lines belong to it."""

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
        made = self._span.get_span_context()
        if made.is_valid:  # it is not without an SDK
            self._token = context.attach(trace.set_span_in_context(self._span, parent))
            self._unit.ids["trace_id"] = trace.format_trace_id(made.trace_id)

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if self._span.is_recording():
            _describe(self._span, self._unit, error)
        self._span.end()
        if self._token is not None:
            context.detach(self._token)
        self._counting.count(self._unit, error)


def _parent(received: Mapping[str, object]) -> Context | None:
    """The context of the message, or None if a span is current: an enclosing unit's, or the host's own."""
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
