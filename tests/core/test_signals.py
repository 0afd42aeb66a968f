from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from blinker import Namespace, Signal

from show_goal.core.events import GoalAdded, GoalCreated
from show_goal.core.signals import Outcome, Signals
from show_goal.core.trace import Trace, Tracer
from show_goal.core.validation import InvalidValue
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


def test_a_receiver_that_is_cancelled_fails_like_any_other_D21(hosts: Signal, signals: Signals) -> None:
    """Otherwise it would break off the sweep that sends the signal, and each one after it (D43)."""

    def asks_elsewhere(_: object, **__: object) -> None:
        raise CancelledError

    hosts.connect(asks_elsewhere, sender="goal.added")
    with pytest.raises(ExceptionGroup) as caught:
        signals.send(EVENT)
    assert [str(error) for error in caught.value.exceptions] == ["the receiver asks_elsewhere was cancelled"]


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


# --- what a host may get wrong ---


class Later:
    """As a future that the receiver returns."""

    def __await__(self) -> Iterator[None]:
        yield None


@pytest.mark.parametrize("future", [False, True])
def test_an_async_receiver_is_an_error_that_names_it_F11(
    hosts: Signal, signals: Signals, heard: list[str], future: bool
) -> None:
    async def never() -> None:
        heard.append("never")

    def of_the_host(sender: str, **payload: object) -> object:
        return Later() if future else never()

    hosts.connect(of_the_host, sender="goal.added")
    signals.connect(GoalAdded, {"ours": noting(heard, "ours")})
    trace = Trace("unit", {}, lambda _: None)
    with trace, pytest.raises(ExceptionGroup) as caught:
        signals.send(EVENT)

    assert heard == ["ours"]
    (error,) = caught.value.exceptions
    assert str(error) == "the receiver of_the_host is async, so it never runs: connect a plain function"
    assert [(step.name, step.outcome) for step in trace.steps if step.kind == "receiver"] == [
        ("ours", "ran"),
        ("of_the_host", "failed"),
    ]


CREATED: dict[str, Any] = GoalCreated.of(a_goal()).payload()
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001


class AnObjectId:
    def __repr__(self) -> str:
        return "ObjectId('...')"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"exp": NAIVE}, "goal.created.exp is datetime.datetime(2026, 1, 1, 0, 0): it must be a datetime with a time"),
        ({"exp": 1_767_225_900}, "goal.created.exp is 1767225900: it must be a datetime with a time zone or None"),
        ({"goal_id": AnObjectId()}, "goal.created.goal_id is ObjectId('...'): it must be a text"),
        ({"conditions": {"session_id": AnObjectId()}}, "goal.created.conditions.session_id is ObjectId('...'): it"),
        ({"conditions": {"at": [NAIVE]}}, "goal.created.conditions.at.0 is datetime.datetime(2026, 1, 1, 0, 0): it"),
        ({"context": {"of": {1: "a"}}}, "goal.created.context.of is 1: it must be a text"),
        ({"context": None}, "goal.created.context is None: it must be a mapping"),
        ({"levels": "abc"}, "goal.created.levels is 'abc': it must be a list or tuple"),
        ({"levels": {1, 2}}, "goal.created.levels is {1, 2}: it must be a list or tuple"),
        ({"levels": [b"1"]}, "goal.created.levels.0 is b'1': it must be a text"),
        ({"active": 1}, "goal.created.active is 1: it must be True or False"),
        ({"nbf": None, "exp": "soon"}, "goal.created.exp is 'soon': it must be a datetime with a time zone or None"),
    ],
)
def test_a_hosts_payload_of_a_wrong_type_is_refused_by_name_before_anything_is_done_F12(
    hosts: Signal, signals: Signals, changes: dict[str, Any], said: str
) -> None:
    done: list[GoalCreated] = []

    def receiver(event: GoalCreated) -> Outcome:
        done.append(event)
        return Outcome.RAN

    signals.connect(GoalCreated, {"ours": receiver})
    with pytest.raises(InvalidValue) as caught:
        hosts.send("goal.created", **{**CREATED, **changes})
    assert str(caught.value).startswith(said)
    missing = {name: value for name, value in CREATED.items() if name not in changes}
    with pytest.raises(InvalidValue, match="it must be there"):
        hosts.send("goal.created", **missing)
    assert done == []

    hosts.send("goal.created", **CREATED, more="ignored")
    assert [event.payload() for event in done] == [CREATED]
