"""Requests a second of the three routes, in turns: each round runs all of them under the same load."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from attrs import field, frozen
from pymongo.database import Database

from tests.servers.ports import accepts, free_port
from tests.servers.process import Process

from . import ROOT, load, platform

ROUTES = ("ours", "bare", "handwritten")
JOINED = 20
CREATED = 200


@frozen(kw_only=True)
class Case:
    """What the requests do (``joining`` or ``creating``), to sessions with how many past goals, by how many threads."""

    what: str = "joining"
    past_goals: int = 0
    threads: int = 8


def _by_route() -> dict[str, list[float]]:
    return {route: [] for route in ROUTES}


@frozen(kw_only=True)
class Compared:
    """By route and round: requests a second, and milliseconds of processor time a request in gunicorn and in mongod."""

    case: Case
    broker: str
    per_second: Mapping[str, list[float]] = field(factory=_by_route)
    cpu_ms: Mapping[str, list[float]] = field(factory=_by_route)
    store_ms: Mapping[str, list[float]] = field(factory=_by_route)


@frozen
class Bench:
    database: Database[platform.Document]
    backends: platform.Backends
    folder: Path

    def compare(self, cases: Sequence[Case], rounds: int, seconds: float) -> list[Compared]:
        """Run cases with the same number of threads in turns. The first round warms up and does not count."""
        [threads] = {case.threads for case in cases}
        compared = [Compared(case=case, broker=self.backends.broker) for case in cases]
        sessions = [self._sessions(case) for case in cases]
        with ExitStack() as stack:
            sites = {route: stack.enter_context(self._serving(route, threads)) for route in ROUTES}
            for turn in range(rounds + 1):
                first = turn % len(ROUTES)
                for result, session_ids in zip(compared, sessions, strict=True):
                    for route in ROUTES[first:] + ROUTES[:first]:
                        self._turn(result, route, *sites[route], session_ids, seconds if turn else 0)
        return compared

    def _turn(
        self, compared: Compared, route: str, port: int, pid: int, session_ids: list[str], seconds: float
    ) -> None:
        creating = compared.case.what == "creating"
        if creating:
            platform.release_claims(self.database, session_ids)
        plan = load.Plan(
            port=port,
            session_ids=session_ids,
            viewer_ids=platform.VIEWER_IDS,
            duration=platform.DURATION,
            connections=compared.case.threads,
            seconds=None if creating else seconds or 0.3,
        )
        cpu, store = platform.cpu_seconds(pid), self._store_seconds()
        outcome = load.run(plan)
        cpu, store = platform.cpu_seconds(pid) - cpu, self._store_seconds() - store
        if seconds:
            compared.per_second[route].append(outcome.requests / outcome.seconds)
            compared.cpu_ms[route].append(cpu / outcome.requests * 1_000)
            compared.store_ms[route].append(store / outcome.requests * 1_000)
        self.backends.purge()

    def _store_seconds(self) -> float:
        """What mongod has computed so far, by its own account."""
        used = self.database.client.admin.command("serverStatus")["extra_info"]
        return float(used["user_time_us"] + used["system_time_us"]) / 1_000_000

    def _sessions(self, case: Case) -> list[str]:
        creating = case.what == "creating"
        return platform.add_sessions(
            self.database, CREATED if creating else JOINED, case.past_goals, ongoing=not creating
        )

    @contextmanager
    def _serving(self, route: str, threads: int) -> Iterator[tuple[int, int]]:
        """One gunicorn worker that serves ``benchmarks.routes.{route}``: its port, and the id of gunicorn's process."""
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", str(threads)]
        command += ["--bind", f"127.0.0.1:{port}", "--keep-alive", "30", "--log-level", "warning"]
        command += [f"benchmarks.routes.{route}:app"]
        environment = {**os.environ, **self.backends.environment()}
        process = Process(command, self.folder / f"{route}.log", env=environment, cwd=ROOT)
        try:
            process.wait_ready(lambda: accepts(port), deadline=60)
            yield port, process.pid
        finally:
            process.stop()


@contextmanager
def bench(mongodb_uri: str, broker_url: str, folder: Path) -> Iterator[Bench]:
    """A database and a queue for this benchmark only."""
    with platform.new_database(mongodb_uri) as database:
        platform.add_viewers(database)
        backends = platform.Backends(mongodb_uri, broker_url, database.name)
        try:
            yield Bench(database, backends, folder)
        finally:
            backends.purge(delete=True)


def ratios(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the rounds' own ratios: what disturbs a round disturbs both."""
    return median(a / b for a, b in zip(above, below, strict=True))
