"""Progress of a goal is announced at most once a second: the latest value, and the last one always."""

from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.core.events import GoalProgressed
from show_goal.core.messages import AnnounceProgress
from show_goal.ports.errors import NotifierUnavailable
from tests.builders import GOAL, STREAMER, a_goal
from tests.world import World, meanwhile

TICK = timedelta(milliseconds=10)


@pytest.fixture
def with_goal(world: World) -> World:
    world.goals.insert(a_goal())
    return world


def announced(world: World) -> list[object]:
    """The progress that the channels heard, the first one first."""
    return [one.payload["progress"] for one in world.notified("goal.progress.updated")]


def pay(world: World, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        world.progress(GOAL, f"payment {number}")
        world.run_due()
        world.clock.advance(TICK)


def test_a_second_of_many_payments_is_announced_twice_and_the_last_value_is_the_latest(with_goal: World) -> None:
    pay(with_goal, 50)
    assert announced(with_goal) == [1]
    with_goal.wait(2)
    assert announced(with_goal) == [1, 50]
    with_goal.wait(60)
    assert announced(with_goal) == [1, 50]


def test_seconds_of_many_payments_are_announced_once_each(with_goal: World) -> None:
    pay(with_goal, 1_000)  # 10 s of them
    with_goal.wait(2)
    assert announced(with_goal) == [1, *range(101, 1_000, 100), 1_000]


def test_a_lone_payment_is_announced_at_once_and_needs_no_message(with_goal: World) -> None:
    for number in range(3):
        pay(with_goal, 1, first=number)
        assert with_goal.messages() == []
        with_goal.wait(1)
    assert announced(with_goal) == [1, 2, 3]


def test_the_receiver_says_what_it_did(with_goal: World) -> None:
    outcomes = []
    for number in range(3):
        pay(with_goal, 1, first=number)
        outcomes.append(with_goal.outcome("increment_goal_progress", "notify_goal_progress_updated"))
    assert outcomes == ["ran", "ran", "skipped"]
    assert with_goal.messages() == [AnnounceProgress(goal_id=GOAL, insert_id="payment 1")]


def test_progress_that_could_not_be_announced_is_announced_when_the_payment_comes_again(with_goal: World) -> None:
    def fail() -> None:
        raise NotifierUnavailable("away")

    meanwhile(with_goal.notifier, "notify", fail)
    with pytest.raises(ExceptionGroup):
        with_goal.progress(GOAL, "payment")
    assert announced(with_goal) == []
    with_goal.progress(GOAL, "payment")
    assert announced(with_goal) == [1]


def test_cached_channel_data_is_invalidated_with_each_announcement(with_goal: World) -> None:
    cached, data = f"private-user@{STREAMER}", with_goal.channel_cache.data
    data[cached] = "what the channel heard last"
    pay(with_goal, 1)
    assert cached not in data, "announced at once"
    data[cached] = "what the channel heard last"
    pay(with_goal, 5, first=1)
    assert cached in data, "not announced yet"
    with_goal.wait(1)
    assert cached not in data, "announced late"


def test_a_late_announcement_that_breaks_off_is_repeated(with_goal: World) -> None:
    def fail() -> None:
        raise NotifierUnavailable("away")

    pay(with_goal, 3)
    meanwhile(with_goal.notifier, "notify", fail)
    with_goal.wait(1, quiet=True)
    assert announced(with_goal) == [1]
    with_goal.wait(1)
    assert announced(with_goal) == [1, 3]


def test_a_late_announcement_that_comes_early_waits(with_goal: World) -> None:
    pay(with_goal, 3)
    with_goal.container.announce_progress()(AnnounceProgress(goal_id=GOAL, insert_id="payment 1"))
    assert announced(with_goal) == [1]
    assert len(with_goal.messages()) == 2
    with_goal.wait(1)
    assert announced(with_goal) == [1, 3, 3], "both messages announce, as a repeat does"


def test_a_late_announcement_has_nothing_to_do_after_a_later_payment(with_goal: World) -> None:
    pay(with_goal, 3)
    with_goal.clock.advance(timedelta(seconds=1))
    with_goal.progress(GOAL, "later")
    with_goal.run_due()
    assert announced(with_goal) == [1, 4]


def test_a_late_announcement_of_a_goal_that_is_gone_or_nobodys_is_dropped(world: World) -> None:
    world.goals.insert(a_goal(metadata={}))
    for number in range(2):
        world.goals.increment_progress(
            GOAL, amount=1, cost=1, breakdown_id="a", insert_id=f"{number}", now=world.clock.now()
        )
    world.clock.advance(timedelta(seconds=1))
    for goal_id in (GOAL, "unknown"):
        world.container.announce_progress()(AnnounceProgress(goal_id=goal_id, insert_id="1"))
    assert (announced(world), world.messages()) == ([], [])


def test_the_payload_of_progress_has_exactly_the_seeds_keys() -> None:
    event = GoalProgressed.of(a_goal(), insert_id="a", announce_in=None)
    assert "announce_in" not in event.payload()
    assert GoalProgressed.from_payload(event.payload()).announce_in == timedelta(0)
