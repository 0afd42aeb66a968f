"""Requests a second of the three routes, in turns: each round runs all of them, each under the same load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from uuid import uuid4

from attrs import field, frozen
from pymongo import MongoClient
from pymongo.database import Database

from .load import Outcome, Plan, run
from .population import DURATION, Document, add_sessions, populate, release_claims, viewer_ids
from .site import Backends, Site, purge, serving

ROUTES = ("ours", "bare", "handwritten")
JOINED = 20
CREATED = 200


@frozen(kw_only=True)
class Case:
    """What the requests do (``joining`` or ``creating``), to sessions with so many past goals, by so many threads."""

    what: str = "joining"
    past_goals: int = 0
    threads: int = 8


@frozen(kw_only=True)
class Compared:
    """Per round, by route: requests a second; milliseconds of processor time a request, of gunicorn's worker and of
    mongod; and the milliseconds within which 95 of 100 were answered."""

    case: Case
    broker: str
    per_second: Mapping[str, list[float]] = field(factory=lambda: {route: [] for route in ROUTES})
    cpu_ms: Mapping[str, list[float]] = field(factory=lambda: {route: [] for route in ROUTES})
    store_ms: Mapping[str, list[float]] = field(factory=lambda: {route: [] for route in ROUTES})
    p95_ms: Mapping[str, list[float]] = field(factory=lambda: {route: [] for route in ROUTES})

    def add(self, route: str, outcome: Outcome, cpu_seconds: float, store_seconds: float) -> None:
        self.per_second[route].append(outcome.per_second)
        self.cpu_ms[route].append(cpu_seconds / outcome.requests * 1_000)
        self.store_ms[route].append(store_seconds / outcome.requests * 1_000)
        self.p95_ms[route].append(outcome.p95_ms)


@frozen
class Bench:
    """A platform on running servers."""

    database: Database[Document]
    backends: Backends
    folder: Path

    def compare(self, cases: Sequence[Case], rounds: int, seconds: float) -> list[Compared]:
        """``cases`` with one number of threads, all in turns; the first round warms up and does not count."""
        [threads] = {case.threads for case in cases}
        compared = [Compared(case=case, broker=self.backends.broker) for case in cases]
        sessions = [self._sessions(case) for case in cases]
        with ExitStack() as stack:
            sites = {
                route: stack.enter_context(serving(route, self.backends, threads, self.folder)) for route in ROUTES
            }
            for turn in range(rounds + 1):
                first = turn % len(ROUTES)
                for result, session_ids in zip(compared, sessions, strict=True):
                    for route in ROUTES[first:] + ROUTES[:first]:
                        self._turn(result, route, sites[route], session_ids, seconds if turn else 0)
        return compared

    def _turn(self, compared: Compared, route: str, site: Site, session_ids: Sequence[str], seconds: float) -> None:
        creating = compared.case.what == "creating"
        if creating:
            release_claims(self.database, session_ids)
        plan = Plan(
            port=site.port,
            session_ids=[*session_ids],
            viewer_ids=viewer_ids(),
            duration=DURATION,
            connections=compared.case.threads,
            seconds=None if creating else seconds or 0.3,
        )
        before, store_before = site.cpu_seconds(), self._store_seconds()
        outcome = run(plan)
        if seconds:
            compared.add(route, outcome, site.cpu_seconds() - before, self._store_seconds() - store_before)
        purge(self.backends)

    def _store_seconds(self) -> float:
        """What mongod has computed so far, by its own account."""
        used = self.database.client.admin.command("serverStatus")["extra_info"]
        return float(used["user_time_us"] + used["system_time_us"]) / 1_000_000

    def _sessions(self, case: Case) -> list[str]:
        creating = case.what == "creating"
        return add_sessions(self.database, CREATED if creating else JOINED, case.past_goals, ongoing=not creating)


@contextmanager
def bench(mongodb_uri: str, broker_url: str, folder: Path) -> Iterator[Bench]:
    """A database and a queue of its own, gone afterwards."""
    name = f"show_goal_benchmark_{uuid4().hex[:8]}"
    with MongoClient[Document](mongodb_uri, tz_aware=True) as client:
        populate(client[name])
        backends = Backends(mongodb_uri=mongodb_uri, database=name, broker_url=broker_url, queue=name)
        try:
            yield Bench(client[name], backends, folder)
        finally:
            client.drop_database(name)
            purge(backends, delete=True)


def ratios(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the rounds' own ratios: what disturbs a round disturbs both."""
    return median(a / b for a, b in zip(above, below, strict=True))
