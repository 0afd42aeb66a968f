"""A host's own guards: when they run, and that what is not understood lets nobody pass (D32, D48)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from show_goal.core.errors import HostRefusal, InsufficientBalance, LivestreamTriggerQuotaExceeded
from show_goal.core.model import Session, Viewer
from show_goal.core.rules.host_guards import host_guard_problems, refusals_of
from tests.builders import GOAL, NOW, SESSION, VIEWER, a_session
from tests.world import World


class NotToday(HostRefusal):
    code = reason = "not_today"
    detail = "Come back tomorrow."


class NotYou(HostRefusal):
    code = reason = "not_you"
    detail = "Somebody else may."


class Nameless(HostRefusal):
    """Without a code."""


def today(viewer: Viewer, session: Session, duration: int, now: datetime) -> NotToday | None:
    return NotToday() if duration > 100 else None


def nobody(viewer: Viewer, session: Session, duration: int, now: datetime) -> NotYou:
    return NotYou()


def either(viewer: Viewer, session: Session, duration: int, now: datetime) -> NotYou | NotToday | None:
    return None


class Callables:
    def method(self, viewer: Viewer, session: Session, duration: int, now: datetime) -> NotYou | None:
        return None

    def __call__(self, viewer: Viewer, session: Session, duration: int, now: datetime) -> NotYou | None:
        return None


async def later(viewer: Viewer, session: Session, duration: int, now: datetime) -> NotYou | None:
    return NotYou()


def test_guards_run_in_order_between_the_seeds_and_the_balance_D32() -> None:
    world = World.make(host_guards=[today, nobody])
    poor = "71e0000000000000000000ff"
    for duration, refusal in ((101, NotToday), (100, NotYou)):
        with pytest.raises(refusal):
            world.invite(poor, duration=duration)
    guards = world.steps("trigger_private_session", "guard")
    assert guards[-3:] == [("cooldown", "passed"), ("not_today", "passed"), ("not_you", "refused")]
    world.sessions.add(a_session(trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL, goal_ended=NOW)))
    with pytest.raises(LivestreamTriggerQuotaExceeded):
        world.invite(poor, duration=101)


def test_who_passes_them_is_asked_for_the_balance_D32() -> None:
    world = World.make(host_guards=(today, either, Callables(), Callables().method, partial(today)))
    assert world.invite().amount == 90
    with pytest.raises(InsufficientBalance):
        world.invite("71e0000000000000000000ff", duration=30)


def test_they_are_previewed_D32() -> None:
    world = World.make(host_guards=[today])
    refused = world.container.preview_trigger_private()(SESSION, Viewer(id=VIEWER), 101).refusal
    assert isinstance(refused, NotToday)


@pytest.mark.parametrize("verdict", [True, False, "", "no", 0, NotYou, NotYou(), ValueError()])
def test_a_verdict_that_is_none_lets_nobody_pass_D48(verdict: Any) -> None:
    def odd(viewer: Viewer, session: Session, duration: int, now: datetime) -> NotToday | None:
        return verdict  # type: ignore[no-any-return]

    world = World.make(host_guards=[odd])
    with pytest.raises(TypeError, match="odd returned"):
        world.invite()
    assert world.messages() == []


def test_a_guard_that_fails_lets_nobody_pass_D48() -> None:
    def broken(viewer: Viewer, session: Session, duration: int, now: datetime) -> NotToday | None:
        raise LookupError("its facts are not there")

    world = World.make(host_guards=[broken])
    with pytest.raises(LookupError):
        world.invite()
    assert world.messages() == []


@pytest.mark.parametrize(
    ("host_guard", "refusals"),
    [
        (today, (NotToday,)),
        (nobody, (NotYou,)),
        (either, (NotYou, NotToday)),
        (Callables(), (NotYou,)),
        (Callables().method, (NotYou,)),
        (partial(partial(nobody)), (NotYou,)),
    ],
)
def test_the_annotation_names_the_refusals_D32(
    host_guard: Callable[..., Any], refusals: tuple[type[HostRefusal], ...]
) -> None:
    assert refusals_of(host_guard) == refusals


def nameless(viewer: Viewer, session: Session, duration: int, now: datetime) -> Nameless | None:
    return None


def silent(viewer, session, duration, now):  # type: ignore[no-untyped-def]
    return None


def boolean(viewer: Viewer, session: Session, duration: int, now: datetime) -> bool:
    return True


def void(viewer: Viewer, session: Session, duration: int, now: datetime) -> None:
    """Never refuses."""


@pytest.mark.parametrize(
    ("wrong", "named"),
    [(nameless, "nameless"), (silent, "silent"), (boolean, "boolean"), (void, "void"), (later, "later"), (7, "")],
)
def test_a_guard_that_does_not_say_what_it_refuses_is_named_D48(wrong: Any, named: str) -> None:
    (problem,) = host_guard_problems("host_guards", [today, wrong], [])
    assert problem.startswith("host_guards: ")
    assert named in problem


def test_a_code_is_one_refusals_D32() -> None:
    class Same(HostRefusal):
        code = reason = "not_today"
        detail = "Another one."

    def same(viewer: Viewer, session: Session, duration: int, now: datetime) -> NotYou | None:
        return None

    same.__annotations__["return"] = Same
    assert host_guard_problems("host_guards", [today, today], []) == []
    assert len(host_guard_problems("host_guards", [today, same], [])) == 1
    assert host_guard_problems("host_guards", [today], ["not_today"]) == [
        "host_guards: the code not_today of NotToday is taken"
    ]
