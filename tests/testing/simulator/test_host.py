"""A host's own receivers, adapters and promises run through the same faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryNotifier
from show_goal.ports.errors import StoreUnavailable
from show_goal.testing.simulator import Host, World, simulate


class Badges(Host):
    """Counts a badge for each goal that was added - each time that it hears of it, which is the mistake."""

    def __init__(self) -> None:
        self.badges: dict[str, int] = {}
        self.invariants = [self.one_badge_a_goal]

    def connect(self, container: Container) -> None:
        signal = container.namespace().signal("features.leaderboards")
        signal.connect(self.on_goal_added, sender="goal.added", weak=False)

    def on_goal_added(self, _: str, *, goal_id: str, **__: object) -> None:
        self.badges[goal_id] = self.badges.get(goal_id, 0) + 1

    def one_badge_a_goal(self, _: World) -> Iterator[str]:
        """one badge a goal"""
        yield from (f"goal {goal_id} has {number}" for goal_id, number in self.badges.items() if number > 1)


class BadgesOnce(Badges):
    def on_goal_added(self, _: str, *, goal_id: str, **__: object) -> None:
        self.badges[goal_id] = 1


def first_broken(host: type[Host], seeds: int) -> str | None:
    broken = (simulate(seed, 100, host()).violation for seed in range(seeds))
    return next((violation.invariant for violation in broken if violation is not None), None)


def test_receiver_that_minds_repeats_breaks_the_hosts_own_promise() -> None:
    assert first_broken(Badges, 10) == "one badge a goal"


def test_receiver_that_does_not_mind_breaks_none() -> None:
    assert first_broken(BadgesOnce, 10) is None


class Raising(Badges):
    def on_goal_added(self, _: str, *, goal_id: str, **__: object) -> None:
        raise KeyError(goal_id)


def test_receiver_that_raises_what_nobody_expects_is_told_of() -> None:
    assert first_broken(Raising, 10) == "nothing is raised but refusals and Unavailable"


class Unavailable(Badges):
    """Its store fails twice for each goal."""

    def on_goal_added(self, _: str, *, goal_id: str, **__: object) -> None:
        self.badges[goal_id] = self.badges.get(goal_id, -2) + 1
        if self.badges[goal_id] < 1:
            raise StoreUnavailable("the badges do not answer")

    def one_badge_a_goal(self, _: World) -> Iterator[str]:
        yield from ()


def test_receiver_whose_store_does_not_answer_is_retried_until_it_does() -> None:
    assert first_broken(Unavailable, 10) is None


class Listening(Host):
    """Keeps its own notifier."""

    def __init__(self) -> None:
        self.notifier = MemoryNotifier()

    def adapters(self, clock: Any) -> dict[str, Any]:
        return {**super().adapters(clock), "notifier": self.notifier}


def test_hosts_own_adapter_is_used() -> None:
    host = Listening()
    simulate(0, 100, host)
    assert {"goal.added", "goal.ended"} <= {notification.event for notification in host.notifier.notifications}


class NeverAtRest(Host):
    """Promises what cannot be kept, at the end."""

    def __init__(self) -> None:
        self.at_the_end = [self.nothing_ever_happens]

    def nothing_ever_happens(self, world: World) -> Iterator[str]:
        """nothing ever happens"""
        yield f"{len(world.records.goals)} goals were made"


def test_hosts_promise_for_the_end_is_asked_at_the_end() -> None:
    run = simulate(0, 100, NeverAtRest())
    assert run.violation is not None
    assert run.violation.invariant == "nothing ever happens"
    assert run.trace[-1].number == 0
