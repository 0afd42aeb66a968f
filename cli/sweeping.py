"""One sweep, and what it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from attrs import evolve

from ..adapters.container import Container
from ..core.messages import Sweep
from ..core.tasks.sweep import SweepTask
from ..core.trace import Trace, Tracer
from .acting import acting, failures_as_json, print_json
from .terminal import brief

COUNTS = ("ended", "resumed", "settled", "refunded")


def sweep_once(container: object, as_json: bool) -> None:
    """Print the counts, and on stderr each failure on a line. Exits with 1 when something failed.

    ``container`` is the host's, or None for ours. Raises ConfigurationError and Unavailable if it cannot run. The JSON
    document, whose counts are null then, is printed anyway.
    """
    with failures_as_json(as_json, **dict.fromkeys((*COUNTS, "more"))), acting(container) as found:
        done, failures = _sweep(found)
    if as_json:
        print_json({**done, "failures": failures})
    else:
        click.echo(", ".join(f"{done[name]} {name}" for name in COUNTS))
        if done["more"]:
            click.echo("The time was over before everything was met, so sweep again.")
    for failure in failures:
        click.echo(failure, err=True)
    if failures:
        raise SystemExit(1)


def _sweep(container: Container) -> tuple[dict[str, Any], list[str]]:
    """What it did, and the failures. The trace has the counts even when something failed."""
    traces: list[Trace] = []
    sweep: SweepTask = container.sweep()
    failures: list[str] = []
    try:
        evolve(sweep, tracer=Tracer(traces.append, container.observer()))(Sweep())
    except ExceptionGroup as failed:
        failures = [brief(error) for error in _leaves(failed)]
    (step,) = [step for trace in traces for step in trace.steps if step.name == "swept"]
    return dict(step.detail), failures


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
