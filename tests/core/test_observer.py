"""An observer sees each unit and each receiver, in order, and the headers of a task's message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from attrs import define, field
from blinker import Namespace

from show_goal.core.events import GoalAdded
from show_goal.core.signals import Outcome, Signals, run_all
from show_goal.core.trace import Trace, Tracer, received, taken_along

T = TypeVar("T")


@define
class Onlooker:
    saw: list[str] = field(factory=list)

    @contextmanager
    def unit(self, trace: Trace, received: Mapping[str, object]) -> Iterator[None]:
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


def test_observer_begins_before_the_first_step_and_ends_after_the_sink(onlooker: Onlooker) -> None:
    tracer = Tracer(lambda trace: onlooker.saw.append(f"sink {trace.outcome}"), onlooker)

    with tracer.unit("transfer"):
        onlooker.saw.append("work")

    assert onlooker.saw == ["begin transfer running {}", "work", "sink done", "end transfer done"]


def test_observer_ends_even_if_the_sink_raises(onlooker: Onlooker, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: Trace) -> None:
        raise OSError("disk full")

    with Tracer(broken, onlooker).unit("transfer"):
        pass

    assert onlooker.saw[-1] == "end transfer done"
    assert "disk full" in caplog.text


class Broken(Onlooker):
    """Each method fails. ``receiver`` fails after it ran the receiver, or, if ``early``, before."""

    early = False

    def receiver(self, trace: Trace, name: str, run: Callable[[], Any]) -> Any:
        if not self.early:
            run()
        raise OSError("no collector")


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_a_receiver_runs_once_whatever_becomes_of_the_observer_D44(early: bool, fails: bool) -> None:
    ran, observer = list[str](), Broken()
    observer.early = early

    def receive() -> Outcome:
        ran.append("once")
        if fails:
            raise ValueError("its own")
        return Outcome.SKIPPED

    with Tracer(lambda _: None, observer).unit("create_goal") as unit:
        if fails:
            with pytest.raises(ExceptionGroup) as caught:
                run_all("goal.created", [("receive", receive)])
            assert [str(error) for error in caught.value.exceptions] == ["its own"]
        else:
            run_all("goal.created", [("receive", receive)])
    assert ran == ["once"]
    assert [step.outcome for step in unit.steps] == ["failed" if fails else "skipped"]


def test_observer_gets_the_headers_of_the_tasks_message(onlooker: Onlooker) -> None:
    tracer = Tracer(lambda _: None, onlooker)

    with received({"traceparent": "x"}), tracer.unit("transfer"):
        assert taken_along() == {"seen": "yes"}
    with tracer.unit("answer_goal"):
        pass

    assert [saw for saw in onlooker.saw if saw.startswith("begin")] == [
        "begin transfer running {'traceparent': 'x'}",
        "begin answer_goal running {}",
    ]


def test_observer_runs_every_receiver_of_library_and_host(onlooker: Onlooker) -> None:
    namespace = Namespace()
    signals = Signals(namespace)

    def host(_: str, **__: object) -> None: ...

    namespace.signal("features.leaderboards").connect(host, sender="goal.added")
    signals.connect(GoalAdded, {"ours": lambda _: Outcome.RAN})

    with Tracer(lambda _: None, onlooker).unit("create_goal"):
        signals.send(GoalAdded(goal_id="g", _cls="X", conditions={}, context={}, session_id="s", streamer_id="st"))

    assert onlooker.saw[1:-1] == ["create_goal runs ours", "create_goal runs host"]
