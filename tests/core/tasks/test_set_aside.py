"""What a sweep cannot do is set aside: it is tried again after a pause that grows, and repeats nothing else (D43)."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from pytest_mock import MockerFixture

from show_goal.core.last_sweep import SetAside
from show_goal.core.model import Claim
from show_goal.core.money import HoldState
from show_goal.core.tasks.aside import MOST, Aside, pause
from show_goal.ports.errors import NotifierUnavailable, StoreUnavailable, WalletUnavailable
from show_goal.ports.page import Page
from tests.builders import EXP, GOAL, NOW, VIEWER, VIEWER_2, a_goal, a_hold, a_session
from tests.world import World

from .crowds import before, reported, states
from .overdue import add_goals

INTERVAL = timedelta(seconds=15)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DUE = EXP + MINUTE + INTERVAL
FROZEN = ValueError("this account is frozen")


def fails(error: Exception, *ids: str) -> object:
    """Let a port's call fail for these ids."""

    def fail(first: str, *_: object) -> None:
        if first in ids:
            raise error

    return fail


def sweep_for(world: World, time: timedelta) -> int:
    """Sweep every 15 s. Returns how many sweeps failed."""
    until, failed = world.clock.now() + time, 0
    while world.clock.now() < until:
        try:
            world.sweep()
        except ExceptionGroup:
            failed += 1
        world.clock.advance(INTERVAL)
    return failed


def aside(world: World) -> dict[str, SetAside]:
    last = world.sweeps.last()
    assert last is not None
    return {one.item: one for one in last.aside}


@pytest.fixture
def two() -> World:
    """GOAL is overdue, and so is its settlement. VIEWER and VIEWER_2 have paid."""
    world = World.make()
    world.goals.insert(a_goal())
    for viewer_id in (VIEWER, VIEWER_2):
        world.wallet.hold(a_hold(viewer_id=viewer_id))
    world.clock.move_to(DUE)
    return world


def test_one_hold_that_cannot_be_moved_repeats_nothing_and_is_tried_less_and_less_often(two: World) -> None:
    heard = reported(two)
    refund = two.wallet.refund
    before(two.wallet, "refund", fails(FROZEN, a_hold().transaction_id))  # type: ignore[arg-type]
    calls = Counter[str]()
    before(two.wallet, "refund", lambda hold: calls.update([hold]))
    failed = sweep_for(two, HOUR)
    assert failed == calls[a_hold().transaction_id] == 6, "at once, and after 1, 2, 4, 8 and 16 minutes"
    assert states(two) == {HoldState.REFUNDED: 1, HoldState.HELD: 1}
    assert heard == {a_hold(viewer_id=VIEWER_2).transaction_id: 1}
    assert len(two.notified("goal.ended")) == 1
    (one,) = aside(two).values()
    assert (one.item, one.attempts) == (f"escrow {GOAL}", 6)
    assert one.why == "ValueError: this account is frozen"

    two.wallet.refund = refund  # type: ignore[method-assign]
    sweep_for(two, HOUR)
    assert heard == {a_hold(viewer_id=viewer).transaction_id: 1 for viewer in (VIEWER, VIEWER_2)}
    assert len(two.notified("goal.ended")) == 1
    assert two.goal(GOAL).settled
    assert aside(two) == {}


def test_what_was_set_aside_is_reported_although_the_time_is_over_once_it_has_moved(two: World) -> None:
    heard, frozen = reported(two), [True]

    def move(hold: str) -> None:
        if hold == a_hold().transaction_id and frozen:
            raise FROZEN
        two.clock.advance(timedelta(0) if frozen else two.container.settings().sweep_time)

    before(two.wallet, "refund", move)
    with pytest.raises(ExceptionGroup):
        two.sweep()
    frozen.clear()
    two.clock.advance(MINUTE)
    assert two.sweep().more
    two.run_due()
    sweep_for(two, HOUR)
    assert states(two) == {HoldState.REFUNDED: 2}
    assert heard == {a_hold(viewer_id=viewer).transaction_id: 1 for viewer in (VIEWER, VIEWER_2)}


def test_a_channel_service_that_is_away_fills_no_queue_and_all_is_told_when_it_is_back_D26(
    world: World, mocker: MockerFixture
) -> None:
    """After so long an outage, the tasks that were asked have given up."""
    away = mocker.patch.object(world.notifier, "notify", autospec=True, side_effect=NotifierUnavailable("away"))
    goals = add_goals(world, 20)
    world.clock.move_to(DUE)
    with pytest.raises(ExceptionGroup):
        world.sweep()
    asked = len(world.messages())
    sweep_for(world, HOUR)
    assert len(world.messages()) == asked == len(goals) + 1
    assert {one.why for one in aside(world).values()} == {"NotifierUnavailable: the channel service is away"}
    mocker.stop(away)
    world.task_queue.purge()
    sweep_for(world, MINUTE)
    told = [one.payload["goal_id"] for one in world.notified("goal.settled") if "amount" in one.payload]
    assert Counter(told) == Counter(goals)
    assert all(world.goal(goal_id).settled for goal_id in goals)
    assert aside(world) == {}


