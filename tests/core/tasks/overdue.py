"""Goals that are overdue, and receivers that take their time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from show_goal.core.settings import Settings
from tests.builders import EXP, a_goal, a_hold
from tests.world import World

from .crowds import SECOND, before

LATER = EXP + timedelta(seconds=60)
ENDED, MOVED = ("features.leaderboards", "goal.ended"), ("user", "balance.incremented")
"""Signal and sender."""


def two_at_a_time(**replaced: Any) -> World:
    """A platform whose sweeps read two items of a kind at a time."""
    return World.make(settings=Settings(sweep_limit=2), **replaced)


def add_goals(world: World, number: int) -> list[str]:
    """Goals of so many sessions, which are overdue ``LATER``, each with VIEWER's 1 in its escrow."""
    ids = [f"60a3{n:020x}" for n in range(number)]
    for n, goal_id in enumerate(ids):
        world.goals.insert(a_goal(id=goal_id, conditions={"session_id": f"5e56{n:020x}"}))
        world.wallet.hold(a_hold(goal_id, amount=1))
    return ids


def calls(port: object, method: str, happens: Callable[[str], object] = str) -> Counter[str]:
    """The calls of a port's method from now on, by their first argument. Before each, something happens."""
    counted = Counter[str]()

    def call(first: str, *_: object) -> None:
        counted[first] += 1
        happens(first)

    before(port, method, call)
    return counted


def hear(world: World, event: tuple[str, str], happens: Callable[[str], object]) -> Counter[str]:
    """How often a host's receiver hears each goal's end, or each transaction. Each time, something happens."""
    signal, sender = event
    heard = Counter[str]()

    def receive(*_: object, **payload: Any) -> None:
        about = str(payload["goal_id"] if event == ENDED else payload["transaction_id"])
        heard[about] += 1
        happens(about)

    world.container.namespace().signal(signal).connect(receive, sender=sender, weak=False)
    return heard


def slow(world: World, event: tuple[str, str], seconds: int) -> Counter[str]:
    """A receiver takes so long each time."""
    return hear(world, event, lambda _: world.clock.advance(SECOND * seconds))


def failing_sweep(world: World) -> ExceptionGroup[Exception]:
    with pytest.raises(ExceptionGroup) as caught:
        world.sweep()
    return caught.value


def sweep_to_the_end(world: World) -> None:
    """Sweeps, and the tasks that they ask for, until nothing is left."""
    world.run_due()
    while world.sweep().more:
        world.run_due()
