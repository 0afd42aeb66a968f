"""What a sweep tells of a goal that it ended or settled, and when (D26, D27)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_mock import MockerFixture

from show_goal.core.messages import SettleEscrow
from show_goal.core.model import Session
from show_goal.core.tasks.sweep import Swept
from show_goal.ports.errors import NotificationRefused, NotifierUnavailable, StoreUnavailable, WalletUnavailable
from tests.builders import (
    EXP,
    GOAL,
    GOAL_2,
    NOW,
    SESSION,
    VIEWER,
    a_goal,
    a_hold,
)
from tests.world import World, meanwhile

from .overdue import LATER, failing_sweep

INTERVAL = timedelta(seconds=15)


def states(world: World) -> list[str]:
    return [hold.state for hold in world.wallet.holds()]


def heard(world: World) -> list[str]:
    return [notification.event for notification in world.notifier.notifications]


def test_sweep_sends_goal_ended_if_a_worker_died_before_its_receivers_D26(world: World) -> None:
    goal_id = world.invite(VIEWER).goal_id
    world.run_due()
    world.task_queue.purge()
    world.goals.end(goal_id, NOW, metadata={"agreed": NOW})
    world.clock.advance(timedelta(seconds=60))

    world.sweep()

    assert world.sessions.private_goals(SESSION)[0].goal_agreed == NOW
    assert world.sessions.get(SESSION).ongoing_private_goal(world.clock.now()) is None
    assert list(world.passes.of(SESSION)) == [], "who is refunded is not let in"


def test_end_is_told_once_although_the_wallet_is_away_D26(world: World, mocker: MockerFixture) -> None:
    away = mocker.patch.object(world.wallet, "holds_of", autospec=True, side_effect=WalletUnavailable("no answer"))
    world.goals.insert(a_goal())
    world.clock.move_to(LATER)
    for _ in range(2):
        failing_sweep(world)
        assert heard(world) == ["goal.ended"]
        world.clock.advance(INTERVAL)

    mocker.stop(away)
    world.sweep()
    assert world.goal(GOAL).settled


# --- receivers of goal.ended that fail ---


def test_notification_that_a_sweep_could_not_send_is_sent_by_a_task_although_a_timer_settles_first_D26(
    world: World, mocker: MockerFixture
) -> None:
    away = mocker.patch.object(world.notifier, "notify", autospec=True, side_effect=NotifierUnavailable("no answer"))
    world.goals.insert(a_goal())
    world.clock.move_to(EXP)
    failing_sweep(world)

    mocker.stop(away)
    world.wait(60)

    assert world.goal(GOAL).settled
    assert "goal.ended" in heard(world)


def test_sweep_moves_the_money_although_the_notifier_is_away_and_notifies_later_D26(
    world: World, mocker: MockerFixture
) -> None:
    away = mocker.patch.object(world.notifier, "notify", autospec=True, side_effect=NotifierUnavailable("no answer"))
    world.goals.insert(a_goal())
    world.wallet.hold(a_hold())
    world.goals.end(GOAL, EXP)
    world.clock.move_to(LATER)
    failing_sweep(world)

    assert states(world) == ["refunded"]
    mocker.stop(away)
    world.task_queue.purge()
    world.clock.advance(INTERVAL)
    world.sweep()
    assert heard(world) == ["goal.ended", "goal.settled", "goal.settled"], "the viewer and the streamer"
    assert world.goal(GOAL).settled


def test_sweep_pays_the_timeout_of_a_hanging_channel_service_once_D27(world: World, mocker: MockerFixture) -> None:
    def hang(_: object) -> None:
        world.clock.advance(timedelta(seconds=1))
        raise NotifierUnavailable("no answer")

    hanging = mocker.patch.object(world.notifier, "notify", autospec=True, side_effect=hang)
    for number in range(20):
        session = {"session_id": f"5e55000000000000000001{number:02}"}
        world.goals.insert(a_goal(id=f"60a1000000000000000001{number:02}", conditions=session))
    world.clock.move_to(EXP)
    failing_sweep(world)

    assert world.clock.now() == EXP + timedelta(seconds=1), "settlements wait for the end of this loop"
    assert not any(goal.active for goal in world.goals.all())
    mocker.stop(hanging)
    world.run_due()
    assert heard(world) == ["goal.ended"] * 20


def test_goal_that_a_sweep_cannot_tell_of_is_told_by_the_next_one_and_costs_no_message_D27(
    world: World, mocker: MockerFixture
) -> None:
    away = mocker.patch.object(world.notifier, "notify", autospec=True, side_effect=NotifierUnavailable("no answer"))
    for goal_id, session_id in ((GOAL, SESSION), (GOAL_2, "5e5500000000000000000002")):
        world.goals.insert(a_goal(id=goal_id, conditions={"session_id": session_id}))
    world.clock.move_to(LATER + timedelta(seconds=5))
    failing_sweep(world)

    assert len(world.messages()) == 1, "of the one that failed"
    assert [goal.settled for goal in world.goals.all()] == [False, False]
    mocker.stop(away)
    world.task_queue.purge()
    world.clock.advance(INTERVAL)
    assert world.sweep() == Swept(settled=2)
    assert heard(world).count("goal.ended") == 2


@pytest.mark.parametrize(("at", "settled"), [(EXP, False), (LATER, True)], ids=["not due", "due"])
def test_refusal_is_final_so_the_goal_is_told_D26(
    world: World, mocker: MockerFixture, at: datetime, settled: bool
) -> None:
    mocker.patch.object(world.notifier, "notify", autospec=True, side_effect=NotificationRefused("too large"))
    world.goals.insert(a_goal())
    world.clock.move_to(at)
    failing_sweep(world)

    assert world.goal(GOAL).settled is settled


class Killed(BaseException):
    """The process ends here."""


def test_sweep_sends_goal_ended_before_it_settles_because_no_sweep_finds_a_settled_goal_D26(
    world: World, mocker: MockerFixture
) -> None:
    deadly = mocker.patch.object(world.sessions, "end_trigger_private_goal", autospec=True, side_effect=Killed)
    world.goals.insert(a_goal())
    world.goals.end(GOAL, EXP)
    world.clock.move_to(LATER)
    with pytest.raises(Killed):
        world.sweep()

    mocker.stop(deadly)
    world.sweep()

    assert world.goal(GOAL).settled
    assert heard(world).count("goal.ended") == 1


def test_end_that_the_sweep_could_not_write_is_written_although_the_goal_is_settled_by_then_D26(world: World) -> None:
    goal_id = world.invite(VIEWER).goal_id
    world.run_due()
    world.goals.end(goal_id, NOW)
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=60))

    def fail() -> None:
        raise StoreUnavailable("away just now")

    meanwhile(world.sessions, "end_trigger_private_goal", fail)
    failing_sweep(world)
    world.container.settle_escrow()(SettleEscrow(goal_id=goal_id))  # a timer

    world.run_due()

    assert world.sessions.get(SESSION).trigger_private_goal == Session.TriggerPrivateGoal(goal=goal_id, goal_ended=NOW)
