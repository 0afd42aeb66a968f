"""What only observes can neither fail nor delay the moving of money (D44).

Each observing part raises, is interrupted as by a time limit while it hangs, or ends its process, every time it is
asked. A message whose worker ends is delivered again, five times at most, as a broker does. The money must end where it
does without. An interrupt is never swallowed, so what interrupts a unit before it begins does so every third time only.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from show_goal.core.errors import OutOfTime
from show_goal.core.messages import Sweep
from show_goal.core.model import Viewer
from show_goal.core.money import Balance
from show_goal.core.settings import Settings
from show_goal.core.trace import Trace
from tests.builders import STREAMER, VIEWER, VIEWER_2
from tests.world import World

DELIVERIES = 5
INTERVAL = timedelta(seconds=15)
SIGNALS = {
    "features.leaderboards": ("goal.created", "goal.added", "goal.progressed", "goal.ended"),
    "ext.wallet": ("transaction.created",),
    "user": ("balance.decremented", "balance.incremented"),
}


class Bug(Exception):
    """Its text cannot be read."""

    def __str__(self) -> str:
        raise ValueError("not even this works")


class WrongObserver:
    """Each of its methods fails, before or after what it watches."""

    def __init__(self, method: str, fail: Callable[..., Any]) -> None:
        self._method, self._fail = method, fail

    def _may_fail(self, method: str) -> None:
        if method == self._method:
            self._fail()

    @contextmanager
    def unit(self, trace: Trace, received: object) -> Iterator[None]:
        self._may_fail("enter")
        yield
        self._may_fail("exit")

    def receiver(self, trace: Trace, name: str, run: Callable[[], Any]) -> Any:
        self._may_fail("before")
        answer = run()
        self._may_fail("after")
        return answer

    def headers(self) -> dict[str, str]:
        self._may_fail("headers")
        return {}


def port(name: str, method: str) -> Callable[[Callable[..., Any]], World]:
    def make(fail: Callable[..., Any]) -> World:
        world = World.make()
        setattr(getattr(world, name), method, fail)
        return world

    return make


def observer(method: str) -> Callable[[Callable[..., Any]], World]:
    return lambda fail: World.make(observer=WrongObserver(method, fail))


def receiver_of_the_host(sender: str) -> Callable[[Callable[..., Any]], World]:
    class WithoutAName:
        def __init__(self, fail: Callable[..., Any]) -> None:
            self._fail = fail

        def __call__(self, *_: object, **__: object) -> None:
            self._fail()

        def __repr__(self) -> str:
            return str(self._fail())

    def make(fail: Callable[..., Any]) -> World:
        world = World.make()
        (signal,) = [name for name, senders in SIGNALS.items() if sender in senders]
        world.container.namespace().signal(signal).connect(WithoutAName(fail), sender=sender, weak=False)
        return world

    return make


PARTS: dict[str, Callable[[Callable[..., Any]], World]] = {
    "trace sink": lambda fail: World.make(trace_sink=fail),
    **{f"observer, {method}": observer(method) for method in ("enter", "exit", "before", "after", "headers")},
    "statistics": port("tracker", "track"),
    "feed": port("feed", "publish"),
    "channels": port("notifier", "notify"),
    "cache": port("channel_cache", "invalidate"),
    "record of sweeps": port("sweeps", "record"),
    "last record of sweeps": port("sweeps", "last"),
    **{f"a host's receiver of {s}": receiver_of_the_host(s) for senders in SIGNALS.values() for s in senders},
}


BEFORE_A_UNIT = ("observer, enter", "observer, headers")


def failing(part: str, error: type[BaseException]) -> Callable[..., None]:
    asked = itertools.count(1)

    def fail(*_: object, **__: object) -> None:
        if error is Bug or part not in BEFORE_A_UNIT or next(asked) % 3 == 0:
            raise error

    return fail


def work(world: World) -> None:
    """Run what is due. A message whose worker ends is delivered again, and then set aside."""
    tasks = world.container.worker()._tasks
    while (queued := world.task_queue.take_due()) is not None:
        for _ in range(DELIVERIES):
            try:
                tasks[type(queued.message)](queued.message)
            except Exception:
                continue
            except (SystemExit, OutOfTime):
                continue
            break


def go_on(world: World, time: timedelta) -> None:
    until = world.clock.now() + time
    while world.clock.now() < until:
        work(world)
        with suppress(Exception, SystemExit, OutOfTime):
            world.container.sweep()(Sweep())
        world.clock.advance(INTERVAL)


def ask(call: Callable[[], object]) -> None:
    """A request may end with its process. What it had asked for is carried out."""
    with suppress(Exception, SystemExit, OutOfTime):
        call()


@pytest.mark.parametrize("error", [Bug, SystemExit, OutOfTime])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("agree", [True, False], ids=["agreed", "refused"])
def test_money_moves_as_without_what_only_observes_D44(part: str, error: type[BaseException], agree: bool) -> None:
    world = PARTS[part](failing(part, error))
    for viewer_id in (VIEWER, VIEWER, VIEWER_2, VIEWER_2):  # each tries again, as the answer may be lost
        ask(lambda: world.invite(viewer_id))  # noqa: B023
        work(world)
    holds = world.wallet.holds()
    assert [hold.state for hold in holds] == ["held", "held"]
    for _ in range(2):
        ask(lambda: world.container.answer_goal()(holds[0].goal_id, Viewer(id=STREAMER), agree))
        work(world)
        ask(lambda: world.switch_preset("sd"))
    go_on(world, Settings().settle_delay + INTERVAL)
    assert {hold.state for hold in world.wallet.holds()} == {"released" if agree else "refunded"}
    assert world.wallet.balance(STREAMER) == Balance(available=180 if agree else 0)


@pytest.mark.parametrize("part", ["trace sink", *(part for part in PARTS if part.startswith("observer"))])
def test_a_trace_that_cannot_be_kept_fails_no_request_and_no_task_D28_D44(part: str) -> None:
    world = PARTS[part](failing(part, Bug))
    accepted = world.invite(VIEWER)
    world.run_due()
    world.answer(accepted.goal_id, agree=True)
    world.switch_preset("sd")
    world.clock.advance(Settings().settle_delay)
    world.run_due()
    assert world.wallet.balance(STREAMER) == Balance(available=90)
    assert all(queued.retries == 0 for queued in world.task_queue.queued())
    assert len(world.notified("goal.ended")) == 1
