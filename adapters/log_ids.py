"""The ids by which a log line is found: ``goal_id``, ``session_id``, ``transaction_id``, for logging's ``extra``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..core import names
from ..core.trace import Trace

KEYS = ("goal_id", "session_id", "transaction_id")


def log_ids(*sources: Mapping[str, object]) -> dict[str, str | None]:
    """What the first of ``sources`` that names an id says. Each key is always there, for formats that want it."""
    found: dict[str, str | None] = dict.fromkeys(KEYS)
    for source in sources:
        for key, value in _named(source):
            if found[key] is None and isinstance(value, str):
                found[key] = value
    return found


def trace_ids(trace: Trace) -> dict[str, str | None]:
    """The ids of a unit and of what its signals and tasks were given. A sweep's are of many goals: none is its own."""
    steps = () if trace.name == "sweep" else trace.steps
    given = [step.detail.get("arguments") for step in steps]
    return log_ids(trace.ids, *(arguments for arguments in given if isinstance(arguments, Mapping)))


def _named(source: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Its own ids, then those in a goal's conditions and in a transfer's tags."""
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
