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

COUNTS = ("ended", "resumed", "settled", "refunded")


def sweep_once(as_json: bool) -> None:
    """Print the counts, and on stderr each failure on a line. Exits with 1 when something failed.

    Raises ConfigurationError if it cannot run. The JSON document, whose counts are null then, is printed anyway.
    """
    try:
        done, failures = _sweep()
    except ConfigurationError as error:
        if as_json:
            click.echo(json.dumps({**dict.fromkeys((*COUNTS, "more")), "failures": error.problems}))
        raise
    if as_json:
        click.echo(json.dumps({**done, "failures": failures}))
    else:
        click.echo(", ".join(f"{done[name]} {name}" for name in COUNTS))
        if done["more"]:
            click.echo("The time was over before everything was met, so sweep again.")
    for failure in failures:
        click.echo(failure, err=True)
    if failures:
        raise SystemExit(1)


def _sweep() -> tuple[dict[str, Any], list[str]]:
    """What it did, and the failures. The trace has the counts even when something failed."""
    traces: list[Trace] = []
    container = Container.from_env(trace_sink=traces.append)
    failures: list[str] = []
    try:
        container.sweep()(Sweep())
    except ExceptionGroup as failed:
        failures = [describe(error) for error in _leaves(failed)]
    (step,) = [step for trace in traces if trace.name == "sweep" for step in trace.steps if step.name == "swept"]
    return dict(step.detail), failures


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
