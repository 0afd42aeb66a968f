"""When a show was on sd, by what its goal has recorded and what its session says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from attrs import evolve

from show_goal.core.interval import Interval, with_interval
from show_goal.core.model import Goal, Session
from show_goal.core.rules.on_sd import MOST, on_sd, session_over
from tests.builders import NOW, a_goal, a_session

DELAY = timedelta(seconds=60)
"""After that a worker looks at the show for the first time."""


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def span(since: float, until: float | None = None) -> Interval:
    return Interval(since=at(since), until=None if until is None else at(until))


def goal(*known: Interval, seen: float | None = None) -> Goal:
    """The streamer has agreed at 0."""
    last = None if seen is None else at(seen)
    return a_goal(active=False, exp=NOW, metadata={"agreed": NOW}, on_sd=known, seen=last)


def session(since: float | None = None, until: float | None = None, **changes: Any) -> Session:
    """On sd since, until. It is active."""
    preset = "sd" if until is None else "preview"
    since_at, until_at = (None if time is None else at(time) for time in (since, until))
    return evolve(a_session(preset=preset), sd_since=since_at, sd_until=until_at, **changes)


@pytest.mark.parametrize(
    ("known", "says", "now", "seen"),
    [
        ([], session(5), 9, [span(5)]),
        ([span(5)], session(5), 9, [span(5)]),
        ([span(5)], session(5, 8), 9, [span(5, 8)]),
        ([span(5, 8)], session(20), 21, [span(5, 8), span(20)]),
        ([], session(-10), 9, [span(0)]),
        ([], session(-10, -5), 9, []),
        ([], session(-10, 4), 9, [span(0, 4)]),
        ([span(5)], session(5, active=False), 9, [span(5, 9)]),
        ([span(5)], session(5, active=False, last_seen=at(7)), 99, [span(5, 7)]),
        ([span(5)], session(5, last_seen=at(30)), 90, [span(5)]),
        ([span(5)], session(5, last_seen=at(30)), 91, [span(5, 30)]),
        ([span(5)], session(5, last_seen=at(2)), 91, [span(5, 5)]),
        ([span(5)], None, 9, [span(5, 9)]),
        ([span(0)], session(-5, 0, active=False, last_seen=at(9)), 99, [span(0, 0)]),
    ],
    ids=[
        "begins",
        "goes on",
        "left",
        "comes back",
        "was on sd at the agreement",
        "was over before the agreement",
        "left soon after the agreement",
        "over",
        "over, and the host says since when",
        "silent for a minute",
        "silent for longer",
        "last seen before it began",
        "gone",
        "left as the agreement was carried out, and over",
    ],
)
def test_time_on_sd_follows_from_the_session(
    known: list[Interval], says: Session | None, now: float, seen: list[Interval]
) -> None:
    assert [*on_sd(goal(*known), says, at(now), DELAY)] == seen


@pytest.mark.parametrize(
    ("known", "until", "preset", "now", "seen"),
    [
        ([], None, "sd", 9, [span(0)]),
        ([span(0)], None, "sd", 9, [span(0)]),
        ([span(0)], None, "preview", 9, [span(0, 9)]),
        ([span(0, 9)], None, "sd", 20, [span(0, 9), span(20)]),
        ([], 5, "sd", 20, [span(20)]),
    ],
    ids=["on", "still on", "left", "back", "back after a switch that was told"],
)
def test_host_that_switches_and_gives_no_time_counts_as_seen(
    known: list[Interval], until: float | None, preset: str, now: float, seen: list[Interval]
) -> None:
    says = evolve(a_session(preset=preset), sd_until=None if until is None else at(until))
    assert [*on_sd(goal(*known), says, at(now), DELAY)] == seen


@pytest.mark.parametrize("until", [-1, 0, 3])
@pytest.mark.parametrize("known", [[], [span(5)]], ids=["not seen", "seen"])
def test_session_that_left_by_a_clock_that_went_back_has_left(known: list[Interval], until: float) -> None:
    """So has one that a request has left which stalled before the session was back. No time ends before it begins."""
    assert [*on_sd(goal(*known), session(5, until), at(20), DELAY)] == [span(5, 5)]


def test_goal_that_was_not_agreed_to_has_no_show() -> None:
    assert [*on_sd(a_goal(), session(5), at(9), DELAY)] == []


def test_session_without_signs_of_life_ended_when_it_was_last_seen() -> None:
    over = session(5, active=False)
    assert session_over(goal(seen=70), over, at(130), DELAY) == at(70)
    assert session_over(goal(), over, at(60), DELAY) == at(60)
    assert session_over(goal(seen=70), None, at(130), DELAY) == at(70)
    assert session_over(goal(seen=70), session(5), at(130), DELAY) is None


def test_session_without_signs_of_life_ended_at_the_latest_when_a_worker_should_have_looked() -> None:
    assert session_over(goal(), session(5, active=False), at(3_600), DELAY) == at(60)
    assert session_over(goal(), None, at(3_600), DELAY) == at(60)


def test_session_without_signs_of_life_was_alive_when_it_was_switched() -> None:
    assert session_over(goal(), session(100, active=False), at(3_600), DELAY) == at(100)
    assert session_over(goal(), session(100, 120, active=False), at(3_600), DELAY) == at(120)
    assert session_over(goal(seen=70), session(100, active=False), at(130), DELAY) == at(100)


def test_sign_of_life_that_is_ahead_of_our_clock_counts_as_now() -> None:
    assert session_over(goal(), session(5, active=False, last_seen=at(99)), at(60), DELAY) == at(60)


REPORTS = [span(5), span(5, 8), span(20), span(20, 30), span(40)]


def test_late_repeated_and_reordered_switches_do_no_harm() -> None:
    for reports in permutations(REPORTS):
        known: Sequence[Interval] = ()
        for report in (*reports, *reports):
            known = with_interval(known, report)
        assert [*known] == [span(5, 8), span(20, 30), span(40)]


def test_interval_without_an_end_ends_where_the_next_begins() -> None:
    assert [*with_interval([span(20)], span(5))] == [span(5, 20), span(20)]


def test_part_of_an_interval_counts_within_a_window() -> None:
    assert [span(5, 8).within(at(begin), at(end)).total_seconds() for begin, end in ((0, 9), (6, 7), (8, 9))] == [
        3,
        1,
        0,
    ]
    assert span(5).within(at(0), at(9)) == timedelta(seconds=4)


def test_record_of_a_show_does_not_grow_without_bound() -> None:
    known: Sequence[Interval] = ()
    for second in range(0, 3 * MOST, 2):
        for says in (session(second), session(second, second + 1)):
            known = on_sd(goal(*known), says, at(second + 1), DELAY)
    assert len(known) == MOST
    assert known[-1] == span(2 * MOST - 2, 2 * MOST - 1)
