"""When a show was on sd whose host switches the session by itself, and gives no time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise, permutations

import pytest
from attrs import define, evolve

from show_goal.core.interval import Interval
from show_goal.core.model import Session
from show_goal.core.rules.on_sd import LATE, on_sd
from show_goal.core.rules.states import switched

from .test_on_sd import DELAY, at, goal, session, span

ON, LEFT = session(0), evolve(session(0), preset="preview")
"""The streamer went to sd at 0, as we know. The host has taken the session away from it."""


@pytest.mark.parametrize(
    ("known", "says", "now", "seen"),
    [
        ([span(0)], LEFT, 9, [span(0, 9)]),
        ([span(0)], LEFT, 3_600, [span(0, 60)]),
        ([span(0, 9)], LEFT, 20, [span(0, 9)]),
        ([span(0, 9)], ON, 20, [span(0, 9), span(20)]),
        ([span(0, 9), span(20)], ON, 30, [span(0, 9), span(20)]),
        ([span(0, 9), span(20)], LEFT, 30, [span(0, 9), span(20, 30)]),
        ([span(0, 9), span(20, 30)], ON, 40, [span(0, 9), span(20, 30), span(40)]),
        ([span(0, 9), span(20)], session(0, 30), 31, [span(0, 9), span(20, 30)]),
        ([span(0, 9)], session(15), 20, [span(0, 9), span(15)]),
        ([span(0, 9)], evolve(session(0, 9), preset="sd"), 20, [span(0, 9), span(20)]),
        ([], evolve(session(0, 9), preset="sd"), 20, [span(0, 9), span(20)]),
        ([span(0, 9)], evolve(session(0, 9), preset="sd"), 9, [span(0, 9), span(9)]),
        ([span(0, 9), span(9)], evolve(session(0, 9), preset="sd"), 20, [span(0, 9), span(9)]),
        ([span(0, 9)], evolve(ON, active=False), 20, [span(0, 9)]),
        ([span(0, 9)], evolve(ON, last_seen=at(15)), 76, [span(0, 9)]),
        ([span(0, 9)], ON, 9, [span(0)]),
        ([span(5, 5)], session(5), 20, [span(5)]),
        ([span(0, 0)], session(-5), 20, [span(0, 0), span(20)]),
    ],
    ids=[
        "left",
        "left while no worker looked",
        "is still away",
        "back",
        "is still back",
        "left again",
        "back again",
        "back, and left by a request",
        "back by a request",
        "left by a request, and back",
        "left by a request, which nobody has recorded, and back",
        "left by a request, and back in that moment",
        "is still back since that moment",
        "on sd, and over",
        "on sd, and silent",
        "back in the moment in which it had left",
        "left and back by requests in one moment",
        "left in the moment of the agreement, and back",
    ],
)
def test_session_that_its_host_switches_counts_as_it_is_seen(
    known: list[Interval], says: Session, now: float, seen: list[Interval]
) -> None:
    assert [*on_sd(goal(*known), says, at(now), DELAY)] == seen


@pytest.mark.parametrize(
    ("late", "since"), [(0, 120), (10, 120), (30, 120), (31, 151)], ids=["in time", "soon", "just in time", "too late"]
)
def test_worker_that_looks_a_moment_late_keeps_no_streamer_from_coming_back(late: float, since: float) -> None:
    """The show was left at 100, and a worker is to look at 120, when the time to come back is over."""
    left = evolve(goal(span(0, 100)), postponed=at(120) - DELAY)
    assert [*on_sd(left, ON, at(120 + late), DELAY)] == [span(0, 100), span(since)]
    assert timedelta(seconds=30) == LATE


def test_session_that_left_since_the_last_look_was_due_is_back_when_it_is_seen() -> None:
    assert [*on_sd(goal(span(0, 80)), ON, at(85), DELAY)] == [span(0, 80), span(85)]
    assert [*on_sd(goal(), evolve(session(0, 70), preset="sd"), at(85), DELAY)] == [span(0, 70), span(85)]


def test_clock_that_went_back_ends_no_show_twice() -> None:
    """The streamer went to sd at 36, left at 40, and came back by a clock that said 20."""
    says = session(20)
    first = on_sd(goal(span(36, 40)), says, at(21), DELAY)
    assert [*first] == [span(20, 36), span(36, 40)]
    assert on_sd(goal(*first), says, at(50), DELAY) == first


REPORTS = [ON, LEFT, session(0, 30), evolve(session(0, 30), preset="sd"), session(40), session(40, 44)]


def test_in_whatever_order_reports_come_each_second_counts_once() -> None:
    for reports in permutations(REPORTS):
        known: Sequence[Interval] = []
        for number, report in enumerate((*reports, *reports, session(125)), 1):
            known = on_sd(goal(*known), report, at(10 * number), DELAY)
            assert_each_second_once(known)
        assert known[-1] == span(125)


def assert_each_second_once(known: Sequence[Interval]) -> None:
    for one, after in pairwise(known):
        assert one.until is not None
        assert one.since <= one.until <= after.since


@define
class Platform:
    """The session, what is recorded of its show, and a clock that ticks with each step."""

    session: Session = ON
    known: Sequence[Interval] = (span(0),)
    seconds: int = 0

    def host_switches(self, preset: str) -> Iterator[None]:
        self.session = evolve(self.session, preset=preset)
        yield

    def request_switches(self, preset: str) -> Iterator[None]:
        self.session = switched(self.session, preset, at(self.seconds))
        yield

    def look(self) -> Iterator[None]:
        """A worker reads the goal, then its session, and records what follows unless another one was quicker."""
        was = self.known
        yield
        says = self.session
        yield
        while [*(seen := on_sd(goal(*was), says, at(self.seconds), DELAY))] != [*was]:
            if was == self.known:
                self.known = seen
            was, says = self.known, self.session
        yield

    def run(self, order: Sequence[int], *actors: Iterator[None]) -> None:
        for actor in order:
            self.seconds += 1
            next(actors[actor])


def orders(*steps: int) -> Iterator[Sequence[int]]:
    """Every order in which actors with so many steps can take them."""
    if not any(steps):
        yield []
    for actor, left in enumerate(steps):
        if left:
            for rest in orders(*(count - (number == actor) for number, count in enumerate(steps))):
                yield [actor, *rest]


def leaves_and_returns(platform: Platform, *, told: bool) -> Iterator[None]:
    switch = platform.request_switches if told else platform.host_switches
    yield from switch("preview")
    yield from switch("sd")


@pytest.mark.parametrize("told", [True, False], ids=["by requests", "by its host"])
def test_of_workers_that_look_while_a_session_leaves_and_returns_none_ends_its_show(told: bool) -> None:
    """In every order of their steps."""
    for order in orders(2, 3, 3):
        platform = Platform()
        platform.run(order, leaves_and_returns(platform, told=told), platform.look(), platform.look())
        platform.run([0, 0, 0], platform.look())
        assert_each_second_once(platform.known)
        assert platform.known[-1].until is None, order
        if told:
            left, back = (number for number, actor in enumerate(order, 1) if actor == 0)
            assert [*platform.known] in ([span(0, until), span(back)] for until in (left, back)), order
