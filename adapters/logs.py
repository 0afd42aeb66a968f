"""The default trace sink: one JSON line for each trace, to the logger ``show_goal.trace`` (D28)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import datetime

from ..core import names
from ..core.trace import Trace

KEYS = ("goal_id", "session_id", "transaction_id")

_log = logging.getLogger("show_goal.trace")


def log_trace(trace: Trace) -> None:
    """Log a failure as WARNING, everything else, refusals included, as INFO.

    The record has ``unit``, ``outcome``, ``trace_id`` (OpenTelemetry's, or None) and the ids of :func:`trace_ids`.
    """
    level = logging.WARNING if trace.outcome == "failed" else logging.INFO
    if not _log.isEnabledFor(level):
        return
    unit = {"unit": trace.name, "outcome": trace.outcome, "trace_id": trace.ids.get("trace_id")}
    line = json.dumps(trace.as_dict(), default=datetime.isoformat)
    _log.log(level, "%s", line, extra={**unit, **trace_ids(trace)})


def trace_ids(trace: Trace) -> dict[str, str | None]:
    """The ids of a unit, or else those that its signals and tasks carry. A sweep is about many goals: it has none."""
    steps = () if trace.name == "sweep" else trace.steps
    given = [step.detail.get("arguments") for step in steps]
    return log_ids(trace.ids, *(arguments for arguments in given if isinstance(arguments, Mapping)))


def log_ids(*sources: Mapping[str, object]) -> dict[str, str | None]:
    """Each id from the first source that has it, for logging's ``extra``. Every key is always there."""
    found: dict[str, str | None] = dict.fromkeys(KEYS)
    for source in sources:
        for key, value in _ids_in(source):
            if found[key] is None and isinstance(value, str):
                found[key] = value
    return found


def _ids_in(source: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """A source's own ids, then those in a goal's conditions and in a transfer's tags."""
    for key in KEYS:
        yield key, source.get(key)
    yield "transaction_id", source.get("insert_id")
    conditions = source.get("conditions")
    if isinstance(conditions, Mapping):
        yield "session_id", conditions.get("session_id")
    tags = source.get("tags")
    for tag in tags if isinstance(tags, list | tuple) else ():
        if isinstance(tag, str) and (ids := names.ids_of(tag)):
            yield from zip(("session_id", "goal_id"), ids, strict=True)
