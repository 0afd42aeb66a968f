"""Your own receivers, adapters and promises go through the same faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryNotifier
from show_goal.ports.errors import StoreUnavailable
from show_goal.testing.simulator import Host, World, simulate


class Badges(Host):
    """Counts a badge each time it hears that a goal was added. That is the mistake: signals are repeated."""

    def __init__(self) -> None:
        self.badges: dict[str, int] = {}
        self.invariants = [self.one_badge_per_goal]

    def connect(self, container: Container) -> None:
        signal = container.namespace().signal("features.leaderboards")
        signal.connect(self.on_goal_added, sender="goal.added", weak=False)

    def on_goal_added(self, _: str, *, goal_id: str, **__: object) -> None:
        self.badges[goal_id] = self.badges.get(goal_id, 0) + 1

    def one_badge_per_goal(self, _: World) -> Iterator[str]:
        """one badge per goal"""
        yield from (f"goal {goal_id} has {number}" for goal_id, number in self.badges.items() if number > 1)


class BadgesOnce(Badges):
    def on_goal_added(self, _: str, *, goal_id: str, **__: object) -> None:
        self.badges[goal_id] = 1


class Raising(Badges):
    def on_goal_added(self, _: str, *, goal_id: str, **__: object) -> None:
        raise KeyError(goal_id)


class FailingTwice(Badges):
    """Its store fails twice for each goal."""

    def on_goal_added(self, _: str, *, goal_id: str, **__: object) -> None:
        self.badges[goal_id] = self.badges.get(goal_id, -2) + 1
        if self.badges[goal_id] < 1:
            raise StoreUnavailable("the badges do not answer")

    def one_badge_per_goal(self, _: World) -> Iterator[str]:
        yield from ()


def first_broken(host: type[Host], seeds: int = 10) -> str | None:
    broken = (simulate(seed, 100, host()).violation for seed in range(seeds))
    return next((violation.invariant for violation in broken if violation is not None), None)


def test_receiver_that_does_not_expect_repeats_breaks_its_own_promise() -> None:
    assert first_broken(Badges) == "one badge per goal"


def test_receiver_that_expects_repeats_breaks_no_promise() -> None:
    assert first_broken(BadgesOnce) is None


def test_receiver_that_raises_an_unexpected_error_breaks_a_promise() -> None:
    assert first_broken(Raising) == "nothing is raised but refusals and Unavailable"


def test_receiver_whose_store_does_not_answer_is_retried() -> None:
    assert first_broken(FailingTwice) is None


class Listening(Host):
    def __init__(self) -> None:
        self.notifier = MemoryNotifier()

    def adapters(self, clock: Any) -> dict[str, Any]:
        return {**super().adapters(clock), "notifier": self.notifier}


def test_hosts_own_adapter_is_used() -> None:
    host = Listening()
    simulate(0, 100, host)
    assert {"goal.added", "goal.ended"} <= {notification.event for notification in host.notifier.notifications}


class NeverAtRest(Host):
    def __init__(self) -> None:
        self.at_the_end = [self.nothing_ever_happens]

    def nothing_ever_happens(self, world: World) -> Iterator[str]:
        """nothing ever happens"""
        yield f"{len(world.records.goals)} goals were made"


def test_hosts_promise_for_the_end_is_checked_at_the_end() -> None:
    run = simulate(0, 100, NeverAtRest())
    assert run.violation is not None
    assert run.violation.invariant == "nothing ever happens"
    assert run.trace[-1].number == 0
