from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from show_goal.core.errors import InvalidInvitation
from show_goal.core.rules.invitation import parse_invitation
from show_goal.core.settings import Settings
from tests.builders import NOW, a_body

SETTINGS = Settings()
UNIX = int(NOW.timestamp())


def parse(body: object, settings: Settings = SETTINGS) -> tuple[datetime, int]:
    return parse_invitation(body, NOW, settings)


def test_exp_is_unix_time_in_whole_seconds_utc_D6() -> None:
    assert parse({"exp": UNIX + 300, "duration": 90}) == (NOW + timedelta(seconds=300), 90)


@pytest.mark.parametrize("exp", [UNIX + 1, UNIX + 3_600])
def test_exp_from_the_next_second_to_max_ttl_is_accepted_D6(exp: int) -> None:
    until, _ = parse(a_body(exp=exp))

    assert until.timestamp() == exp


@pytest.mark.parametrize(
    "exp", [UNIX, UNIX - 1, 0, -1, UNIX + 3_601, UNIX * 1_000, 10**400, UNIX + 0.5, str(UNIX + 300), True, None, [], {}]
)
def test_exp_that_is_past_too_far_or_no_whole_number_is_refused_D6(exp: Any) -> None:
    with pytest.raises(InvalidInvitation) as caught:
        parse(a_body(exp=exp))

    assert list(caught.value.errors) == ["exp"]


def test_exp_in_milliseconds_is_told_to_be_in_seconds_D6() -> None:
    with pytest.raises(InvalidInvitation, match="must be Unix time in whole seconds"):
        parse(a_body(exp=UNIX * 1_000))


def test_max_ttl_is_a_setting_D6() -> None:
    settings = Settings(max_ttl=timedelta(seconds=10))

    assert parse(a_body(exp=UNIX + 10), settings) == (NOW + timedelta(seconds=10), 90)
    with pytest.raises(InvalidInvitation, match="at most 10 seconds ahead"):
        parse(a_body(exp=UNIX + 11), settings)


@pytest.mark.parametrize("duration", [1, 21_600])
def test_duration_from_one_second_to_max_duration_is_accepted_D7(duration: int) -> None:
    _, seconds = parse(a_body(duration=duration))

    assert seconds == duration


@pytest.mark.parametrize("duration", [0, -1, 21_601, 1.0, "60", True, None, [60]])
def test_duration_out_of_range_or_no_whole_number_is_refused_D7(duration: Any) -> None:
    with pytest.raises(InvalidInvitation) as caught:
        parse(a_body(duration=duration))

    assert list(caught.value.errors) == ["duration"]


def test_max_duration_is_a_setting_D7() -> None:
    with pytest.raises(InvalidInvitation, match="from 1 to 60"):
        parse(a_body(duration=61), Settings(max_duration=60))


def test_unknown_keys_are_refused_D7() -> None:
    with pytest.raises(InvalidInvitation) as caught:
        parse(a_body(amount=0, viewer_id="x"))

    assert caught.value.errors == {"amount": "is not known here", "viewer_id": "is not known here"}


@pytest.mark.parametrize("body", [None, [], "text", 1, True])
def test_body_that_is_no_object_is_refused(body: object) -> None:
    with pytest.raises(InvalidInvitation, match="must be a JSON object"):
        parse(body)


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(InvalidInvitation) as caught:
        parse({"x": 1})

    assert set(caught.value.errors) == {"x", "exp", "duration"}
