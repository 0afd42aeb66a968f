from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from blinker import Namespace

from show_goal.core.events import GoalAdded, GoalCreated
from show_goal.core.signals import Outcome, Signals
from show_goal.core.trace import Trace, Tracer

EVENT = GoalAdded(goal_id="g", _cls="X", conditions={}, context={}, session_id="s", streamer_id="st")

PAYLOAD: dict[str, Any] = EVENT.payload()


@pytest.fixture
def namespace() -> Namespace:
    return Namespace()


@pytest.fixture
def signals(namespace: Namespace) -> Signals:
    return Signals(namespace)


def noting(heard: list[str], name: str, error: Exception | None = None) -> Callable[[GoalAdded], Outcome]:
    def receiver(_: GoalAdded) -> Outcome:
        heard.append(name)
        if error:
            raise error
        return Outcome.RAN

    return receiver


def test_receivers_run_in_their_order_D21(signals: Signals) -> None:
    heard: list[str] = []
    signals.connect(GoalAdded, {name: noting(heard, name) for name in "cab"})

    signals.send(EVENT)

    assert heard == ["c", "a", "b"]


def test_all_run_and_all_failures_are_raised_together_D21(signals: Signals) -> None:
    heard: list[str] = []
    broken = {name: noting(heard, name, ValueError(name)) for name in "ab"}
    signals.connect(GoalAdded, {**broken, "c": noting(heard, "c")})

    with pytest.raises(ExceptionGroup, match="receivers of goal") as caught:
        signals.send(EVENT)

    assert heard == ["a", "b", "c"]
    assert [str(error) for error in caught.value.exceptions] == ["a", "b"]


def test_hosts_receivers_hear_it_after_ours_and_fail_alone_D20(namespace: Namespace, signals: Signals) -> None:
    heard: list[str] = []

    def host(sender: str, **payload: object) -> None:
        heard.append(f"host {sender} {payload['goal_id']}")
        raise ValueError("host")

    namespace.signal("features.leaderboards").connect(host, sender="goal.added")
    signals.connect(GoalAdded, {"ours": noting(heard, "ours")})

    with pytest.raises(ExceptionGroup):
        signals.send(EVENT)

    assert heard == ["ours", "host goal.added g"]


def test_hosts_receivers_are_known_by_name_and_ours_are_not_among_them(namespace: Namespace, signals: Signals) -> None:
    def of_the_host(_: str, **__: object) -> None:
        """Hears everything."""

    namespace.signal("features.leaderboards").connect(of_the_host)
    signals.connect(GoalAdded, {"ours": noting([], "ours")})

    assert signals.hosts_names(GoalAdded) == ("of_the_host",)


def test_host_may_send_the_signal_itself_and_say_more_than_the_seed_D20(namespace: Namespace, signals: Signals) -> None:
    heard: list[GoalAdded] = []

    def ours(event: GoalAdded) -> Outcome:
        heard.append(event)
        return Outcome.RAN

    signals.connect(GoalAdded, {"ours": ours})
    namespace.signal("features.leaderboards").send("goal.added", **PAYLOAD, theme="dark")

    assert heard == [EVENT]


def test_other_senders_are_not_heard(namespace: Namespace, signals: Signals) -> None:
    heard: list[str] = []
    signals.connect(GoalAdded, {"ours": noting(heard, "ours")})

    namespace.signal("features.leaderboards").send("goal.progressed", goal_id="g")

    assert heard == []


def test_nobody_listening_is_no_error(signals: Signals) -> None:
    signals.send(EVENT)


def test_receivers_live_as_long_as_the_namespace_D21(namespace: Namespace) -> None:
    heard: list[str] = []
    Signals(namespace).connect(GoalAdded, {"ours": noting(heard, "ours")})

    namespace.signal("features.leaderboards").send("goal.added", **PAYLOAD)

    assert heard == ["ours"]


def test_disconnected_signals_leave_the_namespace_as_it_was(namespace: Namespace, signals: Signals) -> None:
    heard: list[str] = []
    signals.connect(GoalAdded, {"ours": noting(heard, "ours")})
    signals.connect(GoalCreated, {})

    signals.disconnect()
    namespace.signal("features.leaderboards").send("goal.added", **PAYLOAD)
    signals.send(EVENT)

    assert heard == []


def test_each_receiver_is_traced_before_what_it_did_itself_D28(namespace: Namespace, signals: Signals) -> None:
    traces: list[Trace] = []

    def sends_again(_: GoalCreated) -> Outcome:
        signals.send(EVENT)
        return Outcome.RAN

    def host(_: str, **__: object) -> str:
        return "whatever"

    created = GoalCreated(goal_id="g", active=True, _cls="X", conditions={}, context={}, levels=[], nbf=None, exp=None)
    signals.connect(GoalCreated, {"binder": sends_again})
    signals.connect(GoalAdded, {"skips": lambda _: Outcome.SKIPPED})
    namespace.signal("features.leaderboards").connect(host, sender="goal.added")

    with Tracer(traces.append).unit("create_goal"):
        signals.send(created)

    assert [(step.kind, step.name, step.outcome) for step in traces[0].steps] == [
        ("signal", "goal.created", "sent"),
        ("receiver", "binder", "ran"),
        ("signal", "goal.added", "sent"),
        ("receiver", "skips", "skipped"),
        ("receiver", "host", "ran"),
    ]
