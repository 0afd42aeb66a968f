"""A value is validated when it is made, and the error names the field (D48)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from attrs import field, fields, frozen

from show_goal.core import model, money
from show_goal.core.model import Session, Viewer
from show_goal.core.money import Payment
from show_goal.core.settings import Settings
from show_goal.core.validation import InvalidValue, more_than, typed
from tests.builders import VIEWER, a_goal, a_hold, a_session, a_viewer

NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001


@frozen(kw_only=True, field_transformer=typed)
class Some:
    seconds: float = field(default=1.0, validator=more_than(0))
    key: str = field(default="", repr=False)


@pytest.mark.parametrize(
    ("make", "name", "wrong", "wanted"),
    [
        (Settings, "settle_delay", 5, "5: it must be a timedelta"),
        (Settings, "cooldown", timedelta(seconds=-1), "-1 s: it must be at least 0 s"),
        (Settings, "max_ttl", timedelta(0), "0 s: it must be at least 1 s"),
        (Settings, "sweep_limit", "x", "'x': it must be a whole number"),
        (Settings, "sweep_limit", True, "True: it must be a whole number"),
        (Settings, "sweep_time", timedelta(seconds=120), "120 s: it must be 1 s to 20 s"),
        (Settings, "sweep_time", timedelta(0), "0 s: it must be 1 s to 20 s"),
        (Settings, "max_duration", 0, "0: it must be at least 1"),
        (Settings, "tag_prefix", "", "'': it must be a text that is not empty"),
        (a_session, "active", 1, "1: it must be True or False"),
        (a_session, "pricing", {"sd": 59.9}, "{'sd': 59.9}: it must be a mapping of whole numbers"),
        (a_session, "pricing", {"sd": True}, "{'sd': True}: it must be a mapping of whole numbers"),
        (a_goal, "exp", NAIVE, f"{NAIVE!r}: it must be a datetime with a time zone or None"),
        (a_goal, "levels", "abc", "'abc': it must be a list or tuple"),
        (a_goal, "settlement", "released", "'released': it must be a Settlement or None"),
        (a_hold, "amount", -1, "-1: it must be at least 0"),
        (a_hold, "tags", "tag", "'tag': it must be a list or tuple of texts"),
        (Some, "seconds", True, "True: it must be a number"),
        (Some, "seconds", 0, "0: it must be more than 0"),
    ],
)
def test_wrong_value_is_refused_with_its_field_and_what_is_wanted(
    make: Callable[..., object], name: str, wrong: object, wanted: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        make(**{name: wrong})
    owner, _, said = str(refused.value).partition(".")
    assert owner == type(make()).__name__
    assert said == f"{name} is {wanted}"


@pytest.mark.parametrize(
    ("make", "name", "right"),
    [
        (Settings, "settle_delay", timedelta(0)),
        (Some, "seconds", 2),
        (a_session, "preset", None),
        (a_session, "pricing", {}),
        (a_goal, "exp", datetime(2026, 1, 1, tzinfo=UTC)),
        (a_goal, "levels", ()),
        (a_goal, "conditions", MappingProxyType({})),
    ],
)
def test_right_value_stays_as_it_is(make: Callable[..., object], name: str, right: object) -> None:
    assert getattr(make(**{name: right}), name) == right


def test_tags_become_a_set() -> None:
    assert a_viewer(tags=["vip", "vip"]).tags == {"vip"}


def test_secret_is_not_repeated() -> None:
    wrong: Any = b"hunter2"
    with pytest.raises(InvalidValue, match=r"^Some\.key is a bytes: it must be a text$"):
        Some(key=wrong)


@pytest.mark.parametrize("kind", [Settings, Viewer, Session, Session.TriggerPrivateGoal, model.Goal, money.Hold])
def test_every_field_is_validated(kind: Any) -> None:
    assert [each.name for each in fields(kind) if each.validator is None] == []


@pytest.mark.parametrize(("payment_id", "user_id"), [("", VIEWER), ("t1", ""), ("t1", "no such id!")])
def test_a_payment_names_itself_and_a_user_F13_D48(payment_id: str, user_id: str) -> None:
    with pytest.raises(InvalidValue):
        Payment(id=payment_id, user_id=user_id, amount=1)


def test_a_payments_user_has_one_form_D48() -> None:
    assert Payment(id="t1", user_id=VIEWER.upper(), amount=1).user_id == VIEWER
