"""What a settlement rule says of one deposit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from show_goal.core.decision import Rule
from show_goal.core.interval import Interval
from show_goal.core.rules.settlement import (
    Deposit,
    Facts,
    ForTimeShown,
    SettlementRule,
    for_time_shown,
    whole_once_begun,
)
from show_goal.core.validation import InvalidValue
from tests.builders import NOW, VIEWER

RULE = ForTimeShown(grace=timedelta(seconds=20))


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def on_sd(*spans: tuple[float, float | None]) -> Sequence[Interval]:
    return [Interval(since=at(since), until=None if until is None else at(until)) for since, until in spans]


def facts(now: float, *spans: tuple[float, float | None], over: float | None = None) -> Facts:
    """The streamer has agreed at 0. The show had to begin within 60 s."""
    return Facts(
        agreed=NOW,
        due=at(60),
        began=at(spans[0][0]) if spans else None,
        on_sd=on_sd(*spans),
        session_over=None if over is None else at(over),
        now=at(now),
    )


def deposit(duration: int, amount: int | None = None, begins: float = 0) -> Deposit:
    """One coin a second, unless an amount is said."""
    return Deposit(
        viewer_id=VIEWER, amount=duration if amount is None else amount, duration=duration, begins=at(begins)
    )


@pytest.mark.parametrize("rule", [whole_once_begun, for_time_shown])
def test_show_that_has_not_begun_costs_nothing_D40(rule: SettlementRule) -> None:
    said = rule(facts(60), deposit(90))
    assert (said.due, said.released, said.rule) == (at(60), 0, Rule.NO_SHOW)


def test_whole_deposit_is_released_once_the_show_has_begun_D40() -> None:
    said = whole_once_begun(facts(60, (59, 60)), deposit(90))
    assert (said.due, said.released, said.rule) == (at(60), 90, Rule.SHOW_BEGAN)


@pytest.mark.parametrize(
    ("spans", "over", "pays"),
    [
        ([(0, None)], None, 300),
        ([(0, 100)], None, 100),
        ([(0, 100), (120, None)], None, 280),
        ([(0, 100), (121, None)], None, 100),
        ([(0, 100), (110, 200), (210, 250)], None, 230),
        ([(0, 150)], 150, 150),
        ([(0, 100)], 110, 100),
        ([(50, None)], None, 250),
    ],
    ids=[
        "in full",
        "left for good",
        "left and back in time",
        "back too late",
        "left for good at last",
        "died",
        "died after it left",
        "begun late, before the time that was bought",
    ],
)
def test_viewer_pays_for_the_seconds_shown(
    spans: list[tuple[float, float | None]], over: float | None, pays: int
) -> None:
    said = RULE(facts(1_000, *spans, over=over), deposit(300))
    assert (said.released, said.shown) == (pays, timedelta(seconds=pays))
    assert said.rule is Rule.FOR_TIME_SHOWN


@pytest.mark.parametrize(
    ("now", "spans", "over", "due"),
    [
        (70, [(0, None)], None, 300),
        (70, [(0, 65)], None, 85),
        (90, [(0, 65)], None, 85),
        (70, [(0, 30)], None, 60),
        (290, [(0, 285)], None, 300),
        (130, [(0, 120)], 120, 120),
        (100, [(0, 65), (80, None)], None, 300),
    ],
    ids=["goes on", "left", "left for good", "left before it may be due", "left at last", "died", "came back"],
)
def test_deposit_is_due_when_the_show_is_over_for_the_viewer(
    now: float, spans: list[tuple[float, float | None]], over: float | None, due: float
) -> None:
    assert RULE(facts(now, *spans, over=over), deposit(300)).due == at(due)


def test_grace_may_be_longer_than_any_show() -> None:
    said = ForTimeShown(grace=timedelta.max)(facts(290, (0, 70)), deposit(300))
    assert (said.due, said.released, said.ends) == (at(300), 70, at(300))


def test_time_bought_in_the_show_costs_when_its_turn_has_come_D37() -> None:
    assert RULE(facts(500, (0, 80)), deposit(60, begins=60)).released == 20
    nothing = RULE(facts(500, (0, 50)), deposit(60, begins=60))
    assert (nothing.released, nothing.rule) == (0, Rule.NO_SHOW)


@pytest.mark.parametrize(
    ("amount", "seconds", "minimum", "pays"),
    [(100, 1, 0, 34), (100, 2, 0, 67), (100, 3, 0, 100), (100, 1, 50, 50), (10, 1, 50, 10), (0, 1, 5, 0)],
)
def test_price_is_rounded_up_and_at_least_the_minimum(amount: int, seconds: float, minimum: int, pays: int) -> None:
    rule = ForTimeShown(minimum=minimum)
    assert rule(facts(500, (0, seconds)), deposit(3, amount)).released == pays


def test_cost_grows_while_the_show_goes_on() -> None:
    said = [RULE(facts(now, (0, None)), deposit(300)) for now in (0, 100, 300, 400)]
    assert [one.released for one in said] == [0, 100, 300, 300]
    assert {one.ends for one in said} == {at(300)}


def test_rule_is_checked_when_it_is_made() -> None:
    wrongs: list[dict[str, Any]] = [{"minimum": -1}, {"grace": timedelta(seconds=-1)}, {"minimum": "5"}]
    for wrong in wrongs:
        with pytest.raises(InvalidValue, match="ForTimeShown"):
            ForTimeShown(**wrong)


SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 90)), min_size=1, max_size=6)


def as_spans(steps: list[tuple[int, int]]) -> list[tuple[float, float | None]]:
    spans: list[tuple[float, float | None]] = []
    time = 0
    for pause, length in steps:
        spans.append((time + pause, time + pause + length))
        time += pause + length
    return spans


@given(steps=SPANS, amount=st.integers(0, 10**18), duration=st.integers(1, 600), begins=st.integers(0, 200))
def test_nobody_pays_more_than_the_deposit_or_less_than_the_time_is_worth(
    steps: list[tuple[int, int]], amount: int, duration: int, begins: int
) -> None:
    said = RULE(facts(10_000, *as_spans(steps)), deposit(duration, amount, begins))
    seconds = int(said.shown.total_seconds())
    assert 0 <= said.released <= amount
    assert said.released * duration >= amount * seconds or said.released == amount
    assert (said.released - 1) * duration < amount * seconds or said.released == 0


@given(steps=SPANS, now=st.integers(0, 700), later=st.integers(0, 700), open_end=st.booleans())
def test_what_was_due_does_not_change_any_more(
    steps: list[tuple[int, int]], now: int, later: int, open_end: bool
) -> None:
    """Whatever the session does after ``now``."""
    spans = as_spans(steps)
    known = [(since, until) for since, until in spans if since <= now]
    if known and (known[-1][1] or 0) > now:
        known[-1] = (known[-1][0], None)
    before = RULE(facts(now, *known), deposit(120)) if known else None
    if before is None or before.due > at(now):
        return
    after = RULE(facts(now + later, *spans), deposit(120))
    assert (after.released, after.rule) == (before.released, before.rule)


@pytest.mark.parametrize(("now", "ends"), [(84, 300), (85, 65), (86, 65)])
def test_show_that_is_due_because_it_was_left_has_ended_when_it_was_left(now: float, ends: float) -> None:
    said = RULE(facts(now, (0, 65)), deposit(300))
    assert (said.due <= at(now), said.ends) == (now >= 85, at(ends))


def test_show_ends_for_nobody_before_what_they_pay_for_although_a_clock_went_back() -> None:
    said = RULE(facts(500, (0, 7), (7, 5)), deposit(30))
    assert (said.released, said.ends) == (7, at(7))


def test_facts_say_when_the_session_ended_before_its_last_interval_has() -> None:
    said = RULE(evolve(facts(100, (0, None)), session_over=at(80)), deposit(300))
    assert said.ends == at(80)
