"""Spans and counters through the OpenTelemetry API alone: where they go is the host's SDK's affair.

The container takes it by itself where the extra ``telemetry`` is installed; there is nothing to configure here.

May import core, ports and the OpenTelemetry API; no other adapter.
"""

from .observer import OpenTelemetryObserver

__all__ = ["OpenTelemetryObserver"]
