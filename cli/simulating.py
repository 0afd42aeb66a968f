"""The simulator on the command line: its progress, and the report of a broken promise."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from shlex import join
from time import monotonic

import click
from attrs import frozen
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..testing.simulator import Host, RuleKind, Run, Violation, shrink, simulate, soak
from .terminal import counted


@frozen(kw_only=True)
class Asked:
    """What the command line asks for. ``workers`` None means one process per core."""

    seeds: range
    steps: int
    host: type[Host]
    workers: int | None
    rule: RuleKind = RuleKind.WHOLE

    def replay(self, seed: int) -> str:
        """The command that runs this seed again."""
        host = [] if self.host is Host else ["--host", f"{self.host.__module__}:{self.host.__qualname__}"]
        rule = [] if self.rule is RuleKind.WHOLE else ["--rule", self.rule]
        return join(["show-goal", "simulate", "--seed", str(seed), "--steps", str(self.steps), *rule, *host])

    def run(self, seed: int) -> Run:
        """The seed once more, with its trace."""
        return simulate(seed, self.steps, self.host(), rule=self.rule)


def host_class(found: object) -> type[Host]:
    """The host's own class; the library's without one. Raises BadParameter."""
    if found is None:
        return Host
    if isinstance(found, type) and issubclass(found, Host):
        return found
    raise click.BadParameter(f"{found!r} is not a subclass of Host", param_hint="--host")


def simulate_seeds(asked: Asked, as_json: bool) -> None:
    """Run the seeds until one breaks a promise, and print what happened. Exits with 1 when one did."""
    began, calls, done = monotonic(), 0, 0
    failed: Run | None = None
    runs = soak(asked.seeds, asked.steps, asked.host, rule=asked.rule, workers=asked.workers)
    for run in _with_progress(runs, len(asked.seeds)):
        calls, done = calls + run.calls, done + 1
        if run.violation is not None:
            failed = asked.run(run.plan.seed)
            break
    seconds = monotonic() - began
    shortest = None if failed is None else shrink(failed, asked.host())
    if as_json:
        click.echo(json.dumps(_document(asked, done, calls, shortest), indent=2))
    elif failed is None or shortest is None or shortest.violation is None:
        seeds, steps = counted(done, "seed"), counted(asked.steps, "step")
        click.echo(
            f"{seeds} of {steps}, {calls:,} calls of ports: every promise was kept ({done / seconds:.0f} seeds/s)"
        )
    else:
        click.echo("\n".join(_report(asked, failed, shortest, shortest.violation)))
    if failed is not None:
        raise SystemExit(1)


def _with_progress(runs: Iterator[Run], total: int) -> Iterable[Run]:
    """Progress on stderr, if that is a terminal."""
    columns = (TextColumn("seeds"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield from progress.track(runs, total=total)


def _report(asked: Asked, failed: Run, shortest: Run, broken: Violation) -> Iterator[str]:
    seed = shortest.plan.seed
    yield f"Seed {seed} breaks a promise: {broken.invariant}"
    yield f"  {broken.what}"
    yield ""
    yield f"The shortest trace that breaks it has {len(shortest.plan.actions)} of {len(failed.plan.actions)} steps:"
    yield from map(str, shortest.trace)
    yield ""
    yield f"Replay: {asked.replay(seed)}"


def _document(asked: Asked, done: int, calls: int, shortest: Run | None) -> dict[str, object]:
    first, steps = asked.seeds.start, asked.steps
    document: dict[str, object] = {"first_seed": first, "seeds": done, "steps": steps, "calls": calls, "broken": None}
    if len(asked.seeds) == 1:
        document["trace"] = [str(step) for step in asked.run(first).trace]
    if shortest is not None and shortest.violation is not None:
        document["broken"] = {
            "seed": shortest.plan.seed,
            "promise": shortest.violation.invariant,
            "what": shortest.violation.what,
            "shortest_trace": [str(step) for step in shortest.trace],
            "replay": asked.replay(shortest.plan.seed),
        }
    return document
