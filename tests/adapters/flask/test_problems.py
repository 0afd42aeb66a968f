"""Problems as HTTP responses (D10). Their statuses and texts are tested in tests/adapters/test_problems.py."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import blinker
import pytest
from werkzeug.test import TestResponse

from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.ports.errors import StoreUnavailable
from tests.builders import SESSION, STREAMER, a_body, a_transfer

from .site import REFUSED, DeadTaskQueue, Site, blocked, no_price, refusal


def test_refusal_is_a_problem_document_D10(site: Site) -> None:
    response = site.logged_out().post()
    assert response.status_code == 401
    assert response.content_type == "application/problem+json"
    assert response.json == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Log in first.",
        "code": "not_logged_in",
    }
    assert response.headers["Cache-Control"] == "no-store"
    assert "WWW-Authenticate" not in response.headers


def test_invalid_invitation_names_each_field_D6_D7(site: Site) -> None:
    response = site.post({"exp": 0, "duration": True, "price": 1})
    assert refusal(response) == (400, "invalid_invitation")
    assert response.get_json()["errors"] == {
        "price": "is not known here",
        "exp": "must be in the future",
        "duration": "must be a whole number of seconds from 1 to 21600",
    }


def test_blocked_viewer_gets_the_same_bytes_as_everybody_in_a_session_without_price_D10() -> None:
    one, other = Site(), Site()
    blocked(one)
    no_price(other)
    for send in (Site.post, Site.preview):
        answers = [send(one), send(other)]
        assert answers[0].data == answers[1].data
        assert answers[0].status == answers[1].status
        assert list(answers[0].headers) == list(answers[1].headers)


def test_retry_after_is_the_first_second_that_is_accepted_D13(site: Site) -> None:
    site.world.clock.advance(timedelta(milliseconds=1))
    REFUSED["cooldown"](site)
    response = site.post()
    assert (refusal(response), response.headers["Retry-After"]) == ((429, "cooldown"), "60")
    site.world.clock.advance(timedelta(seconds=60))
    assert site.post().status_code == 202


@pytest.mark.parametrize(
    ("send", "reason"),
    [
        (lambda site: site.logged_out().post(), "not_logged_in"),
        (lambda site: site.post(content_type="text/plain"), "unsupported_media_type"),
        (lambda site: site.post(b" " * 4_097), "body_too_large"),
        (lambda site: site.post(b"{"), "malformed_json"),
        (lambda site: REFUSED["own_session"](site) and site.post(), "own_session"),
    ],
)
def test_every_refused_request_leaves_one_trace_D28(
    site: Site, send: Callable[[Site], TestResponse], reason: str
) -> None:
    send(site)
    (trace,) = site.world.traces
    assert (trace.name, trace.outcome, trace.reason) == ("trigger_private_session", "refused", reason)
    assert (trace.steps[-1].name, trace.steps[-1].outcome) == (reason, "refused")
    assert trace.ids["session_id"] == SESSION
    assert trace.ids["viewer_id"] == (site.viewer and site.viewer.id)


@pytest.mark.parametrize("send", [Site.post, Site.report])
def test_a_broker_that_is_down_is_503_with_retry_after_D27(
    caplog: pytest.LogCaptureFixture, send: Callable[[Site], TestResponse]
) -> None:
    response = send(Site.of(task_queue=DeadTaskQueue()))
    assert refusal(response) == (503, "unavailable")
    assert response.headers["Retry-After"] == "5"
    assert "TaskQueueUnavailable: amqp://***@mq.example:5672 timed out" in caplog.text
    assert "hunter2" not in caplog.text + response.text


def test_a_full_queue_is_503_with_retry_after_and_one_line_in_the_log_D27(caplog: pytest.LogCaptureFixture) -> None:
    clock = MemoryClock()
    task_queue = MemoryTaskQueue(clock, max_backlog=1)
    task_queue.trigger(a_transfer())
    response = Site.of(clock=clock, task_queue=task_queue).post()
    assert (refusal(response), response.headers["Retry-After"]) == ((503, "overloaded"), "5")
    assert caplog.text == "", "only its trace: there are many of them"


@pytest.mark.parametrize(
    ("errors", "logged", "problem"),
    [
        ([StoreUnavailable("mongodb://app:hunter2@store/")], "StoreUnavailable: mongodb://", (503, "unavailable")),
        ([ValueError("one"), ExceptionGroup("g", [StoreUnavailable("two")])], "two", (503, "unavailable")),
        ([ValueError("one"), KeyError("two")], "two", (500, "internal_server_error")),
    ],
)
def test_failed_receivers_are_503_if_a_retry_may_help_and_else_500(
    caplog: pytest.LogCaptureFixture, errors: list[Exception], logged: str, problem: tuple[int, str]
) -> None:
    namespace = blinker.Namespace()
    site = Site.of(namespace=namespace).as_user(STREAMER)
    signal = namespace.signal("features.livestream")
    with ExitStack() as stack:
        for error in errors:
            stack.enter_context(signal.connected_to(partial(fail, error)))
        response = site.switch("sd")
    assert refusal(response) == problem
    assert response.headers.get("Retry-After") == ("5" if problem[0] == 503 else None)
    assert "hunter2" not in response.text + caplog.text
    assert type(errors[0]).__name__ in caplog.text
    assert logged in caplog.text


def fail(error: Exception, sender: str, **payload: object) -> None:
    raise error


@pytest.mark.parametrize("amount", [-1, 2**53, "90", 90.0, True])
def test_an_amount_that_is_no_amount_is_refused_D30(site: Site, amount: object) -> None:
    response = site.post({**a_body(), "amount": amount})
    assert refusal(response) == (400, "invalid_invitation")
    assert list(response.get_json()["errors"]) == ["amount"]


def test_a_changed_price_is_named_D30(site: Site) -> None:
    response = site.post(a_body(amount=80))
    assert refusal(response) == (409, "price_changed")
    assert response.get_json()["amount"] == 90
    assert site.post(a_body(amount=90)).get_json()["amount"] == 90


# --- Idempotency-Key ---


def keyed(key: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": key}}


def test_a_retry_with_the_same_key_gets_the_first_answer_D29(site: Site) -> None:
    first = site.post(**keyed('"a key"'.replace(" ", "-")))
    site.world.run_due()
    site.world.refuse(first.get_json()["goal_id"])

    again = site.post(**keyed("a-key"))
    assert (again.status_code, again.get_json()) == (202, first.get_json()), "quotes are no part of the key"
    assert refusal(site.post(**keyed("another"))) == (429, "cooldown")
    assert refusal(site.post(a_body(duration=91), **keyed("a-key"))) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", '""', "two words", "x" * 65, "\xe4"])
def test_a_key_that_is_none_is_named_D29(site: Site, key: str) -> None:
    response = site.post(**keyed(key))
    assert refusal(response) == (400, "invalid_invitation")
    assert list(response.get_json()["errors"]) == ["Idempotency-Key"]
