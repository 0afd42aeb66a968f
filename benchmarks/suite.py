"""All of it, in an order that lets nothing run beside what is being measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import asdict, frozen

from tests.servers import Servers, running_servers

from . import commands, imports, side_by_side, sweep, use_case, worker
from .side_by_side import Case

PAST_GOALS = (0, 100, 1_000, 5_000)
THREADS = (1, 2, 4)
LIBRARIES = ("celery", "flask", "gunicorn", "kombu", "mongoengine", "pymongo")

Report = Callable[[str], None]


@frozen
class Extent:
    """How thorough: rounds, seconds of each turn, and how many goals are stored for the sweep."""

    rounds: int = 5
    seconds: float = 1.2
    few: int = 10_000
    many: int = 1_000_000


def run(extent: Extent, report: Report) -> dict[str, Any]:
    """Results that JSON can hold."""
    results: dict[str, Any] = {"machine": _machine()}
    report("use case")
    results["use_case"] = asdict(use_case.measure())
    report("imports")
    results["imports"] = [asdict(imported) for imported in imports.measure()]
    with running_servers(report) as servers, TemporaryDirectory() as name:
        folder = Path(name)
        report("commands")
        asked = commands.measure(servers.mongodb_uri)
        results["commands"] = {what: asdict(one) for what, one in asked.items()}
        results["side_by_side"] = _side_by_side(servers, folder, extent, report)
        report("worker")
        results["worker"] = asdict(worker.measure(servers, folder))
        report(f"sweep over {extent.few:,} and {extent.many:,} goals")
        results["sweep"] = asdict(sweep.measure(servers.mongodb_uri, extent.few, extent.many))
    return results


def _side_by_side(servers: Servers, folder: Path, extent: Extent, report: Report) -> list[dict[str, Any]]:
    compared = []
    with side_by_side.bench(servers.mongodb_uri, servers.rabbitmq_url, folder) as bench:
        report("joining and creating, on RabbitMQ")
        cases = [Case(past_goals=number) for number in PAST_GOALS] + [Case(what="creating")]
        compared += bench.compare(cases, extent.rounds, extent.seconds)
        for threads in THREADS:
            report(f"joining, with {threads} threads")
            compared += bench.compare([Case(threads=threads)], extent.rounds // 2, extent.seconds)
    with side_by_side.bench(servers.mongodb_uri, servers.redis_url, folder) as bench:
        report("joining and creating, on Redis")
        compared += bench.compare([Case(), Case(what="creating")], extent.rounds // 2, extent.seconds)
    return [asdict(one) for one in compared]


def _machine() -> dict[str, Any]:
    return {
        "processors": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
    }
