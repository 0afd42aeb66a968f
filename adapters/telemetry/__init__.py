"""Spans and counters through the OpenTelemetry API. Your SDK decides where they go.

The container uses it where the extra ``telemetry`` is installed. There is nothing to configure.

May import core, ports and the OpenTelemetry API; no other adapter.
"""

from .observer import OpenTelemetryObserver

__all__ = ["OpenTelemetryObserver"]
