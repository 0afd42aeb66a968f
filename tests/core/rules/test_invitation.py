"""The limits of an invitation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from show_goal.core.errors import InvalidInvitation
from show_goal.core.rules.invitation import check_invitation, duration_error, exp_error
from show_goal.core.settings import Settings
from tests.builders import NOW, an_invitation

SETTINGS = Settings()
UNIX = int(NOW.timestamp())


def check(settings: Settings = SETTINGS, **changes: Any) -> datetime:
    return check_invitation(an_invitation(**changes), NOW, settings)


def wrong(settings: Settings = SETTINGS, **changes: int) -> dict[str, str]:
    with pytest.raises(InvalidInvitation) as caught:
        check(settings, **changes)
    return caught.value.errors


@pytest.mark.parametrize("seconds", [1, 300, 3_600])
def test_exp_is_unix_time_from_the_next_second_to_max_ttl_D6(seconds: int) -> None:
    assert check(exp=UNIX + seconds) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("exp", "error"),
    [
        (UNIX, "must be in the future"),
        (UNIX - 1, "must be in the future"),
        (0, "must be in the future"),
        (-1, "must be in the future"),
        (UNIX + 3_601, "must be at most 3600 seconds ahead"),
        (UNIX * 1_000, "must be Unix time in whole seconds"),
        (10**400, "must be Unix time in whole seconds"),
    ],
)
def test_exp_that_is_past_or_too_far_ahead_is_refused_D6(exp: int, error: str) -> None:
    assert wrong(exp=exp) == {"exp": error}


def test_max_ttl_is_a_setting_D6() -> None:
    settings = Settings(max_ttl=timedelta(seconds=10))
    assert check(settings, exp=UNIX + 10) == NOW + timedelta(seconds=10)
    assert wrong(settings, exp=UNIX + 11) == {"exp": "must be at most 10 seconds ahead"}


@pytest.mark.parametrize("duration", [1, 21_600])
def test_duration_from_one_second_to_max_duration_is_accepted_D7(duration: int) -> None:
    check(duration=duration)


@pytest.mark.parametrize("duration", [0, -1, 21_601])
def test_duration_out_of_range_is_refused_D7(duration: int) -> None:
    assert wrong(duration=duration) == {"duration": "must be a whole number of seconds from 1 to 21600"}


def test_max_duration_is_a_setting_D7() -> None:
    assert wrong(Settings(max_duration=60), duration=61) == {
        "duration": "must be a whole number of seconds from 1 to 60"
    }


def test_every_wrong_field_is_named_at_once() -> None:
    assert set(wrong(exp=0, duration=0)) == {"exp", "duration"}


def test_a_missing_number_is_wrong_as_well() -> None:
    assert exp_error(None, NOW, SETTINGS) == "must be Unix time in whole seconds"
    assert duration_error(None, SETTINGS) == "must be a whole number of seconds from 1 to 21600"
