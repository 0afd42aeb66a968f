"""One sweep, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from ..adapters.container import Container
from ..core.messages import Sweep
from ..core.trace import Trace, describe

COUNTS = ("ended", "resumed", "settled", "refunded")


def sweep_once(as_json: bool) -> None:
    """Print the counts, and on stderr each failure on a line. Exits with 1 when some failed; raises Unavailable."""
    traces: list[Trace] = []
    container = Container.from_env(trace_sink=traces.append)
    failures: list[str] = []
    try:
        container.sweep()(Sweep())
    except ExceptionGroup as failed:
        failures = [describe(error) for error in _leaves(failed)]
    counts = _counts(traces)
    limit = container.settings().sweep_limit
    more = max(counts.values()) >= limit
    if as_json:
        click.echo(json.dumps({**counts, "limit": limit, "more": more, "failures": failures}))
    else:
        click.echo(", ".join(f"{counts[name]} {name}" for name in COUNTS))
        if more:
            click.echo(f"The limit of {limit} was reached: there may be more, sweep again.")
    for failure in failures:
        click.echo(failure, err=True)
    if failures:
        raise SystemExit(1)


def _counts(traces: list[Trace]) -> dict[str, int]:
    """What the sweep's own trace says: it has the counts even when some failed."""
    (step,) = [step for trace in traces if trace.name == "sweep" for step in trace.steps if step.kind == "sweep"]
    detail: Any = step.detail
    return {name: detail[name] for name in COUNTS}


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
