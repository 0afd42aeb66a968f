"""One sweep, and what it did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from ..adapters.container import Container
from ..adapters.environment import ConfigurationError
from ..core.messages import Sweep
from ..core.trace import Trace, describe
from ..ports.errors import Unavailable

COUNTS = ("ended", "resumed", "settled", "refunded")


def sweep_once(as_json: bool) -> None:
    """Print the counts, and on stderr each failure on a line. Exits with 1 when something failed.

    Raises ConfigurationError or Unavailable if it cannot run. The JSON document, whose counts are null then, is printed
    anyway.
    """
    try:
        counts, limit, failures = _sweep()
    except (ConfigurationError, Unavailable) as error:
        if as_json:
            reasons = error.problems if isinstance(error, ConfigurationError) else [describe(error)]
            click.echo(json.dumps({**dict.fromkeys((*COUNTS, "limit", "more")), "failures": reasons}))
        raise
    more = max(counts.values()) >= limit
    if as_json:
        click.echo(json.dumps({**counts, "limit": limit, "more": more, "failures": failures}))
    else:
        click.echo(", ".join(f"{count} {name}" for name, count in counts.items()))
        if more:
            click.echo(f"The limit of {limit} was reached. There may be more, so sweep again.")
    for failure in failures:
        click.echo(failure, err=True)
    if failures:
        raise SystemExit(1)


def _sweep() -> tuple[dict[str, int], int, list[str]]:
    """The counts, the limit of each and the failures. The trace has the counts even when something failed."""
    traces: list[Trace] = []
    container = Container.from_env(trace_sink=traces.append)
    failures: list[str] = []
    try:
        container.sweep()(Sweep())
    except ExceptionGroup as failed:
        failures = [describe(error) for error in _leaves(failed)]
    (step,) = [step for trace in traces if trace.name == "sweep" for step in trace.steps if step.kind == "sweep"]
    detail: Any = step.detail
    return {name: detail[name] for name in COUNTS}, container.settings().sweep_limit, failures


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
