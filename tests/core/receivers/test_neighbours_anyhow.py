"""Neighbouring goals whose messages come in any order, twice, or broken off at any call: they end as they should."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def deliver(world: World, message: Message) -> bool:
    """Whether the task is done with: what failed in passing will be delivered again."""
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


def kept(world: World) -> tuple[object, ...]:
    """Everything that is stored of the goals."""
    return (
        world.sessions.show_goal_pairs(SESSION),
        world.sessions.karaoke_goal(SESSION),
        world.sessions.exclusive_goal_pairs(SESSION),
        world.rtc_sources.stopped(STREAMER),
        {goal.id: (goal.active, goal.exp, goal.context) for goal in world.goals.all()},
    )


@pytest.mark.parametrize("seed", range(100))
def test_in_any_order_and_twice_nothing_stays_that_has_ended_D19(world: World, seed: int) -> None:
    random = Random(seed)
    messages = [message(goal_id) for goal_id in CLASSES for message in (begin, end)] * 2
    random.shuffle(messages)
    while messages:
        message = messages.pop(0)
        if not deliver(world, message):
            messages.insert(random.randint(1, len(messages)) if messages else 0, message)
            if all(isinstance(waiting, CreateGoal) for waiting in messages) and not random.randrange(4):
                messages.append(end(message.goal_id))  # whoever waits too long is ended
        world.run_due()
    for goal in world.goals.all():
        if goal.active:  # an end that came before its goal was there was lost
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
    """A port whose calls are counted with those of the others; the ``at``-th fails, before or after its effect."""

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


def breaking(world: World, at: int, after: bool, broken: list[str]) -> World:
    calls = count()
    ports = {name: Breaking(getattr(world, name), calls, at, after, broken) for name in PORTS}
    return World.make(clock=world.clock, **ports)


def steps() -> list[Message]:
    """The whole life of one goal of each class; what follows another comes after it."""
    return [*(begin(goal_id) for goal_id in CLASSES), *(end(goal_id) for goal_id in reversed(CLASSES))]


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
@pytest.mark.parametrize("step", range(len(CLASSES) * 2), ids=lambda step: f"{steps()[step].name} {step}")
def test_broken_off_at_any_call_and_delivered_again_it_ends_as_if_nothing_had_happened_D19(
    step: int, after: bool
) -> None:
    *before, message = steps()[: step + 1]
    expected = play([*before, message], lambda world: deliver(world, message))
    at, broken = 0, ["nothing yet"]
    while broken:  # until there is no such call any more
        broken = []

        def interrupted(world: World, at: int = at, broken: list[str] = broken) -> None:
            deliver(breaking(world, at, after, broken), message)
            while not deliver(world, message):
                pass

        assert play([*before, message], interrupted) == expected, f"broken off in {broken}"
        at += 1
    assert at > 3, "nothing was broken off"


def play(messages: list[Message], last: Callable[[World], object]) -> tuple[object, ...]:
    """All but the last as they come; ``last`` delivers that one."""
    world = World.make()
    for message in messages[:-1]:
        assert deliver(world, message)
    last(world)
    world.run_due()
    return kept(world)


def test_undisturbed_they_leave_this() -> None:
    *before, last = steps()
    shows, karaoke, exclusives, stopped, goals = play([*before, last], lambda world: deliver(world, last))
    pair = ShowGoalPair(funding_goal=FUNDING, funding_ended=NOW, show_goal=SHOW, show_ended=NOW)
    assert shows == (pair,)
    assert karaoke == SessionKaraoke(goal=KARAOKE, goal_ended=NOW)
    exclusive = ExclusiveGoalPair(
        trigger_exclusive_goal=REQUEST, trigger_exclusive_ended=NOW, exclusive_goal=EXCLUSIVE, exclusive_ended=NOW
    )
    assert exclusives == {VIEWER: exclusive}
    assert (stopped, len(goals)) == (False, len(CLASSES))  # type: ignore[arg-type]
