"""FastAPI and Django answer every request as Flask does: to each, the same requests in the same world."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import blinker
import pytest

from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.ports.errors import StoreUnavailable
from tests.adapters.flask.site import (
    CALLBACK,
    FORM,
    KEY,
    MISSING,
    PATH,
    SIGNATURE,
    DeadTaskQueue,
    a_report_body,
    signature,
)
from tests.builders import GOAL, SESSION, STREAMER, VIEWER, a_body, a_goal, a_transfer
from tests.world import World

from .frameworks import Answered, Ask, Asked, in_django, in_fastapi, in_flask, the_fastapi_example

JSON = {"Content-Type": "application/json"}


def invite(body: object = None, **changes: Any) -> Asked:
    data = body if isinstance(body, bytes) else json.dumps(a_body() if body is None else body).encode()
    headers = {**JSON, **changes.pop("headers", {})}
    return Asked(**{"method": "POST", "path": PATH, "user": VIEWER, "data": data, "headers": headers, **changes})


def preview(query: str = "duration=90", **changes: Any) -> Asked:
    return Asked(**{"method": "GET", "path": f"{PATH}?{query}", "user": VIEWER, **changes})


def answer(body: object, **changes: Any) -> Asked:
    return invite(body, **{"method": "DELETE", "path": f"/goals/{GOAL}", "user": STREAMER, **changes})


def switch(preset: str = "sd", user: str = STREAMER) -> Asked:
    return Asked(method="PATCH", path=f"/streams/me/preset/{preset}", user=user)


def listen(form: str, user: str = VIEWER) -> Asked:
    return Asked(method="POST", path="/pusher/auth", user=user, data=form.encode(), headers={"Content-Type": FORM})


def report(body: object = None, key: str = KEY, **headers: str) -> Asked:
    data = body if isinstance(body, bytes) else json.dumps(a_report_body() if body is None else body).encode()
    return Asked(method="POST", path=CALLBACK, data=data, headers={SIGNATURE: signature(data, key), **JSON, **headers})


def goal(goal_id: str = GOAL) -> Asked:
    return Asked(method="GET", path=f"/goals/{goal_id}", user=STREAMER)


def keyed(key: str, **changes: Any) -> Asked:
    return invite(a_body(**changes), headers={"Idempotency-Key": key})


ASKED: dict[str, tuple[list[Asked], tuple[int, str | None]]] = {
    "an invitation": ([invite()], (202, None)),
    "an id in upper case": ([invite(path=PATH.replace(SESSION, SESSION.upper()))], (202, None)),
    "a preview": ([preview()], (200, None)),
    "a goal": ([goal()], (200, None)),
    "an answer": ([answer({"agree": True})], (202, None)),
    "a switch": ([switch()], (200, None)),
    "a subscription": ([listen(f"socket_id=1.1&channel_name=private-user@{VIEWER}")], (200, None)),
    "a report": ([report()], (200, None)),
    "a key repeated": ([keyed("k"), keyed("k")], (202, None)),
    "nobody": ([invite(user="")], (401, "not_logged_in")),
    "nobody's preview": ([preview(user="")], (401, "not_logged_in")),
    "no media type": ([invite(headers={"Content-Type": "text/plain"})], (415, "unsupported_media_type")),
    "malformed JSON": ([invite(b'{"exp": NaN}')], (400, "malformed_json")),
    "a key twice": ([invite(b'{"exp": 1, "exp": 2, "duration": 90}')], (400, "malformed_json")),
    "no body": ([invite(b"")], (400, "malformed_json")),
    "no object": ([invite([])], (400, "invalid_invitation")),
    "unknown keys": ([invite({**a_body(), "price": 1})], (400, "invalid_invitation")),
    "wrong types": ([invite({"exp": "1", "duration": True})], (400, "invalid_invitation")),
    "a body too large": ([invite(b" " * 70_000)], (413, "body_too_large")),
    "a body broken off": ([invite(b"{}", headers={"Content-Length": "3"})], (400, "incomplete_body")),
    "no number": ([preview("duration=x")], (400, "invalid_invitation")),
    "two numbers": ([preview("duration=90&duration=60")], (400, "invalid_invitation")),
    "no session": ([invite(path=MISSING)], (404, "session_not_found")),
    "the streamer": ([invite(user=STREAMER)], (403, "own_session")),
    "no money": ([invite(user="poor")], (403, "insufficient_balance")),
    "another price": ([invite(a_body(amount=80))], (409, "price_changed")),
    "a key reused": ([keyed("k"), keyed("k", duration=91)], (422, "idempotency_key_reused")),
    "no key": ([keyed("two words")], (400, "invalid_invitation")),
    "a wrong answer": ([answer({"agree": 1})], (400, "invalid_answer")),
    "another's goal": ([answer({"agree": True}, user=VIEWER)], (404, "goal_not_found")),
    "a socket twice": ([listen("socket_id=1.1&socket_id=2.2&channel_name=x")], (400, "invalid_subscription")),
    "another's channel": ([listen(f"socket_id=1.1&channel_name=private-user@{STREAMER}")], (403, "channel_forbidden")),
    "a bad signature": ([report(key="another")], (401, "bad_signature")),
    "a report of another shape": ([report({})], (400, "invalid_transaction")),
    "a report too large": ([report(b" " * 70_000)], (413, "body_too_large")),
}


def in_every_framework(make: Callable[[], World], asked: list[Asked]) -> Answered:
    """The last answer, which is the same in all."""
    answers: list[list[Answered]] = []
    for serve in (in_flask, in_fastapi, in_django):
        ask: Ask = serve(make())
        answers.append([ask(each) for each in asked])
    in_flasks, in_fastapis, in_djangos = answers
    assert in_fastapis == in_flasks
    assert in_djangos == in_flasks
    return in_flasks[-1]


def a_world(**replaced: Any) -> World:
    """A goal waits for its answer."""
    world = World.make(**{"wallet_keys": [KEY], **replaced})
    world.goals.insert(a_goal())
    return world


@pytest.mark.parametrize("name", ASKED)
def test_another_framework_answers_as_flask_does(name: str) -> None:
    asked, expected = ASKED[name]
    last = in_every_framework(a_world, asked)
    assert (last.status, last.code()) == expected


def full() -> World:
    clock = MemoryClock()
    task_queue = MemoryTaskQueue(clock, max_backlog=1)
    task_queue.trigger(a_transfer())
    return a_world(clock=clock, task_queue=task_queue)


def cooling_down() -> World:
    world = World.make()
    invited = world.invite()
    world.run_due()
    world.refuse(invited.goal_id)
    return world


def failing(error: Exception, name: str) -> World:
    namespace = blinker.Namespace()
    world = a_world(namespace=namespace)

    def fail(sender: str, **payload: object) -> None:
        raise error

    namespace.signal(name).connect(fail, weak=False)
    return world


@pytest.mark.parametrize(
    ("make", "asked", "expected", "wait"),
    [
        (lambda: a_world(task_queue=DeadTaskQueue()), invite(), (503, "unavailable"), "5"),
        (lambda: a_world(task_queue=DeadTaskQueue()), report(), (503, "unavailable"), "5"),
        (full, invite(), (503, "overloaded"), "5"),
        (cooling_down, invite(), (429, "cooldown"), "60"),
        (partial(failing, StoreUnavailable("mongodb"), "features.livestream"), switch(), (503, "unavailable"), "5"),
        (partial(failing, KeyError("x"), "ext.wallet"), report(), (503, "unavailable"), "5"),
    ],
    ids=["no broker", "no broker for a report", "a full queue", "cooldown", "receivers", "receivers of a report"],
)
def test_another_framework_says_when_to_come_again_as_flask_does(
    make: Callable[[], World], asked: Asked, expected: tuple[int, str], wait: str
) -> None:
    last = in_every_framework(make, [asked])
    assert (last.status, last.code()) == expected
    assert last.headers["Retry-After"] == wait


@pytest.mark.parametrize("serve", [in_fastapi, in_django])
@pytest.mark.parametrize("asked", [goal(goal_id="x"), switch("hd"), invite(path=PATH + "x")])
def test_an_address_that_is_none_is_404(serve: Callable[[World], Ask], asked: Asked) -> None:
    world = a_world()
    assert serve(world)(asked).status == 404
    assert world.sessions.get(SESSION).preset != "hd"


@pytest.mark.parametrize("serve", [in_flask, in_fastapi, in_django])
def test_an_error_that_no_client_is_told_of_is_the_hosts(serve: Callable[[World], Ask]) -> None:
    ask = serve(failing(KeyError("x"), "features.livestream"))
    if serve is in_flask:
        assert ask(switch()).status == 500
        return
    with pytest.raises(ExceptionGroup, match="receiver"):
        ask(switch())


@pytest.mark.parametrize(("parts", "read"), [([b"ab", b"cd", b"ef"], b"abcdef"), ([b"x" * 40_000] * 3, b"x" * 80_000)])
def test_fastapi_reads_a_body_in_parts_and_not_on_when_it_is_too_large(parts: list[bytes], read: bytes) -> None:
    class Request:
        async def stream(self) -> AsyncIterator[bytes]:
            for part in parts:
                yield part

    with ThreadPoolExecutor(1) as thread:  # Playwright leaves a loop running in the tests' own thread
        assert thread.submit(asyncio.run, the_fastapi_example().first_bytes(Request())).result() == read
