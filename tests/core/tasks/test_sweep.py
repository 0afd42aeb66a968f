from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from show_goal.adapters.memory import MemoryClock, MemoryGoals, MemoryNotifier, MemorySessions
from show_goal.core.messages import CreateGoal, Sweep
from show_goal.core.model import Claim, Goal, Session, Settlement
from show_goal.core.settings import Settings
from show_goal.core.tasks.sweep import Swept
from show_goal.ports.errors import NotifierUnavailable, StoreUnavailable
from show_goal.ports.notifier import Notification
from tests.builders import EXP, GOAL, GOAL_2, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_goal, a_hold, a_session
from tests.world import World

LATER = EXP + timedelta(seconds=60)


def sweep(world: World) -> Swept:
    swept = world.container.sweep()(Sweep())
    assert isinstance(swept, Swept)
    return swept


def test_everything_is_ended_and_settled_by_one_sweep_although_every_timer_is_lost_D26(world: World) -> None:
    world.invite(VIEWER)
    world.run_due()
    world.task_queue.purge()
    world.clock.move_to(LATER)

    assert sweep(world) == Swept(ended=1, resumed=0, settled=1, refunded=0)

    assert world.wallet.accounts()[VIEWER].available == 1_000
    assert world.wallet.audit(world.clock.now()).problems == []


def test_sweep_with_nothing_to_do_does_nothing_D26(world: World) -> None:
    world.invite(VIEWER)
    world.run_due()

    assert sweep(world) == Swept(ended=0, resumed=0, settled=0, refunded=0)


def test_goal_that_somebody_paid_for_is_created_although_its_message_was_lost_D26(world: World) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))
    world.wallet.hold(a_hold())

    assert sweep(world).resumed == 1

    (queued,) = world.task_queue.queued()
    assert isinstance(queued.message, CreateGoal)
    assert queued.message.metadata == {"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90}
    world.run_due()
    assert world.sessions.get(SESSION).has_bound(GOAL)


def test_goal_that_is_resumed_is_the_first_viewers_although_a_joiner_has_paid_first_D16(world: World) -> None:
    claim = Claim(goal_id=GOAL, exp=EXP, triggered_by=VIEWER, prepaid_duration=90)
    world.sessions.add(a_session(claim=claim))
    world.wallet.hold(a_hold(viewer_id=VIEWER_2, duration=30))
    sweep(world)

    (queued,) = world.task_queue.queued()
    assert isinstance(queued.message, CreateGoal)
    assert queued.message.metadata == {"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90}


def test_claim_that_nobody_paid_for_is_left_to_its_exp_D26(world: World) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id=GOAL, exp=EXP)))

    assert sweep(world).resumed == 0
    assert world.task_queue.queued() == []


def test_hold_whose_goal_was_never_there_is_refunded_D26(world: World) -> None:
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)

    assert sweep(world).refunded == 1
    assert world.wallet.holds()[0].state == "refunded"


def test_hold_that_came_after_its_goal_was_settled_is_refunded_D18(world: World) -> None:
    world.goals.insert(a_goal())
    world.goals.end(GOAL, NOW)
    world.goals.decide(GOAL, Settlement.RELEASED)
    world.goals.mark_settled(GOAL)
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)

    assert sweep(world).refunded == 1
    assert world.wallet.holds()[0].state == "refunded"


def test_sweep_is_bounded_and_the_next_goes_on_D26() -> None:
    world = World.make(settings=Settings(sweep_limit=1))
    for goal_id, session_id in ((GOAL, SESSION), (GOAL_2, "5e5500000000000000000002")):
        world.goals.insert(a_goal(id=goal_id, conditions={"session_id": session_id}))
    world.clock.move_to(LATER)

    assert [sweep(world).ended for _ in range(3)] == [1, 1, 0]


class Failing:
    """A wallet that cannot settle one transaction."""

    def __init__(self, world: World) -> None:
        self._wallet = world.wallet
        self.calls_back = False

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self._wallet, name)
        return method

    def refund(self, transaction_id: str) -> object:
        if GOAL in transaction_id:
            raise ConnectionError("no answer")
        return self._wallet.refund(transaction_id)


def test_item_that_fails_stops_no_other_and_is_told_D26(world: World) -> None:
    failing = World.make(wallet=Failing(world))
    for goal_id in (GOAL, GOAL_2):
        world.wallet.hold(a_hold(goal_id))
    failing.clock.move_to(LATER)

    with pytest.raises(ExceptionGroup) as caught:
        sweep(failing)

    assert [str(error) for error in caught.value.exceptions] == ["no answer"]
    assert [hold.state for hold in world.wallet.holds()] == ["held", "refunded"]


def test_hold_of_a_goal_that_is_yet_to_be_settled_is_left_to_the_settlement_L3(world: World) -> None:
    world.goals.insert(a_goal(exp=EXP + timedelta(hours=1)))
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)

    assert sweep(world).refunded == 0


class Stale:
    """Goals that name, as unsettled, one that somebody else is settling."""

    def __init__(self, world: World) -> None:
        self._goals = world.goals

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self._goals, name)
        return method

    def unsettled(self, *_: object) -> list[Goal]:
        return [a_goal(id=GOAL_2)]


def test_item_that_somebody_else_was_quicker_with_is_passed_over_D26(world: World) -> None:
    assert sweep(World.make(goals=Stale(world))).settled == 0


