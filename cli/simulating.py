"""The simulator on the command line: progress, and what is said of a broken promise."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from shlex import join
from time import monotonic

import click
from attrs import frozen
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..testing.simulator import Host, Outcome, Run, Violation, shrink, soak
from ..testing.simulator import simulate as simulate_one


@frozen(kw_only=True)
class Asked:
    """What the command line asks for. ``host`` is ``module:class``, or empty for the library as it comes."""

    seeds: range
    steps: int
    host: str
    workers: int | None

    def replay(self, seed: int) -> str:
        """The command that does this seed once more."""
        host = ["--host", self.host] if self.host else []
        return join(["show-goal", "simulate", "--seed", str(seed), "--steps", str(self.steps), *host])


def simulate_seeds(asked: Asked, as_json: bool) -> None:
    """Run the seeds until one breaks a promise, and print what happened. Exits with 1 when one did."""
    host = _host(asked.host)
    began, calls, done = monotonic(), 0, 0
    broken: Outcome | None = None
    for outcome in _with_progress(soak(asked.seeds, asked.steps, host, workers=asked.workers), len(asked.seeds)):
        calls, done = calls + outcome.calls, done + 1
        if outcome.violation is not None:
            broken = outcome
            break
    seconds = monotonic() - began
    failed = None if broken is None else simulate_one(broken.seed, asked.steps, host())
    shortest = None if failed is None else shrink(failed, host())
    if as_json:
        click.echo(json.dumps(_document(asked, host, done, calls, shortest), indent=2))
    elif failed is None or shortest is None or shortest.violation is None:
        click.echo(
            f"{done:,} seeds of {asked.steps:,} steps, {calls:,} calls of ports: every promise was kept"
            f" ({done / seconds:.0f} seeds/s)"
        )
    else:
        click.echo("\n".join(_told(asked, failed, shortest, shortest.violation)))
    if failed is not None:
        raise SystemExit(1)


def _host(named: str) -> type[Host]:
    if not named:
        return Host
    module, _, name = named.partition(":")
    sys.path.insert(0, os.getcwd())  # where a host's own modules are, and a console script does not look
    try:
        host = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise click.BadParameter(f"{named!r} is no class: {error}", param_hint="--host") from error
    if not (isinstance(host, type) and issubclass(host, Host)):
        raise click.BadParameter(f"{named!r} is no Host", param_hint="--host")
    return host


def _with_progress(outcomes: Iterator[Outcome], total: int) -> Iterable[Outcome]:
    """On stderr, and only when somebody watches."""
    columns = (TextColumn("seeds"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield from progress.track(outcomes, total=total)


def _told(asked: Asked, failed: Run, shortest: Run, broken: Violation) -> Iterator[str]:
    """A broken promise, for people."""
    seed = shortest.plan.seed
    yield f"Seed {seed} breaks a promise: {broken.invariant}"
    yield f"  {broken.what}"
    yield ""
    yield f"The shortest trace that breaks it has {len(shortest.plan.actions)} of {len(failed.plan.actions)} steps:"
    yield from map(str, shortest.trace)
    yield ""
    yield f"Replay: {asked.replay(seed)}"


def _document(asked: Asked, host: type[Host], done: int, calls: int, shortest: Run | None) -> dict[str, object]:
    document: dict[str, object] = {
        "first_seed": asked.seeds.start,
        "seeds": done,
        "steps": asked.steps,
        "calls": calls,
        "broken": None,
    }
    if len(asked.seeds) == 1:
        document["trace"] = [str(step) for step in simulate_one(asked.seeds.start, asked.steps, host()).trace]
    if shortest is not None and shortest.violation is not None:
        document["broken"] = {
            "seed": shortest.plan.seed,
            "promise": shortest.violation.invariant,
            "what": shortest.violation.what,
            "shortest_trace": [str(step) for step in shortest.trace],
            "replay": asked.replay(shortest.plan.seed),
        }
    return document
