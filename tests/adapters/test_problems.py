"""The problem of each error, without a web framework."""

from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.adapters.problems import Problem, problem_of
from show_goal.core.errors import GoalUnknown, InvalidAnswer, LivestreamTriggerQuotaExceeded, OwnSession
from show_goal.ports.errors import StoreUnavailable
from tests.builders import NOW


def test_refusal_is_a_problem_document() -> None:
    assert problem_of(OwnSession(), NOW).document() == {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "You cannot invite yourself to a private show.",
        "code": "own_session",
    }


def test_invalid_request_names_each_field() -> None:
    document = problem_of(InvalidAnswer({"agree": "must be true or false"}), NOW).document()
    assert (document["status"], document["errors"]) == (400, {"agree": "must be true or false"})


@pytest.mark.parametrize(("seconds", "wait"), [(-1, 1), (0.2, 1), (1.001, 2)])
def test_cooldown_says_when_to_retry_in_whole_seconds_rounded_up(seconds: float, wait: int) -> None:
    problem = problem_of(LivestreamTriggerQuotaExceeded(NOW + timedelta(seconds=seconds)), NOW)
    assert (problem.status, problem.retry_after) == (429, wait)


@pytest.mark.parametrize(
    "error",
    [StoreUnavailable("db"), ExceptionGroup("g", [ValueError(), ExceptionGroup("g", [StoreUnavailable("db")])])],
)
def test_an_unavailable_store_is_worth_repeating_also_among_failed_receivers(error: Exception) -> None:
    problem = problem_of(error, NOW)
    assert (problem.status, problem.code, problem.retry_after) == (503, "unavailable", 5)


@pytest.mark.parametrize("error", [GoalUnknown(), ValueError(), ExceptionGroup("g", [ValueError()])])
def test_error_that_is_not_meant_for_clients_is_raised_again(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        problem_of(error, NOW)
    assert caught.value is error


def test_title_of_413_is_the_same_on_every_python() -> None:
    assert Problem(status=413, code="x", detail=None).document()["title"] == "Request Entity Too Large"
