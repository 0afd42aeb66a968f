"""How a viewer's pass adds up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.core.model import ViewerPass
from show_goal.core.rules.passes import Bought, begins_of, bought_of, pass_of, shortened, taken_back, with_bought
from tests.builders import GOAL, GOAL_2, NOW, VIEWER

GOAL_3 = "60a100000000000000000003"


def given(goal_id: str | None, seconds: float, duration: int, *, back: bool = False) -> Bought:
    return Bought(goal_id=goal_id, nbf=NOW + timedelta(seconds=seconds), duration=duration, refunded=back)


def a_pass(seconds: float, duration: int) -> ViewerPass:
    return ViewerPass(nbf=NOW + timedelta(seconds=seconds), duration=duration)


@pytest.mark.parametrize(
    ("bought", "adds_up_to"),
    [
        ([], None),
        ([given(GOAL, 0, 90)], a_pass(0, 90)),
        ([given(GOAL, 0, 3_600), given(GOAL_2, 1, 60)], a_pass(0, 3_660)),
        ([given(GOAL_2, 1, 60), given(GOAL, 0, 3_600)], a_pass(0, 3_660)),
        ([given(GOAL, 0, 60), given(GOAL_2, 60, 60)], a_pass(0, 120)),
        ([given(GOAL, 0, 60), given(GOAL_2, 61, 30)], a_pass(61, 30)),
        ([given(GOAL, 0, 60, back=True)], None),
        ([given(GOAL, 0, 60, back=True), given(GOAL_2, 5, 30)], a_pass(5, 30)),
        ([given(None, 0, 60)], a_pass(0, 60)),
        ([given(None, 0, 60), given(GOAL, 0, 60)], a_pass(0, 60)),
        ([given(None, 0, 3_600), given(GOAL, 9, 60)], a_pass(0, 3_600)),
        ([given(None, 0, 60), given(GOAL, 9, 60), given(GOAL_2, 9, 60)], a_pass(9, 120)),
    ],
)
def test_a_pass_is_the_time_of_all_goals_F1_D37(bought: list[Bought], adds_up_to: ViewerPass | None) -> None:
    assert pass_of(bought) == adds_up_to


def test_a_goal_counts_once_and_begins_anew_only_later_D38() -> None:
    first = with_bought((), given(GOAL, 5, 60), NOW)
    assert with_bought(first, given(GOAL, 5, 60), NOW) is first
    assert with_bought(first, given(GOAL, 4, 60), NOW) is first
    assert with_bought(first, given(GOAL, 6, 60), NOW) == [given(GOAL, 6, 60)]
    assert with_bought(first, given(GOAL_2, 4, 60), NOW) == [*first, given(GOAL_2, 4, 60)]


def test_time_that_was_bought_first_stays_first_when_both_begin_anew_with_the_show_D37_D38() -> None:
    bought = with_bought([given(GOAL, 0, 60)], given(GOAL_2, 5, 30), NOW)
    for anew in (given(GOAL_2, 9, 30), given(GOAL, 9, 60)):
        bought = with_bought(bought, anew, NOW)
    assert begins_of(bought, GOAL) == NOW + timedelta(seconds=9)
    assert begins_of(bought, GOAL_2) == NOW + timedelta(seconds=69)


def test_what_was_refunded_stays_so_D39() -> None:
    (again,) = bought_of(GOAL, {VIEWER: a_pass(9, 60)}).values()
    gone = taken_back([given(GOAL, 5, 60)], GOAL, NOW)
    assert pass_of(gone) is None
    assert with_bought(gone, again, NOW) is gone
    assert taken_back(gone, GOAL, NOW) is gone


@pytest.mark.parametrize(
    ("now", "second", "third", "adds_up_to"),
    [
        (29, 5, 35, a_pass(5, 60)),
        (30, 30, 60, a_pass(30, 60)),
        (75, 30, 60, a_pass(30, 60)),
    ],
    ids=["none has begun", "one has begun", "both have begun"],
)
def test_time_that_has_begun_stays_where_it_is_when_time_before_it_is_taken_back_D37_D39(
    now: float, second: float, third: float, adds_up_to: ViewerPass
) -> None:
    """The viewer may have paid for it, and pays for no second twice."""
    bought = [given(GOAL_3, 6, 30), given(GOAL_2, 5, 30), given(GOAL, 0, 30)]
    left = taken_back(bought, GOAL, NOW + timedelta(seconds=now))
    assert begins_of(left, GOAL_2) == NOW + timedelta(seconds=second)
    assert begins_of(left, GOAL_3) == NOW + timedelta(seconds=third)
    assert pass_of(left) == adds_up_to


def test_pass_of_an_older_version_stays_when_time_is_taken_back() -> None:
    assert pass_of(taken_back([given(None, 0, 60), given(GOAL, 0, 90)], GOAL, NOW)) == a_pass(0, 60)


@pytest.mark.parametrize(
    ("bought", "begins"),
    [
        ([], None),
        ([given(GOAL_2, 0, 60)], None),
        ([given(GOAL, 5, 60)], 5),
        ([given(GOAL, 5, 60, back=True)], None),
        ([given(GOAL_2, 0, 60), given(GOAL, 30, 60)], 60),
        ([given(GOAL_2, 0, 60), given(GOAL, 90, 60)], 90),
        ([given(GOAL_2, 0, 60, back=True), given(GOAL, 30, 60)], 30),
        ([given(None, 0, 600), given(GOAL, 30, 60)], 30),
    ],
)
def test_time_of_a_goal_begins_after_the_time_that_runs_already_D37(bought: list[Bought], begins: float | None) -> None:
    expected = None if begins is None else NOW + timedelta(seconds=begins)
    assert begins_of(bought, GOAL) == expected


@pytest.mark.parametrize(
    ("bought", "ends", "left"),
    [
        ([given(GOAL, 0, 90)], 29.001, [given(GOAL, 0, 30)]),
        ([given(GOAL, 0, 90)], 90, [given(GOAL, 0, 90)]),
        ([given(GOAL, 5, 90)], 0, [given(GOAL, 5, 0)]),
        ([given(GOAL_2, 0, 60), given(GOAL, 30, 60)], 70, [given(GOAL_2, 0, 60), given(GOAL, 30, 10)]),
        ([given(GOAL_2, 0, 60)], 5, [given(GOAL_2, 0, 60)]),
        ([given(GOAL, 0, 90, back=True)], 5, [given(GOAL, 0, 90, back=True)]),
    ],
)
def test_time_of_a_goal_ends_with_its_show_D39(bought: list[Bought], ends: float, left: list[Bought]) -> None:
    assert shortened(bought, GOAL, NOW + timedelta(seconds=ends), NOW) == left


@pytest.mark.parametrize(("now", "begins"), [(59, 10), (60, 60)])
def test_time_that_has_begun_stays_where_it_is_when_time_before_it_is_shortened_D37_D39(
    now: float, begins: float
) -> None:
    left = shortened(
        [given(GOAL, 0, 60), given(GOAL_2, 5, 30)], GOAL, *(NOW + timedelta(seconds=at) for at in (10, now))
    )
    assert begins_of(left, GOAL_2) == NOW + timedelta(seconds=begins)
