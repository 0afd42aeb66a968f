"""Runs a plan until a promise is broken or everything has come to rest; and many seeds on every core."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context

from attrs import evolve, frozen

from . import end_invariants, step_invariants
from .actors import IDLE, Actors
from .plan import Action, Plan, plan
from .records import Violation
from .rules import RuleKind
from .world import Host, Invariant, World

SWEEP_INTERVAL = timedelta(seconds=15)
SWEEP = Action("sweep", (0, 0, 0), 0)
DRAIN = Action("drain", (0, 0, 0), 0)
MOST_ROUNDS = 300  # after so many intervals everything should long have come to rest
CHUNK = 25  # seeds that a process takes at a time; fewer than two chunks do not pay for a second process


@frozen(kw_only=True)
class Step:
    """One line of a run's trace. ``number`` is 0 for what happens after the last step, while everything settles."""

    number: int
    what: str

    def __str__(self) -> str:
        lines = self.what.replace("; ", "\n         ")
        return f"{self.number or 'end':>5}  {lines}"


@frozen(kw_only=True)
class Run:
    """The result of a plan. ``violation`` is None when every promise was kept; ``calls`` counts port calls."""

    plan: Plan
    trace: Sequence[Step]
    violation: Violation | None
    calls: int


def simulate(seed: int, steps: int = 200, host: Host | None = None, *, rule: RuleKind = RuleKind.WHOLE) -> Run:
    """Run a seed under a settlement rule. The trace is the same in every process."""
    return run(plan(seed, steps, rule), host or Host())


def soak(
    seeds: range,
    steps: int,
    host: type[Host] = Host,
    *,
    rule: RuleKind = RuleKind.WHOLE,
    workers: int | None = None,
) -> Iterator[Run]:
    """Run every seed, on every core or in ``workers`` processes; yield the runs in the order of the seeds.

    The runs come without actions and traces, which are large. Replay a seed to see its trace. Other processes import
    ``host``, so it must be a class of a module.
    """
    one = partial(_without_trace, steps=steps, host=host, rule=rule)
    workers = workers or os.cpu_count() or 1
    if workers == 1 or len(seeds) < 2 * CHUNK:
        yield from map(one, seeds)
        return
    executor = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        yield from executor.map(one, seeds, chunksize=CHUNK)
    finally:
        executor.shutdown(cancel_futures=True)


def run(planned: Plan, host: Host) -> Run:
    simulation = Simulation(planned, host)
    violation = simulation.run()
    return Run(plan=planned, trace=simulation.trace, violation=violation, calls=simulation.world.calls.made)


class Simulation:
    def __init__(self, planned: Plan, host: Host) -> None:
        self.world = World(planned.seed, planned.weather, host)
        self.trace: list[Step] = []
        self._plan = planned
        self._actors = Actors(self.world)
        self._after_steps = (*step_invariants.PRIVATE, *host.invariants)
        self._at_the_end = (*end_invariants.PRIVATE, *host.at_the_end)
        if planned.weather.neighbours:
            self._after_steps += step_invariants.NEIGHBOURS
            self._at_the_end += end_invariants.NEIGHBOURS

    def run(self) -> Violation | None:
        """The first promise that is broken, if any is."""
        if not self.world.observing.fails:
            return self._run()
        with self.world.observing.logged():
            return self._run()

    def _run(self) -> Violation | None:
        for action in self._plan.actions:
            if violation := self._step(action):
                return violation
        self.world.network.calm()
        return self._unobserved() or self._come_to_rest()

    def _unobserved(self) -> Violation | None:
        """Money comes to rest although what only observes goes on failing (D44)."""
        if not self.world.observing.fails:
            return None
        bound = self._bound(self.world.clock.now()) + 4 * SWEEP_INTERVAL
        while self.world.clock.now() < bound:
            if violation := self._step(DRAIN) or self._step(SWEEP):
                return violation
            self.world.advance(SWEEP_INTERVAL)
        return self._check(end_invariants.MONEY)

    def _come_to_rest(self) -> Violation | None:
        """No more faults: time passes beyond every bound, until nothing is due."""
        weather = self._plan.weather
        self.world.observing.heal()
        violation = self._silence() if weather.ends_in_silence else self._calm()
        violation = violation or self._check(self._at_the_end)
        if weather.echoes and violation is None:
            violation = self._echo() or self._check(self._at_the_end)
        return violation

    def _silence(self) -> Violation | None:
        """Every message is lost. The first sweep after exp + settle_delay repairs everything (L6).

        Whoever it lets into a show that goes on then sees what they paid for, and the next sweep settles that. Behind
        it somebody else may be let in, but each of them once: what nobody pays for in the end is stuck.
        """
        self.world.network.lose_everything()
        for _ in range(1 + len(self.world.ledger.held())):
            self.world.advance(self._bound(self.world.clock.now()) - self.world.clock.now())
            if violation := self._step(SWEEP) or self._step(DRAIN):
                return violation
            if not self.world.shown.goes_on():
                break
        return None

    def _calm(self) -> Violation | None:
        """Workers and the sweeper keep up while time passes."""
        begun = self.world.clock.now()
        for _ in range(MOST_ROUNDS):
            if self.world.clock.now() >= self._bound(begun) + SWEEP_INTERVAL and not self.world.network.owed:
                break
            if violation := self._step(DRAIN) or self._step(SWEEP):
                return violation
            self.world.advance(SWEEP_INTERVAL)
        return None

    def _echo(self) -> Violation | None:
        """Every message there ever was is delivered once more, and changes no decision."""
        for delivery in list(self.world.network.ever):
            self.world.network.send(delivery.message)
        return self._calm()

    def _bound(self, now: datetime) -> datetime:
        """When every goal has passed its exp, its settlement is due, and nothing that was set aside waits."""
        goals = self.world.records.goals.values()
        exps = [at for goal in goals for at in (goal.exp, goal.ended and goal.ended.ended) if at]
        tries = [one.next_try for one in step_invariants.set_aside(self.world)]
        return max([now, *exps, *tries]) + self.world.settings.settle_delay + self.world.shown.longest()

    def _step(self, action: Action) -> Violation | None:
        what = self._actors.perform(action)
        if action.step or not what.endswith(IDLE):
            self.trace.append(Step(number=action.step, what=what))
        return self._check(self._after_steps)

    def _check(self, invariants: Sequence[Invariant]) -> Violation | None:
        records = self.world.records
        if not records.violations:
            for invariant in invariants:
                for sentence in invariant(self.world):
                    records.broken(_promise(invariant), sentence)
        records.touched.clear()
        self.world.ledger.moved = False
        return records.violations[0] if records.violations else None


def _promise(invariant: Invariant) -> str:
    """The first line of the docstring."""
    return (invariant.__doc__ or invariant.__name__).strip().splitlines()[0]


def _without_trace(seed: int, *, steps: int, host: type[Host], rule: RuleKind) -> Run:
    result = simulate(seed, steps, host(), rule=rule)
    return evolve(result, plan=evolve(result.plan, actions=()), trace=())
