"""Who looks on while a unit is at work: told in order, of each receiver, and of what a message brought."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

import pytest
from attrs import define, field
from blinker import Namespace

from show_goal.core.events import GoalAdded
from show_goal.core.signals import Outcome, Signals
from show_goal.core.trace import Trace, Tracer, received, taken_along
from tests.builders import GOAL, a_create_goal, a_hold, a_transfer
from tests.world import World

T = TypeVar("T")
EVENT = GoalAdded(goal_id="g", _cls="X", conditions={}, context={}, session_id="s", streamer_id="st")


@define
class Onlooker:
    saw: list[str] = field(factory=list)

    def unit(self, trace: Trace, received: Mapping[str, object]) -> AbstractContextManager[object]:
        return self._unit(trace, received)

    @contextmanager
    def _unit(self, trace: Trace, received: Mapping[str, object]) -> Iterator[None]:
        self.saw.append(f"begin {trace.name} {trace.outcome} {dict(received)}")
        try:
            yield
        finally:
            self.saw.append(f"end {trace.name} {trace.outcome}")

    def receiver(self, trace: Trace, name: str, run: Callable[[], T]) -> T:
        self.saw.append(f"{trace.name} runs {name}")
        return run()

    def headers(self) -> Mapping[str, str]:
        return {"seen": "yes"}


@pytest.fixture
def onlooker() -> Onlooker:
    return Onlooker()


def test_it_is_told_before_the_first_step_and_after_the_sink(onlooker: Onlooker) -> None:
    tracer = Tracer(lambda trace: onlooker.saw.append(f"sink {trace.outcome}"), onlooker)

    with tracer.unit("transfer"):
        onlooker.saw.append("work")

    assert onlooker.saw == ["begin transfer running {}", "work", "sink done", "end transfer done"]


def test_it_is_told_of_the_end_even_when_the_sink_breaks_the_rule_and_raises(onlooker: Onlooker) -> None:
    def broken(_: Trace) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), Tracer(broken, onlooker).unit("transfer"):
        pass

    assert onlooker.saw[-1] == "end transfer done"


def test_it_gets_the_headers_of_the_message_whose_task_it_is(onlooker: Onlooker) -> None:
    tracer = Tracer(lambda _: None, onlooker)

    with received({"traceparent": "x"}), tracer.unit("transfer"):
        assert taken_along() == {"seen": "yes"}
    with tracer.unit("answer_goal"):
        pass

    assert [saw for saw in onlooker.saw if saw.startswith("begin")] == [
        "begin transfer running {'traceparent': 'x'}",
        "begin answer_goal running {}",
    ]


def test_it_runs_every_receiver_the_hosts_as_well(onlooker: Onlooker) -> None:
    namespace = Namespace()
    signals = Signals(namespace)

    def host(_: str, **__: object) -> None: ...

    namespace.signal("features.leaderboards").connect(host, sender="goal.added")
    signals.connect(GoalAdded, {"ours": lambda _: Outcome.RAN})

    with Tracer(lambda _: None, onlooker).unit("create_goal"):
        signals.send(EVENT)

    assert onlooker.saw[1:-1] == ["create_goal runs ours", "create_goal runs host"]


def test_money_that_moves_stands_in_the_trace() -> None:
    world = World.make()
    world.container.create_goal()(a_create_goal())
    world.container.transfer()(a_transfer())
    world.refuse(GOAL)
    world.wait(60)

    held = {"kind": "money", "name": "held", "outcome": "done", "transaction_id": a_hold().transaction_id, "amount": 90}
    assert [step for step in world.trace("transfer")["steps"] if step["kind"] == "money"] == [held]
    assert world.steps("settle_escrow", "money") == [("refunded", "done")]
