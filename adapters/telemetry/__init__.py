"""Spans and counters through the OpenTelemetry API alone: where they go is the host's SDK's affair.

The container takes it by itself where the extra ``telemetry`` is installed; there is nothing to configure here.
"""

from .observer import OpenTelemetryObserver

__all__ = ["OpenTelemetryObserver"]
