"""A host's Celery app that exports its worker's spans into a file, one per line."""

from __future__ import annotations

import os
from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from show_goal.adapters.container import Container

spans = Path(os.environ["SPANS"]).open("a", buffering=1)  # noqa: SIM115 - for the process' life
provider = TracerProvider()
provider.add_span_processor(
    SimpleSpanProcessor(ConsoleSpanExporter(out=spans, formatter=lambda span: span.to_json(indent=None) + "\n"))
)
trace.set_tracer_provider(provider)
app = Container.from_env().worker()