def test_end_that_nobody_heard_of_is_told_by_the_sweep_D26(world: World) -> None:
    goal_id = world.invite(VIEWER).goal_id
    world.run_due()
    world.task_queue.purge()
    world.goals.end(goal_id, NOW, metadata={"agreed": NOW})  # and the worker died before its receivers
    world.clock.advance(timedelta(seconds=60))

    sweep(world)

    assert world.sessions.private_goals(SESSION)[0].goal_agreed == NOW
    assert world.sessions.get(SESSION).ongoing_private_goal(world.clock.now()) is None
    assert list(world.sessions.viewers(SESSION)) == [VIEWER]


def test_refund_by_the_sweep_is_told_to_whoever_has_the_money_again_L3(world: World) -> None:
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)
    sweep(world)

    (signal,) = [step for step in world.trace("sweep")["steps"] if step["kind"] == "signal"]
    assert (signal["name"], signal["arguments"]["user_id"]) == ("balance.incremented", VIEWER)


class Silent(MemoryNotifier):
    """Down until it is up."""

    error: type[BaseException] | None = NotifierUnavailable

    def notify(self, notification: Notification) -> None:
        if self.error is not None:
            raise self.error("no answer")
        super().notify(notification)


def heard(notifier: MemoryNotifier) -> list[str]:
    return [notification.event for notification in notifier.notifications]


def test_end_that_a_sweep_could_not_tell_is_told_by_a_task_although_a_timer_settles_first_D26() -> None:
    notifier = Silent()
    world = World.make(notifier=notifier)
    world.goals.insert(a_goal())
    world.clock.move_to(EXP)
    with pytest.raises(ExceptionGroup):
        sweep(world)

    notifier.error = None
    world.wait(60)

    assert world.goal(GOAL).settled
    assert "goal.ended" in heard(notifier)


def test_sweep_that_cannot_tell_moves_the_money_all_the_same_and_tells_later_D26() -> None:
    notifier = Silent()
    world = World.make(notifier=notifier)
    world.goals.insert(a_goal())
    world.wallet.hold(a_hold())
    world.goals.end(GOAL, EXP)  # and the worker died before its receivers
    world.clock.move_to(LATER)
    with pytest.raises(ExceptionGroup):
        sweep(world)

    assert world.wallet.holds()[0].state == "refunded"
    notifier.error = None
    world.run_due()
    assert heard(notifier) == ["goal.ended"]


class Hanging(Silent):
    """Whoever asks it waits for a second."""

    clock: MemoryClock

    def notify(self, notification: Notification) -> None:
        if self.error is not None:
            self.clock.advance(timedelta(seconds=1))
        super().notify(notification)


def test_channel_service_that_hangs_is_waited_for_once_a_sweep_D27() -> None:
    notifier = Hanging()
    world = World.make(notifier=notifier)
    notifier.clock = world.clock
    ids = [f"60a1000000000000000001{number:02}" for number in range(20)]
    for number, goal_id in enumerate(ids):
        world.goals.insert(a_goal(id=goal_id, conditions={"session_id": f"5e55000000000000000001{number:02}"}))
    world.clock.move_to(EXP)
    with pytest.raises(ExceptionGroup):
        sweep(world)

    assert world.clock.now() == EXP + timedelta(seconds=1), "the money waits for the end of this loop"
    assert not any(goal.active for goal in world.goals.all())
    notifier.error = None
    world.run_due()
    assert heard(notifier) == ["goal.ended"] * len(ids)


class Killed(BaseException):
    """The process ends here."""


class Deadly(MemorySessions):
    """Kills whoever tells it of an end."""

    deadly = True

    def end_trigger_private_goal(self, *args: Any, **ending: Any) -> None:
        if self.deadly:
            raise Killed
        super().end_trigger_private_goal(*args, **ending)


def test_sweep_tells_of_an_end_before_it_settles_since_no_sweep_finds_a_settled_goal_D26() -> None:
    sessions = Deadly()
    world = World.make(sessions=sessions)
    world.goals.insert(a_goal())
    world.goals.end(GOAL, EXP)
    world.clock.move_to(LATER)
    with pytest.raises(Killed):
        sweep(world)

    sessions.deadly = False
    sweep(world)

    assert world.goal(GOAL).settled
    assert heard(world.notifier) == ["goal.ended"]


class WithoutTheEnded(MemoryGoals):
    """A host ended the goal itself: no list of goals that are to be settled has it."""

    def unsettled(self, ended_before: datetime, limit: int) -> Sequence[Goal]:
        return []


def test_hold_of_a_goal_that_somebody_else_ended_is_refunded_L6() -> None:
    goals = WithoutTheEnded()
    world = World.make(goals=goals)
    goals.insert(a_goal(active=False))
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)

    assert sweep(world).refunded == 1
    assert world.wallet.holds()[0].state == "refunded"
    assert goals.get(GOAL) == a_goal(active=False, settlement=Settlement.REFUNDED, settled=True)


class FailsOnce(MemorySessions):
    """The store is away just while the end is written."""

    failed = False

    def end_trigger_private_goal(self, *args: Any, **values: Any) -> None:
        if not self.failed:
            self.failed = True
            raise StoreUnavailable("away")
        super().end_trigger_private_goal(*args, **values)


def test_end_that_the_sweep_could_not_tell_is_told_although_the_goal_is_settled_by_then_D26() -> None:
    sessions = FailsOnce()
    world = World.make(sessions=sessions)
    sessions.add(a_session())
    world.invite(VIEWER)
    world.run_due()
    (goal,) = world.goals.all()
    world.goals.end(goal.id, NOW)  # and the worker died before its receivers
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=60))
    with pytest.raises(ExceptionGroup):
        sweep(world)
    assert world.goal(goal.id).settled

    world.run_due()

    assert sessions.get(SESSION).trigger_private_goal == Session.TriggerPrivateGoal(goal=goal.id, goal_ended=NOW)
