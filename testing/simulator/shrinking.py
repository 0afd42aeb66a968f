"""Makes a failing plan shorter: takes actions and faults out as long as the same promise is still broken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from attrs import evolve

from .host import Host
from .plan import Action
from .simulation import Run, run

T = TypeVar("T")
MOST_RUNS = 3_000
"""A plan that is still long by then stays as long as it is."""


class _Enough(Exception):
    """The runs are used up."""


def shrink(failed: Run, host: Host) -> Run:
    """The shortest run found that breaks the promise that ``failed`` breaks; the same at every call.

    Raises ValueError for a run that keeps every promise.
    """
    if failed.violation is None:
        raise ValueError(f"seed {failed.plan.seed} keeps every promise: there is nothing to shrink")
    return _Shrinking(failed, host).shortest()


class _Shrinking:
    def __init__(self, failed: Run, host: Host) -> None:
        self._host = host
        self._best = failed
        self._runs = 0

    def shortest(self) -> Run:
        try:
            while self._shorter():
                pass
        except _Enough:
            pass
        return self._best

    def _shorter(self) -> bool:
        """One pass over everything; whether it took something out."""
        before = self._best.plan.actions
        size = max(1, len(before) // 2)
        while size:
            self._without_chunks(size)
            size //= 2
        for number in reversed(range(len(self._best.plan.actions))):
            for calmer in _calmer(self._best.plan.actions[number]):
                if self._fails(_replaced(self._best.plan.actions, number, calmer)):
                    break
        return self._best.plan.actions != before

    def _without_chunks(self, size: int) -> None:
        end = len(self._best.plan.actions)
        while end > 0:
            start, actions = max(0, end - size), self._best.plan.actions
            self._fails(actions[:start] + actions[end:])
            end = start

    def _fails(self, actions: tuple[Action, ...]) -> bool:
        """Whether these actions break the same promise; then they are the best there is."""
        if self._runs == MOST_RUNS:
            raise _Enough
        self._runs += 1
        tried = run(evolve(self._best.plan, actions=actions), self._host)
        broken, sought = tried.violation, self._best.violation
        if broken is None or sought is None or broken.invariant != sought.invariant:
            return False
        self._best = tried
        return True


def _calmer(action: Action) -> Iterator[Action]:
    """The action without its faults, then with what happens meanwhile made calmer."""
    if action.faults:
        yield evolve(action, faults=())
    for number, fault in enumerate(action.faults):
        for calmer in _calmer(fault.action) if fault.action else ():
            yield evolve(action, faults=_replaced(action.faults, number, evolve(fault, action=calmer)))


def _replaced(things: tuple[T, ...], number: int, thing: T) -> tuple[T, ...]:
    return (*things[:number], thing, *things[number + 1 :])
