from __future__ import annotations

from typing import Any

import pytest
from attrs import define, field
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_mock import MockerFixture

from show_goal.adapters.telemetry import OpenTelemetryObserver
from show_goal.ports.errors import StoreUnavailable
from tests.builders import STREAMER, a_create_goal
from tests.world import World


@define
class Telemetry:
    """Each test has its own SDK, because a process can set its providers only once."""

    exporter: InMemorySpanExporter = field(factory=InMemorySpanExporter)
    reader: InMemoryMetricReader = field(factory=InMemoryMetricReader)
    tracer_provider: TracerProvider = field(factory=TracerProvider)
    observer: OpenTelemetryObserver = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.observer = OpenTelemetryObserver(self.tracer_provider, MeterProvider([self.reader]))

    def spans(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.exporter.get_finished_spans() if span.name == name]

    def span(self, name: str) -> ReadableSpan:
        (span,) = self.spans(name)
        return span

    def counts(self) -> dict[tuple[str, frozenset[tuple[str, Any]]], int]:
        """Each counter's value, by its name and attributes."""
        data = self.reader.get_metrics_data()
        return {
            (metric.name, frozenset((point.attributes or {}).items())): point.value  # type: ignore[union-attr,misc]
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            for point in metric.data.data_points
        }

    def count(self, name: str, **attributes: str) -> int:
        return self.counts().get((name, frozenset(attributes.items())), 0)


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


@pytest.fixture
def world(telemetry: Telemetry) -> World:
    return World.make(observer=telemetry.observer)


@pytest.fixture
def dead_feed(world: World, mocker: MockerFixture) -> None:
    """The feed's store is away."""
    away = StoreUnavailable(f"mongodb://admin:sesame@store/ did not answer for {STREAMER}")
    mocker.patch.object(world.feed, "publish", autospec=True, side_effect=away)


@pytest.fixture
def failed_create_goal(world: World, dead_feed: None) -> None:
    with pytest.raises(ExceptionGroup):
        world.container.create_goal()(a_create_goal())
