"""Runs a plan to its end, or to the first promise that is broken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from . import endings, invariants, promises
from .actors import IDLE, Actors
from .host import Host, Invariant
from .plan import Action, Plan, plan
from .records import Violation
from .world import World

SWEEP_INTERVAL = timedelta(seconds=15)
SWEEP = Action("sweep", (0, 0, 0), 0)
DRAIN = Action("drain", (0, 0, 0), 0)


@frozen(kw_only=True)
class Step:
    """One line of a run's trace. ``number`` is 0 for what happens after the last step, as everything comes to rest."""

    number: int
    what: str

    def __str__(self) -> str:
        lines = self.what.replace("; ", "\n         ")
        return f"{self.number or 'end':>5}  {lines}"


@frozen(kw_only=True)
class Run:
    """What became of a plan: None as ``violation`` when every promise was kept."""

    plan: Plan
    trace: Sequence[Step]
    violation: Violation | None
    calls: int


def simulate(seed: int, steps: int = 200, host: Host | None = None) -> Run:
    """Run a seed: the same plan, the same trace, in every process."""
    return run(plan(seed, steps), host or Host())


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
        step, end = (promises.STEP, promises.THE_END) if planned.weather.neighbours else ((), ())
        self._step_invariants = (*invariants.STEP, *step, *host.invariants)
        self._end_invariants = (*endings.THE_END, *end, *host.at_the_end)

    def run(self) -> Violation | None:
        for action in self._plan.actions:
            self._perform(action)
            if violation := self._look(self._step_invariants):
                return violation
        return self._come_to_rest()

    def _come_to_rest(self) -> Violation | None:
        """No fault any more. Time passes beyond every bound, workers and the sweeper keep up; then nothing is due."""
        self.world.worker.gives_up = True
        violation = (self._silence if self._plan.weather.ends_in_silence else self._calm)()
        violation = violation or self._look(self._end_invariants)
        if self._plan.weather.echoes and violation is None:
            violation = self._echo() or self._look(self._end_invariants)
        return violation

    def _silence(self) -> Violation | None:
        """Every message is lost. The first sweep after exp + settle_delay leaves nothing (L6)."""
        self.world.network.lose_everything()
        self.world.advance(self._bound(self.world.clock.now()) - self.world.clock.now())
        self._perform(SWEEP)
        return self._look(self._step_invariants) or self._drained()

    def _echo(self) -> Violation | None:
        """Every message that there ever was comes once more, and changes nothing that is decided."""
        for one in list(self.world.network.ever):
            self.world.network.send(one.letter)
        return self._calm()

    def _calm(self) -> Violation | None:
        begun = self.world.clock.now()
        while self.world.clock.now() < self._bound(begun) + SWEEP_INTERVAL or self.world.network.in_flight:
            for action in (DRAIN, SWEEP):
                self._perform(action)
                if violation := self._look(self._step_invariants):
                    return violation
            self.world.advance(SWEEP_INTERVAL)
        return None

    def _drained(self) -> Violation | None:
        self._perform(DRAIN)
        return self._look(self._step_invariants)

    def _bound(self, now: datetime) -> datetime:
        """When the last goal's exp and its settlement are over, and what happens now is settled."""
        exps = [goal.exp for goal in self.world.records.goals.values() if goal.exp is not None]
        return max([now, *exps]) + self.world.settings.settle_delay

    def _perform(self, action: Action) -> None:
        what = self._actors.perform(action)
        if action.step or not what.endswith(IDLE):
            self.trace.append(Step(number=action.step, what=what))

    def _look(self, asked: Iterable[Invariant]) -> Violation | None:
        """The first promise that is broken, if any is."""
        world = self.world
        if not world.records.violations:
            for invariant in asked:
                for sentence in invariant(world):
                    world.records.broken(invariants.promise(invariant), sentence)
        world.records.touched.clear()
        world.ledger.moved = False
        return world.records.violations[0] if world.records.violations else None