def test_money_waits_for_no_receiver_that_fails_and_the_end_is_told_again_later(two: World) -> None:
    heard, told = reported(two), list[datetime]()
    broken = [True]

    def hear(*_: object, **__: object) -> None:
        told.append(two.clock.now())
        if broken:
            raise ValueError("a bug of the host's")

    two.container.namespace().signal("features.leaderboards").connect(hear, sender="goal.ended")
    sweep_for(two, HOUR)
    assert states(two) == {HoldState.REFUNDED: 2}
    assert (set(heard.values()), len(told)) == ({1}, 6)
    assert [one.attempts for one in aside(two).values()] == [6]
    assert len(two.messages()) == 1, "the task of the first time"
    two.wallet.hold(a_hold(viewer_id="a third one", amount=0))
    two.run_due(quiet=True)
    assert states(two) == {HoldState.REFUNDED: 2, HoldState.HELD: 1}
    sweep_for(two, INTERVAL * 2)
    assert states(two) == {HoldState.REFUNDED: 3}, "money that came since then does not wait for the telling"
    broken.clear()
    sweep_for(two, HOUR)
    assert two.goal(GOAL).settled
    assert aside(two) == {}


def test_a_goal_that_cannot_be_ended_is_named_and_holds_up_no_other(two: World) -> None:
    other = a_goal(id="60a300000000000000000001", conditions={"session_id": "5e5600000000000000000001"})
    two.goals.insert(other)
    end = two.goals.end
    before(two.goals, "end", fails(FROZEN, GOAL))  # type: ignore[arg-type]
    assert sweep_for(two, MINUTE) == 1
    assert two.goal(other.id).settled
    assert aside(two).keys() == {f"ended {GOAL}"}
    two.goals.end = end  # type: ignore[method-assign]
    sweep_for(two, MINUTE)
    assert two.goal(GOAL).settled
    assert aside(two) == {}


def test_a_goal_that_cannot_be_read_is_named_less_and_less_often(two: World) -> None:
    overdue = two.goals.overdue

    def with_an_odd_one(*args: object) -> Page[object]:
        page = overdue(*args)  # type: ignore[arg-type]
        return Page(page.items, page.next, {"60a9": KeyError("_cls")})

    two.goals.overdue = with_an_odd_one  # type: ignore[assignment, method-assign]
    assert sweep_for(two, HOUR) == 6
    assert two.goal(GOAL).settled
    assert aside(two).keys() == {"ended 60a9"}


def test_a_claim_and_a_hold_without_a_goal_are_set_aside_too(world: World) -> None:
    claimed = "60a500000000000000000001"
    world.sessions.add(a_session(claim=Claim(goal_id=claimed, exp=DUE + HOUR)))
    for goal_id in (claimed, GOAL):
        world.wallet.hold(a_hold(goal_id, exp=EXP if goal_id == GOAL else None))
    world.clock.move_to(DUE)
    before(world.wallet, "refund", fails(FROZEN, a_hold().transaction_id))  # type: ignore[arg-type]
    before(world.wallet, "holds_of", fails(FROZEN, f"trigger_private:{claimed}"))  # type: ignore[arg-type]
    assert sweep_for(world, MINUTE) == 1
    assert aside(world).keys() == {f"resumed {a_session().id}", f"refunded {a_hold().transaction_id}"}


def test_while_the_wallet_is_away_nothing_waits_longer_than_a_minute(two: World) -> None:
    refund = two.wallet.refund
    ids = [a_hold(viewer_id=viewer).transaction_id for viewer in (VIEWER, VIEWER_2)]
    before(two.wallet, "refund", fails(WalletUnavailable("no answer"), *ids))  # type: ignore[arg-type]
    two.goals.end(GOAL, EXP)
    sweep_for(two, HOUR)
    assert two.notified("goal.ended") == [], "nothing moved, so there is nothing to tell"
    two.wallet.refund = refund  # type: ignore[method-assign]
    sweep_for(two, MINUTE + INTERVAL)
    assert two.goal(GOAL).settled
    assert len(two.notified("goal.ended")) == 1


def test_what_is_gone_is_forgotten(two: World) -> None:
    """An operator has moved the money by hand."""
    refund = two.wallet.refund
    before(two.wallet, "refund", fails(FROZEN, a_hold().transaction_id))  # type: ignore[arg-type]
    with suppress(ExceptionGroup):
        two.sweep()
    refund(a_hold().transaction_id)
    two.goals.mark_settled(GOAL)
    sweep_for(two, MINUTE * 2)
    assert aside(two) == {}


@pytest.mark.parametrize(
    ("attempts", "error", "minutes"),
    [(1, FROZEN, 1), (2, FROZEN, 2), (7, FROZEN, 60), (1_000, FROZEN, 60), (1_000, StoreUnavailable("away"), 1)],
)
def test_the_pause_doubles_up_to_an_hour(attempts: int, error: Exception, minutes: int) -> None:
    assert pause(attempts, error) == MINUTE * minutes


def test_several_sweeps_forget_nothing_of_each_other_and_there_is_a_bound() -> None:
    theirs = SetAside(item="theirs", attempts=2, next_try=NOW + HOUR, why="broken")
    mine = Aside(NOW, {})
    mine.add("mine", FROZEN)
    assert {one.item for one in mine.after([theirs], more=False)} == {"mine", "theirs"}
    for number in range(MOST):
        mine.add(f"item {number}", FROZEN)
    kept = mine.after([theirs], more=False)
    assert (len(kept), kept[0]) == (MOST, theirs), "those tried most often"


def test_a_sweep_that_did_not_come_to_everything_forgets_nothing() -> None:
    due = SetAside(item="due", attempts=2, next_try=NOW, why="broken")
    assert list(Aside(NOW, {"due": due}).after([due], more=True)) == [due]
    assert list(Aside(NOW, {"due": due}).after([due], more=False)) == []
