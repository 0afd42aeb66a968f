"""``python -m benchmarks``: see --help."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import click
from attrs import frozen
from cattrs import unstructure
from rich.console import Console
from rich.table import Table

from tests.servers import Servers, running_servers

from . import ROOT, counted, growth, joins, releases, side_by_side, sweep, use_case, worker
from .crowd_report import crowd_figures
from .figure import Results
from .report import figures, filled
from .side_by_side import Case, Compared

PAST_GOALS = (0, 100, 1_000, 5_000)
THREADS = (1, 2, 4)
FEW = 10_000
LIBRARIES = ("celery", "flask", "gunicorn", "kombu", "mongoengine", "pymongo")
DOCUMENTS = (ROOT / "docs" / "performance.md", ROOT / "docs" / "scale.md")

console = Console(stderr=True)


@frozen
class Run:
    """Running servers, and how thorough to be."""

    servers: Servers
    folder: Path
    rounds: int
    seconds: float
    many: int
    joins: int


def compare(run: Run) -> list[Compared]:
    servers, compared = run.servers, []
    with side_by_side.bench(servers.mongodb_uri, servers.rabbitmq_url, run.folder) as bench:
        cases = [Case(past_goals=number) for number in PAST_GOALS] + [Case(what="creating")]
        compared += bench.compare(cases, run.rounds, run.seconds)
        for threads in THREADS:
            compared += bench.compare([Case(threads=threads)], run.rounds // 2, run.seconds)
    with side_by_side.bench(servers.mongodb_uri, servers.redis_url, run.folder) as bench:
        compared += bench.compare([Case(), Case(what="creating")], run.rounds // 2, run.seconds)
    return compared


ALONE: Mapping[str, Callable[[], Any]] = {"use_case": use_case.measure, "imports": counted.imports}
ON_SERVERS: Mapping[str, Callable[[Run], Any]] = {
    "commands": lambda run: counted.commands(run.servers.mongodb_uri),
    "side_by_side": compare,
    "worker": lambda run: worker.measure(run.servers, run.folder),
    "joins": lambda run: joins.measure(run.servers, run.folder, run.rounds),
    "growth": lambda run: growth.measure(run.servers.mongodb_uri, run.joins),
    "releases": lambda run: releases.measure(run.servers.mongodb_uri),
    "sweep": lambda run: sweep.measure(run.servers.mongodb_uri, FEW, run.many),
}


@click.group()
def main() -> None:
    """What the library costs, measured on servers of its own. Results are JSON."""


@main.command("run")
@click.argument("parts", nargs=-1, type=click.Choice([*ALONE, *ON_SERVERS]))
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=1.2, show_default=True, help="How long each turn lasts.")
@click.option("--many", default=1_000_000, show_default=True, help="Goals stored for the sweep.")
@click.option("--joins", default=10_000, show_default=True, help="Joins into one goal for growth, up to 100,000.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the results there, not to stdout.")
def run_parts(parts: tuple[str, ...], rounds: int, seconds: float, many: int, joins: int, path: Path | None) -> None:
    """Measure PARTS, one after the other. Without PARTS: everything, and whether the bars are met."""
    began, results = monotonic(), {"machine": machine()}
    chosen = parts or (*ALONE, *ON_SERVERS)
    for part in (part for part in ALONE if part in chosen):
        report(part)
        results[part] = unstructure(ALONE[part]())
    if ON_SERVERS.keys() & chosen:
        with running_servers(report) as servers, TemporaryDirectory() as folder:
            run = Run(servers, Path(folder), rounds, seconds, many, joins)
            for part in (part for part in ON_SERVERS if part in chosen):
                report(part)
                results[part] = unstructure(ON_SERVERS[part](run))
    if path is None:
        click.echo(json.dumps(results, indent=1))
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=1))
    if not parts:
        show(results)
    report(f"{monotonic() - began:.0f} s")


@main.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def docs(path: Path) -> None:
    """Fill docs/performance.md and docs/scale.md with the results in PATH. What was not measured stays as it is."""
    results = json.loads(path.read_text())
    for document in DOCUMENTS:
        document.write_text(filled(document.read_text(), results))


def machine() -> dict[str, Any]:
    return {
        "processors": os.cpu_count(),
        "load before the run": round(os.getloadavg()[0], 1),
        "Python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
    }


def report(line: str) -> None:
    console.print(line, style="dim", highlight=False)


def show(results: Results) -> None:
    table = Table("", "measured", "bar", "")
    for figure in [*figures(results), *crowd_figures(results)]:
        table.add_row(*figure.row, "met" if figure.met else "[bold red]missed")
    console.print(table)


if __name__ == "__main__":
    main()
