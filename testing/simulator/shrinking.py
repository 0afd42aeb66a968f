"""Shortens a failing plan: removes actions and faults for as long as the same promise is broken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from attrs import evolve

from .plan import Action
from .simulation import Run, run
from .world import Host

T = TypeVar("T")
MOST_RUNS = 3_000
"""Shrinking stops after this many runs, however long the plan still is."""


def shrink(failed: Run, host: Host) -> Run:
    """The shortest run found that breaks the promise that ``failed`` breaks. Every call finds the same.

    Raises ValueError for a run that keeps every promise.
    """
    if failed.violation is None:
        raise ValueError(f"seed {failed.plan.seed} keeps every promise: there is nothing to shrink")
    shrinking = _Shrinking(failed, failed.violation.invariant, host)
    while shrinking.shorten() and shrinking.runs < MOST_RUNS:
        pass
    return shrinking.best


class _Shrinking:
    def __init__(self, failed: Run, promise: str, host: Host) -> None:
        self.best = failed
        self.runs = 0
        self._promise = promise
        self._host = host

    def shorten(self) -> bool:
        """Try to remove everything once: chunks of actions, then faults. Whether anything was removed."""
        before = self.best.plan.actions
        size = max(1, len(before) // 2)
        while size:
            self._remove_chunks(size)
            size //= 2
        for number in reversed(range(len(self.best.plan.actions))):
            for calmer in _calmer(self.best.plan.actions[number]):
                if self._still_fails(_replaced(self.best.plan.actions, number, calmer)):
                    break
        return self.best.plan.actions != before

    def _remove_chunks(self, size: int) -> None:
        end = len(self.best.plan.actions)
        while end > 0:
            start, actions = max(0, end - size), self.best.plan.actions
            self._still_fails(actions[:start] + actions[end:])
            end = start

    def _still_fails(self, actions: tuple[Action, ...]) -> bool:
        """Whether these actions break the same promise. If so, they are the best plan so far."""
        if self.runs == MOST_RUNS:
            return False
        self.runs += 1
        tried = run(evolve(self.best.plan, actions=actions), self._host)
        if tried.violation is None or tried.violation.invariant != self._promise:
            return False
        self.best = tried
        return True


def _calmer(action: Action) -> Iterator[Action]:
    """The action without its faults, then with a calmer action meanwhile."""
    if action.faults:
        yield evolve(action, faults=())
    for number, fault in enumerate(action.faults):
        for calmer in _calmer(fault.action) if fault.action else ():
            yield evolve(action, faults=_replaced(action.faults, number, evolve(fault, action=calmer)))


def _replaced(things: tuple[T, ...], number: int, thing: T) -> tuple[T, ...]:
    return (*things[:number], thing, *things[number + 1 :])
