from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from blinker import Namespace, Signal

from show_goal.core.events import GoalAdded, GoalCreated
from show_goal.core.signals import Outcome, Signals
from show_goal.core.trace import Trace, Tracer
from tests.builders import a_goal

EVENT = GoalAdded(goal_id="g", _cls="X", conditions={}, context={}, session_id="s", streamer_id="st")
PAYLOAD: dict[str, Any] = EVENT.payload()


@pytest.fixture
def namespace() -> Namespace:
    return Namespace()


@pytest.fixture
def hosts(namespace: Namespace) -> Signal:
    """The signal as the host has it."""
    return namespace.signal("features.leaderboards")


@pytest.fixture
def signals(namespace: Namespace) -> Signals:
    return Signals(namespace)


@pytest.fixture
def heard() -> list[str]:
    return []


def noting(heard: list[str], name: str, error: Exception | None = None) -> Callable[[GoalAdded], Outcome]:
    def receiver(_: GoalAdded) -> Outcome:
        heard.append(name)
        if error:
            raise error
        return Outcome.RAN

    return receiver


def test_receivers_run_in_their_order_D21(signals: Signals, heard: list[str]) -> None:
    signals.connect(GoalAdded, {name: noting(heard, name) for name in "cab"})

    signals.send(EVENT)

    assert heard == ["c", "a", "b"]


def test_all_receivers_run_and_all_failures_are_raised_together_D21(signals: Signals, heard: list[str]) -> None:
    broken = {name: noting(heard, name, ValueError(name)) for name in "ab"}
    signals.connect(GoalAdded, {**broken, "c": noting(heard, "c")})

    with pytest.raises(ExceptionGroup, match="receivers of goal") as caught:
        signals.send(EVENT)

    assert heard == ["a", "b", "c"]
    assert [str(error) for error in caught.value.exceptions] == ["a", "b"]


def test_hosts_receivers_run_after_the_librarys_and_are_known_by_name_D20(
    hosts: Signal, signals: Signals, heard: list[str]
) -> None:
    def of_the_host(sender: str, **payload: object) -> None:
        heard.append(f"host {sender} {payload['goal_id']}")
        raise ValueError("host")

    hosts.connect(of_the_host, sender="goal.added")
    signals.connect(GoalAdded, {"ours": noting(heard, "ours")})

    with pytest.raises(ExceptionGroup):
        signals.send(EVENT)

    assert heard == ["ours", "host goal.added g"]
    assert signals.hosts_names(GoalAdded) == ("of_the_host",)


def test_host_may_send_the_signal_itself_with_more_arguments_than_the_seed_D20(hosts: Signal, signals: Signals) -> None:
    events: list[GoalAdded] = []

    def ours(event: GoalAdded) -> Outcome:
        events.append(event)
        return Outcome.RAN

    signals.connect(GoalAdded, {"ours": ours})
    hosts.send("goal.added", **PAYLOAD, theme="dark")
    hosts.send("goal.progressed", goal_id="g")

    assert events == [EVENT], "other senders are not heard"


def test_event_without_receivers_is_no_error(signals: Signals) -> None:
    signals.send(EVENT)


def test_receivers_live_as_long_as_the_namespace_D21(namespace: Namespace, hosts: Signal, heard: list[str]) -> None:
    Signals(namespace).connect(GoalAdded, {"ours": noting(heard, "ours")})

    hosts.send("goal.added", **PAYLOAD)

    assert heard == ["ours"]


def test_disconnect_removes_every_receiver_from_the_namespace(
    hosts: Signal, signals: Signals, heard: list[str]
) -> None:
    signals.connect(GoalAdded, {"ours": noting(heard, "ours")})
    signals.connect(GoalCreated, {})

    signals.disconnect()
    hosts.send("goal.added", **PAYLOAD)
    signals.send(EVENT)

    assert heard == []


def test_step_of_a_receiver_comes_before_the_steps_inside_it_D28(hosts: Signal, signals: Signals) -> None:
    traces: list[Trace] = []

    def sends_again(_: GoalCreated) -> Outcome:
        signals.send(EVENT)
        return Outcome.RAN

    def host(_: str, **__: object) -> str:
        return "anything"

    signals.connect(GoalCreated, {"binder": sends_again})
    signals.connect(GoalAdded, {"skips": lambda _: Outcome.SKIPPED})
    hosts.connect(host, sender="goal.added")

    with Tracer(traces.append).unit("create_goal"):
        signals.send(GoalCreated.of(a_goal()))

    assert [(step.kind, step.name, step.outcome) for step in traces[0].steps] == [
        ("signal", "goal.created", "sent"),
        ("receiver", "binder", "ran"),
        ("signal", "goal.added", "sent"),
        ("receiver", "skips", "skipped"),
        ("receiver", "host", "ran"),
    ]
