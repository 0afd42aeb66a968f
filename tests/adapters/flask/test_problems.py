"""Every refusal's problem document, byte for byte (D10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.adapters.problems import REFUSALS
from show_goal.core.messages import Message
from show_goal.core.model import Session, ShowGoalPair
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import GOAL, NOW, SESSION, STREAMER, a_body, a_session, a_viewer
from tests.world import World

from .site import Site


def not_logged_in(site: Site) -> TestResponse:
    site.viewer = None
    return site.post()


def unsupported_media_type(site: Site) -> TestResponse:
    return site.post(content_type="text/plain")


def body_too_large(site: Site) -> TestResponse:
    return site.post(b" " * 4_097)


def malformed_json(site: Site) -> TestResponse:
    return site.post(b"{")


def incomplete_body(site: Site) -> TestResponse:
    return site.post(b"{}", environ_overrides={"CONTENT_LENGTH": "3"})


def session_not_found(site: Site) -> TestResponse:
    site.world.sessions.add(a_session(active=False))
    return site.post()


def own_session(site: Site) -> TestResponse:
    site.viewer = a_viewer(id=STREAMER)
    return site.post()


def blocked(site: Site) -> TestResponse:
    site.viewer = a_viewer(tags=[f"blocked-by:{STREAMER}"])
    return site.post()


def no_price(site: Site) -> TestResponse:
    site.world.sessions.add(a_session(pricing={}))
    return site.post()


def show_running(site: Site) -> TestResponse:
    site.world.sessions.add(a_session(show_goal_pair=ShowGoalPair(funding_goal="f")))
    return site.post()


def cooldown(site: Site) -> TestResponse:
    ended = Session.TriggerPrivateGoal(goal="g", goal_ended=NOW)
    site.world.sessions.add(a_session(trigger_private_goal=ended))
    return site.post()


def insufficient_balance(site: Site) -> TestResponse:
    return site.post(a_body(duration=21_600))


def transaction_conflict(site: Site) -> TestResponse:
    site.post()
    site.world.run_due()
    return site.post(a_body(duration=120))


def goal_not_found(site: Site) -> TestResponse:
    return site.goal(GOAL)


def goal_ended(site: Site) -> TestResponse:
    goal_id = site.post().get_json()["goal_id"]
    site.world.run_due()
    site.world.refuse(goal_id)
    return site.as_user(STREAMER).answer(goal_id)


def bad_signature(site: Site) -> TestResponse:
    return site.report({}, key="nobody's")


def channel_forbidden(site: Site) -> TestResponse:
    return site.listen(f"private-user@{STREAMER}")


PINNED: list[tuple[Callable[[Site], TestResponse], int, str, str, str]] = [
    (not_logged_in, 401, "Unauthorized", "Log in first.", "not_logged_in"),
    (
        unsupported_media_type,
        415,
        "Unsupported Media Type",
        "The body must be application/json.",
        "unsupported_media_type",
    ),
    (
        body_too_large,
        413,
        "Request Entity Too Large",
        "The body must have at most 4096 bytes.",
        "body_too_large",
    ),
    (incomplete_body, 400, "Bad Request", "The body broke off; send the whole of it.", "incomplete_body"),
    (malformed_json, 400, "Bad Request", "The body must be JSON in UTF-8, each key once.", "malformed_json"),
    (session_not_found, 404, "Not Found", "No active session has this id.", "session_not_found"),
    (own_session, 403, "Forbidden", "You cannot invite yourself to a private show.", "own_session"),
    (blocked, 403, "Forbidden", "No private show can be had in this session.", "private_show_unavailable"),
    (no_price, 403, "Forbidden", "No private show can be had in this session.", "private_show_unavailable"),
    (show_running, 403, "Forbidden", "Wait until the show, or its funding, has ended.", "show_running"),
    (
        cooldown,
        429,
        "Too Many Requests",
        "The session rests after its last private invitation; see Retry-After.",
        "cooldown",
    ),
    (insufficient_balance, 403, "Forbidden", "Your balance does not cover the price.", "insufficient_balance"),
    (
        transaction_conflict,
        409,
        "Conflict",
        "You have joined this private show already, at another price.",
        "transaction_conflict",
    ),
    (goal_not_found, 404, "Not Found", "No goal of yours has this id.", "goal_not_found"),
    (goal_ended, 409, "Conflict", "The goal has ended already.", "goal_ended"),
    (channel_forbidden, 403, "Forbidden", "This channel is not yours to listen on.", "channel_forbidden"),
    (bad_signature, 401, "Unauthorized", "The body must be signed with a valid key.", "bad_signature"),
]
WITH_ERRORS = {
    "invalid_invitation": "The invitation is not valid; errors names each field.",
    "invalid_subscription": "The subscription is not valid; errors names each field.",
    "invalid_answer": "The answer is not valid; errors names each field.",
    "invalid_transaction": "The transaction is not valid; errors names each field.",
}
"""400, each with the fields that are wrong."""


@pytest.mark.parametrize(("refuse", "status", "title", "detail", "code"), PINNED)
def test_refusal_is_this_problem_D10(
    site: Site, refuse: Callable[[Site], TestResponse], status: int, title: str, detail: str, code: str
) -> None:
    response = refuse(site)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.json == {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
    assert "WWW-Authenticate" not in response.headers


def test_invalid_invitation_names_each_field_D6_D7(site: Site) -> None:
    response = site.post({"exp": 0, "duration": True, "price": 1})
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert response.json == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "The invitation is not valid; errors names each field.",
        "code": "invalid_invitation",
        "errors": {
            "price": "is not known here",
            "exp": "must be in the future",
            "duration": "must be a whole number of seconds from 1 to 21600",
        },
    }


def test_blocked_viewer_cannot_tell_from_a_session_without_price_D10() -> None:
    answers = [blocked(Site()), no_price(Site())]
    assert answers[0].data == answers[1].data
    assert answers[0].status == answers[1].status
    assert list(answers[0].headers) == list(answers[1].headers)


def test_trace_keeps_the_true_reason_D10(site: Site) -> None:
    blocked(site)
    assert site.world.trace("trigger_private_session")["reason"] == "blocked"


@pytest.mark.parametrize(
    ("passed", "seconds"),
    [(0, "60"), (0.001, "60"), (1, "59"), (58.999, "2"), (59, "1"), (59.999, "1")],
)
def test_retry_after_is_the_rest_of_the_cooldown_in_whole_seconds_rounded_up_D13(
    site: Site, passed: float, seconds: str
) -> None:
    site.world.clock.advance(timedelta(seconds=passed))
    response = cooldown(site)
    assert (response.status_code, response.headers["Retry-After"]) == (429, seconds)


def test_accepted_at_the_moment_that_retry_after_promises_D13(site: Site) -> None:
    wait = int(cooldown(site).headers["Retry-After"])
    site.world.clock.advance(timedelta(seconds=wait))
    assert site.post().status_code == 202


@pytest.mark.parametrize(
    ("refuse", "reason"),
    [
        (not_logged_in, "not_logged_in"),
        (unsupported_media_type, "unsupported_media_type"),
        (body_too_large, "body_too_large"),
        (malformed_json, "malformed_json"),
        (own_session, "own_session"),
    ],
)
def test_every_request_leaves_one_trace_D28(site: Site, refuse: Callable[[Site], TestResponse], reason: str) -> None:
    refuse(site)
    (trace,) = site.world.traces
    assert (trace.name, trace.outcome, trace.reason) == ("trigger_private_session", "refused", reason)
    assert (trace.steps[-1].name, trace.steps[-1].outcome) == (reason, "refused")
    assert trace.ids["session_id"] == SESSION
    assert trace.ids["viewer_id"] == (site.viewer and site.viewer.id)


class FailingTaskQueue(MemoryTaskQueue):
    """A broker that is down until it is repaired."""

    down = True

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        if self.down:
            raise TaskQueueUnavailable("amqp://show:hunter2@mq.example:5672 timed out")
        super().trigger(message, eta=eta)


def test_broker_that_does_not_answer_is_503_with_retry_after_D27(caplog: pytest.LogCaptureFixture) -> None:
    response = Site(World.make(task_queue=FailingTaskQueue(MemoryClock()))).post()
    assert response.status_code == 503
    assert response.content_type == "application/problem+json"
    assert response.headers["Retry-After"] == "5"
    assert response.json == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "Please repeat the request; nobody is charged twice.",
        "code": "unavailable",
    }
    assert "TaskQueueUnavailable: amqp://***@mq.example:5672 timed out" in caplog.text
    assert "hunter2" not in caplog.text


def test_same_request_succeeds_once_the_broker_is_back_D27() -> None:
    task_queue = FailingTaskQueue(MemoryClock())
    site = Site(World.make(task_queue=task_queue))
    assert site.post().status_code == 503
    task_queue.down = False
    assert site.post().status_code == 202
    assert [queued.message.name for queued in task_queue.queued()] == ["create_goal", "transfer"]


def test_every_public_code_is_pinned_above() -> None:
    assert {code for *_, code in PINNED} | WITH_ERRORS.keys() == REFUSALS.keys()
    assert {code: REFUSALS[code] for code in WITH_ERRORS} == {code: (400, text) for code, text in WITH_ERRORS.items()}
