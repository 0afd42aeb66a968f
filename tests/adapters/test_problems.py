"""The problem of each error, without a web framework."""

from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.adapters.problems import REFUSALS, UNAVAILABLE, Problem, problem_of
from show_goal.core.errors import GoalUnknown, InvalidAnswer, LivestreamTriggerQuotaExceeded, OwnSession
from show_goal.ports.errors import StoreUnavailable, TaskQueueFull
from tests.builders import NOW


def test_every_code_has_this_status_and_detail_D10() -> None:
    """Clients rely on them. ``{...}`` is filled in from the refusal."""
    assert REFUSALS == {
        "not_logged_in": (401, "Log in first."),
        "unsupported_media_type": (415, "The body must be {wanted}."),
        "body_too_large": (413, "The body must have at most {limit} bytes."),
        "incomplete_body": (400, "The body broke off; send the whole of it."),
        "malformed_json": (400, "The body must be JSON in UTF-8, each key once."),
        "invalid_invitation": (400, "The invitation is not valid; errors names each field."),
        "overloaded": (503, "Too many invitations just now; please repeat yours later."),
        "session_not_found": (404, "No active session has this id."),
        "own_session": (403, "You cannot invite yourself to a private show."),
        "private_show_unavailable": (403, "No private show can be had in this session."),
        "show_running": (403, "Wait until the show, or its funding, has ended."),
        "cooldown": (429, "The session rests after its last private invitation; see Retry-After."),
        "goal_ending": (409, "The ongoing invitation is about to end; see Retry-After."),
        "insufficient_balance": (403, "Your balance does not cover the price."),
        "transaction_conflict": (409, "You have joined this private show already, for another duration or price."),
        "idempotency_key_reused": (422, "You have sent another invitation with this Idempotency-Key."),
        "request_under_way": (409, "Your first request with this Idempotency-Key has no answer yet; repeat it later."),
        "price_changed": (409, "The price has changed; amount says what it is now."),
        "goal_not_found": (404, "No goal of yours has this id."),
        "not_paid": (409, "The viewer could not pay, so the invitation is void."),
        "session_over": (409, "The session is over, so there can be no show."),
        "goal_ended": (409, "The goal has ended already."),
        "invalid_answer": (400, "The answer is not valid; errors names each field."),
        "invalid_subscription": (400, "The subscription is not valid; errors names each field."),
        "channel_forbidden": (403, "This channel is not yours to listen on."),
        "bad_signature": (401, "The body must be signed with a valid key."),
        "invalid_transaction": (400, "The transaction is not valid; errors names each field."),
    }
    assert UNAVAILABLE.detail == "Please repeat the request; nobody is charged twice."


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (400, "Bad Request"),
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (404, "Not Found"),
        (409, "Conflict"),
        (413, "Request Entity Too Large"),  # on every Python: 3.13 has new words
        (415, "Unsupported Media Type"),
        (422, "Unprocessable Entity"),
        (429, "Too Many Requests"),
        (503, "Service Unavailable"),
    ],
)
def test_title_is_the_status_in_words(status: int, title: str) -> None:
    assert Problem(status=status, code="x", detail=None).document()["title"] == title


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


@pytest.mark.parametrize(("seconds", "wait"), [(-1, 1), (0.001, 1), (1, 1), (1.001, 2), (59, 59), (59.999, 60)])
def test_cooldown_says_when_to_retry_in_whole_seconds_rounded_up_D13(seconds: float, wait: int) -> None:
    problem = problem_of(LivestreamTriggerQuotaExceeded(NOW + timedelta(seconds=seconds)), NOW)
    assert (problem.status, problem.retry_after) == (429, wait)


@pytest.mark.parametrize(
    "error",
    [StoreUnavailable("db"), ExceptionGroup("g", [ValueError(), ExceptionGroup("g", [StoreUnavailable("db")])])],
)
def test_an_unavailable_store_is_worth_repeating_also_among_failed_receivers(error: Exception) -> None:
    problem = problem_of(error, NOW)
    assert (problem.status, problem.code, problem.retry_after) == (503, "unavailable", 5)


def test_a_full_queue_is_worth_repeating_later_D27() -> None:
    problem = problem_of(TaskQueueFull("500 wait"), NOW)
    assert (problem.status, problem.code, problem.retry_after) == (503, "overloaded", 5)


@pytest.mark.parametrize("error", [GoalUnknown(), ValueError(), ExceptionGroup("g", [ValueError()])])
def test_error_that_is_not_meant_for_clients_is_raised_again(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        problem_of(error, NOW)
    assert caught.value is error
