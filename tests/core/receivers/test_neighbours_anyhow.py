"""Goals of the other classes end correctly if messages come in any order, twice, or break off at any call (D19)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

import pytest
from attrs import define, field

from show_goal.core.errors import Refused
from show_goal.core.messages import CreateGoal, DeactivateGoal, Message
from show_goal.core.model import ExclusiveGoalPair, SessionKaraoke, ShowGoalPair
from show_goal.ports.errors import StoreUnavailable, Unavailable
from tests.builders import NOW, SESSION, STREAMER, VIEWER, a_create_goal
from tests.world import World

FUNDING, SHOW, KARAOKE, REQUEST, EXCLUSIVE = (f"60a10000000000000000000{number}" for number in range(1, 6))
CLASSES = {
    FUNDING: "ShowFundingGoal",
    SHOW: "ShowGoal",
    KARAOKE: "KaraokeGoal",
    REQUEST: "TriggerExclusiveGoal",
    EXCLUSIVE: "ExclusiveGoal",
}
CONTEXTS: Mapping[str, Mapping[str, object]] = {
    SHOW: {"funding_goal_id": FUNDING},
    EXCLUSIVE: {"trigger_exclusive_goal_id": REQUEST},
}
PORTS = ("sessions", "goals", "feed", "tracker", "channel_cache", "rtc_sources", "notifier", "task_queue", "wallet")


def begin(goal_id: str) -> CreateGoal:
    metadata = {"user_id": STREAMER, "triggered_by": VIEWER}
    context = CONTEXTS.get(goal_id, {})
    return a_create_goal(goal_id=goal_id, _cls=CLASSES[goal_id], context=context, metadata=metadata, exp=None)


def end(goal_id: str) -> DeactivateGoal:
    return DeactivateGoal(goal_id=goal_id)


def life() -> list[CreateGoal | DeactivateGoal]:
    """One goal of each class begins and ends. A goal that follows another begins after it."""
    return [*(begin(goal_id) for goal_id in CLASSES), *(end(goal_id) for goal_id in reversed(CLASSES))]


def deliver(world: World, message: Message) -> bool:
    """Return whether the task is done. One that failed and may succeed later is delivered again."""
    try:
        world.container.tasks()[type(message)](message)
    except Refused:
        return True
    except Unavailable:
        return False
    except ExceptionGroup as failed:
        if failed.split((Refused, Unavailable))[1] is not None:
            raise
        return failed.split(Refused)[1] is None
    return True


def play(messages: Sequence[Message], last: Callable[[World, Message], object] = deliver) -> tuple[object, ...]:
    """Deliver all messages, the last one by ``last``. Returns what is stored of the goals."""
    world = World.make()
    for message in messages[:-1]:
        assert deliver(world, message)
    last(world, messages[-1])
    world.run_due()
    return (
        world.sessions.show_goal_pairs(SESSION),
        world.sessions.karaoke_goal(SESSION),
        world.sessions.exclusive_goal_pairs(SESSION),
        world.rtc_sources.stopped(STREAMER),
        {goal.id: (goal.active, goal.exp, goal.context) for goal in world.goals.all()},
    )


@pytest.mark.parametrize("seed", range(100))
def test_nothing_of_an_ended_goal_remains_if_messages_come_in_any_order_and_twice_D19(world: World, seed: int) -> None:
    random = Random(seed)
    messages = life() * 2
    random.shuffle(messages)
    while messages:
        message = messages.pop(0)
        if not deliver(world, message):
            messages.insert(random.randint(1, len(messages)) if messages else 0, message)
            if all(isinstance(waiting, CreateGoal) for waiting in messages) and not random.randrange(4):
                messages.append(end(message.goal_id))  # it waits for too long
        world.run_due()
    for goal in world.goals.all():
        if goal.active:  # its end came before it was created
            deliver(world, end(goal.id))

    assert not any(goal.active for goal in world.goals.all())
    for pair in world.sessions.show_goal_pairs(SESSION):
        assert pair.funding_ended is not None
        assert pair.show_goal is None or pair.show_ended is not None
    karaoke = world.sessions.karaoke_goal(SESSION)
    assert karaoke is None or karaoke.goal_ended is not None
    assert all(pair.over for pair in world.sessions.exclusive_goal_pairs(SESSION).values())
    assert not world.rtc_sources.stopped(STREAMER)
    assert world.invite().goal_id, "the session is free for a private show"


@define
class Breaking:
    """A port. Of all calls to all ports, the ``at``-th fails, before or after its effect."""

    port: Any
    calls: count[int]
    at: int
    after: bool
    broken: list[str] = field(factory=list)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)
        if not callable(method):
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            if next(self.calls) != self.at:
                return method(*args, **kwargs)
            if self.after:
                method(*args, **kwargs)
            self.broken.append(name)
            raise StoreUnavailable(name)

        return call


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
@pytest.mark.parametrize("step", range(len(CLASSES) * 2), ids=lambda step: f"{life()[step].name} {step}")
def test_task_that_breaks_off_at_any_call_and_is_delivered_again_does_the_same_D19(step: int, after: bool) -> None:
    messages = life()[: step + 1]
    expected = play(messages)
    at, broken = 0, ["nothing yet"]
    while broken:  # until there is no such call any more
        broken = []

        def interrupted(world: World, message: Message, at: int = at, broken: list[str] = broken) -> None:
            calls = count()
            ports = {name: Breaking(getattr(world, name), calls, at, after, broken) for name in PORTS}
            deliver(World.make(clock=world.clock, **ports), message)
            while not deliver(world, message):
                pass

        assert play(messages, interrupted) == expected, f"it broke off in {broken}"
        at += 1
    assert at > 3, "nothing broke off"


def test_undisturbed_all_goals_end() -> None:
    shows, karaoke, exclusives, stopped, goals = play(life())
    ended = {"funding_ended": NOW, "show_ended": NOW}
    assert shows == (ShowGoalPair(funding_goal=FUNDING, show_goal=SHOW, **ended),)
    assert karaoke == SessionKaraoke(goal=KARAOKE, goal_ended=NOW)
    ended = {"trigger_exclusive_ended": NOW, "exclusive_ended": NOW}
    assert exclusives == {VIEWER: ExclusiveGoalPair(trigger_exclusive_goal=REQUEST, exclusive_goal=EXCLUSIVE, **ended)}
    assert (stopped, len(goals)) == (False, len(CLASSES))  # type: ignore[arg-type]
