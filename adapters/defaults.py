"""What a container has that nobody has passed."""

from __future__ import annotations

from typing import Any

from blinker import Namespace
from dependency_injector import providers
from dependency_injector.providers import Object, Provider, ThreadSafeSingleton

from ..core.receivers.registry import MATRIX
from ..core.rules.settlement import whole_once_begun
from ..core.settings import Settings
from ..core.trace import Observer
from ..ports.journal import Journal
from .environment import ConfigurationError
from .logs import log_trace


def defaults() -> dict[str, Provider[Any]]:
    return {
        "read_session": Object(None),
        "settlement_rule": Object(whole_once_begun),
        "settings": Object(Settings()),
        "namespace": Object(Namespace()),
        "matrix": Object(MATRIX),
        "host_guards": Object(()),
        "wallet_keys": Object(()),
        "trace_sink": Object(log_trace),
        "observer": ThreadSafeSingleton(_observer),
        "worker": providers.Dependency(),
        "checks": Object({}),
        "journal": providers.Callable(_no_journal),
        "create_indexes": providers.Callable(_nothing),
    }


def _observer() -> Observer | None:
    """OpenTelemetry where its API is installed. It does nothing until the host installs the SDK."""
    try:
        from .telemetry import OpenTelemetryObserver
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "opentelemetry":
            raise
        return None
    return OpenTelemetryObserver()


def _no_journal() -> Journal:
    raise ConfigurationError(["the container has no journal, which operators' commands need"])


def _nothing() -> None:
    """In memory there are no indexes."""
