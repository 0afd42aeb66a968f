from __future__ import annotations

import pytest

from show_goal.adapters.environment import Environment


def test_everything_wrong_is_named_at_once() -> None:
    environment = Environment({"SHOW_GOAL_COOLDOWN": "soon", "SHOW_GOAL_PUSHER_SSL": "maybe", "SHOW_GOAL_MAX_TTL": "0"})

    environment.required("MONGODB_URI", "where the database is")
    environment.number("COOLDOWN", 60)
    environment.number("MAX_TTL", 3_600)
    environment.flag("PUSHER_SSL", True)

    assert environment.problems == [
        "SHOW_GOAL_MONGODB_URI is not set: where the database is",
        "SHOW_GOAL_COOLDOWN is 'soon': it must be a whole number of at least 1",
        "SHOW_GOAL_MAX_TTL is '0': it must be a whole number of at least 1",
        "SHOW_GOAL_PUSHER_SSL is 'maybe': it must be true or false",
    ]


def test_what_is_set_is_read() -> None:
    environment = Environment(
        {"SHOW_GOAL_A": "text", "SHOW_GOAL_B": " 7 ", "SHOW_GOAL_C": "No", "SHOW_GOAL_D": "0", "OTHER": "x"}
    )

    assert environment.required("A", "") == "text"
    assert environment.text("A", "") == "text"
    assert environment.number("B", 1) == 7
    assert environment.number("D", 1, least=0) == 0
    assert environment.flag("C", True) is False
    assert environment.problems == []


def test_secrets_are_read_one_by_one_and_never_repeated() -> None:
    environment = Environment({"SHOW_GOAL_A": " first-secret , second-secret", "SHOW_GOAL_B": "hunter2,,long-enough"})

    assert environment.secrets("A", least=6) == ("first-secret", "second-secret")
    assert environment.secrets("C", least=6) == ()
    assert environment.problems == []

    environment.secrets("B", least=10)
    assert environment.problems == [
        "SHOW_GOAL_B: key 1 has fewer than 10 characters",
        "SHOW_GOAL_B: key 2 has fewer than 10 characters",
    ]


@pytest.mark.parametrize("environ", [{}, {"SHOW_GOAL_A": ""}])
def test_what_is_not_set_or_empty_has_its_default(environ: dict[str, str]) -> None:
    environment = Environment(environ)

    assert (environment.text("A", "x"), environment.number("A", 5), environment.flag("A", True)) == ("x", 5, True)
    assert environment.problems == []
