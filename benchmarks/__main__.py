"""``python -m benchmarks``: see --help."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import click
from attrs import asdict
from rich.console import Console
from rich.table import Table

from tests.servers import running_servers

from . import commands, imports, side_by_side, suite, sweep, use_case, worker
from .figures import figures

ROOT = Path(__file__).parents[1]
DOCUMENTS = (ROOT / "docs" / "performance.md", ROOT / "docs" / "scale.md")
console = Console(stderr=True)


@click.group()
def main() -> None:
    """What the library costs, measured on servers of its own. Results are JSON on stdout."""


def report(line: str) -> None:
    console.print(line, style="dim", highlight=False)


@main.command("all")
@click.option("--rounds", default=suite.Extent().rounds, show_default=True)
@click.option("--seconds", default=suite.Extent().seconds, show_default=True, help="How long each turn lasts.")
@click.option("--many", default=suite.Extent().many, show_default=True, help="Goals stored for the sweep.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Also write the results there.")
@click.option("--plot", "picture", type=click.Path(path_type=Path), help="And draw them there, as .png or .svg.")
def everything(rounds: int, seconds: float, many: int, path: Path | None, picture: Path | None) -> None:
    """Everything, and whether the bars are met."""
    began = monotonic()
    results = suite.run(suite.Extent(rounds=rounds, seconds=seconds, many=many), report)
    if path is None:
        click.echo(json.dumps(results))
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=1))
    if picture is not None:
        from .plot import plot  # it takes a second to import

        plot(results, picture)
    show(results)
    report(f"{monotonic() - began:.0f} s")


@main.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def docs(path: Path) -> None:
    """Fill docs/performance.md and docs/scale.md from the results in PATH."""
    from .tables import filled

    results = json.loads(path.read_text())
    for document in DOCUMENTS:
        document.write_text(filled(document.read_text(), results))


@main.command("show")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def show_results(path: Path) -> None:
    """Whether the results in PATH meet the bars."""
    show(json.loads(path.read_text()))


@main.command("side-by-side")
@click.option("--what", type=click.Choice(["joining", "creating"]), default="joining")
@click.option("--past-goals", default=[0], multiple=True)
@click.option("--threads", default=8)
@click.option("--broker", type=click.Choice(["rabbitmq", "redis"]), default="rabbitmq")
@click.option("--rounds", default=5)
@click.option("--seconds", default=2.0)
def compare(what: str, past_goals: list[int], threads: int, broker: str, rounds: int, seconds: float) -> None:
    """The three routes, in turns."""
    with running_servers(report) as servers, TemporaryDirectory() as folder:
        url = servers.rabbitmq_url if broker == "rabbitmq" else servers.redis_url
        cases = [side_by_side.Case(what=what, past_goals=number, threads=threads) for number in past_goals]
        with side_by_side.bench(servers.mongodb_uri, url, Path(folder)) as bench:
            _echo([asdict(compared) for compared in bench.compare(cases, rounds, seconds)])


@main.command("use-case")
def use_case_alone() -> None:
    """The use case on the adapters in memory, beside the same inlined by hand."""
    _echo(asdict(use_case.measure()))


@main.command("imports")
def import_cost() -> None:
    """What importing the library costs, and what it imports."""
    _echo([asdict(imported) for imported in imports.measure()])


@main.command("commands")
def commands_and_messages() -> None:
    """Store commands and broker messages of one request."""
    with running_servers(report) as servers:
        asked = commands.measure(servers.mongodb_uri)
    _echo({what: asdict(one) for what, one in asked.items()})


@main.command("worker")
def worker_cost() -> None:
    """From create_goal to goal.added, and tasks a second."""
    with running_servers(report) as servers, TemporaryDirectory() as folder:
        _echo(asdict(worker.measure(servers, Path(folder))))


@main.command("sweep")
@click.option("--few", default=suite.Extent().few, show_default=True)
@click.option("--many", default=suite.Extent().many, show_default=True)
def sweep_cost(few: int, many: int) -> None:
    """A sweep that ends 100 goals, over few and over many stored ones."""
    with running_servers(report) as servers:
        _echo(asdict(sweep.measure(servers.mongodb_uri, few, many)))


def show(results: dict[str, Any]) -> None:
    table = Table("", "measured", "bar", "")
    for figure in figures(results):
        side = "at most" if figure.at_most else "at least"
        met = "met" if figure.met else "[bold red]missed"
        table.add_row(figure.name, f"{figure.value:.2f}{figure.unit}", f"{side} {figure.bar:g}", met)
    console.print(table)


def _echo(results: Any) -> None:
    click.echo(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
