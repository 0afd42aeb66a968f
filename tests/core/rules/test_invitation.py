from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from show_goal.core.errors import InvalidInvitation
from show_goal.core.rules.invitation import check_invitation, duration_error, exp_error, no_time_to_answer
from show_goal.core.settings import Settings
from tests.builders import NOW, an_invitation

SETTINGS = Settings()
SOON = Settings(min_ttl=timedelta(seconds=1), max_ttl=timedelta(seconds=10))
SHORT = Settings(max_duration=60)
UNIX = int(NOW.timestamp())


def check(settings: Settings = SETTINGS, **changes: Any) -> datetime:
    return check_invitation(an_invitation(**changes), NOW, settings)


def wrong(settings: Settings = SETTINGS, **changes: int) -> dict[str, str]:
    with pytest.raises(InvalidInvitation) as caught:
        check(settings, **changes)
    return caught.value.errors


@pytest.mark.parametrize(
    ("settings", "seconds"), [(SOON, 1), (SETTINGS, 10), (SETTINGS, 300), (SETTINGS, 3_600), (SOON, 10)]
)
def test_exp_is_unix_time_from_the_next_second_to_max_ttl_D6(settings: Settings, seconds: int) -> None:
    assert check(settings, exp=UNIX + seconds) == NOW + timedelta(seconds=seconds)
    assert exp_error(UNIX + seconds, NOW, settings) is None


@pytest.mark.parametrize(
    ("settings", "ahead", "least"),
    [(SETTINGS, 9.999, 10), (SETTINGS, 1, 10), (Settings(min_ttl=timedelta(seconds=90)), 89.999, 90)],
)
def test_exp_nearer_than_min_ttl_is_refused_unless_it_is_a_repeat_D31(
    settings: Settings, ahead: float, least: int
) -> None:
    now = NOW - timedelta(seconds=ahead)
    error = {"exp": f"must be at least {least} seconds ahead"}

    assert check_invitation(an_invitation(exp=UNIX), now, settings) == NOW, "the use case knows whether it is a repeat"
    assert {"exp": exp_error(UNIX, now, settings)} == error
    refusal = no_time_to_answer(NOW, now, settings)
    assert refusal is not None
    assert refusal.errors == error
    assert no_time_to_answer(NOW, NOW - timedelta(seconds=least), settings) is None


@pytest.mark.parametrize(
    ("settings", "exp", "error"),
    [
        (SETTINGS, UNIX, "must be in the future"),
        (SETTINGS, UNIX - 1, "must be in the future"),
        (SETTINGS, 0, "must be in the future"),
        (SETTINGS, -1, "must be in the future"),
        (SETTINGS, UNIX + 3_601, "must be at most 3600 seconds ahead"),
        (SOON, UNIX + 11, "must be at most 10 seconds ahead"),
        (SETTINGS, UNIX * 1_000, "must be Unix time in whole seconds"),
        (SETTINGS, 10**400, "must be Unix time in whole seconds"),
    ],
)
def test_exp_in_the_past_or_too_far_ahead_is_refused_D6(settings: Settings, exp: int, error: str) -> None:
    assert wrong(settings, exp=exp) == {"exp": error}


@pytest.mark.parametrize(("settings", "duration"), [(SETTINGS, 1), (SETTINGS, 21_600), (SHORT, 60)])
def test_duration_from_one_second_to_max_duration_is_accepted_D7(settings: Settings, duration: int) -> None:
    check(settings, duration=duration)


@pytest.mark.parametrize(
    ("settings", "duration", "most"),
    [(SETTINGS, 0, 21_600), (SETTINGS, -1, 21_600), (SETTINGS, 21_601, 21_600), (SHORT, 61, 60)],
)
def test_duration_out_of_range_is_refused_D7(settings: Settings, duration: int, most: int) -> None:
    assert wrong(settings, duration=duration) == {"duration": f"must be a whole number of seconds from 1 to {most}"}


def test_every_wrong_field_is_named_at_once() -> None:
    assert set(wrong(exp=0, duration=0)) == {"exp", "duration"}


def test_missing_number_is_wrong_as_well() -> None:
    assert exp_error(None, NOW, SETTINGS) == "must be Unix time in whole seconds"
    assert duration_error(None, SETTINGS) == "must be a whole number of seconds from 1 to 21600"
