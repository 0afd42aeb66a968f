"""What an attacker sends. Each attack must be refused and change nothing, with any adapter behind the ports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen
from werkzeug.test import TestResponse

from tests.builders import GOAL, SESSION, STREAMER, a_body

from .site import CALLBACK, FORM, Site, a_report_body

OPERATORS: tuple[object, ...] = (
    {"$gt": ""},
    {"$ne": None},
    {"$where": "sleep(1000) || true"},
    {"$regex": ".*"},
    {"$oid": SESSION},
    [{"$gt": ""}],
)
"""A store would take them for a query, where text or a number is expected."""
BEYOND = (2**53, 2**63, -(2**63) - 1, 10**30)
"""Whole numbers that some readers round, or cannot store."""
NO_IDS = (
    "%7B%22$gt%22:%22%22%7D",
    "[$gt]",
    "%D9%A1" * 24,  # digits of another script
    "%EF%BC%91" * 24,  # full width
    "%00" * 24,
    f"{SESSION}%00",
    f"{SESSION}%0A",
    f"{SESSION}%E2%80%AE",  # from right to left
    f"{SESSION}/..",
    "..%2F" + SESSION,
    "%ED%A0%80" * 8,  # half a surrogate
    "a" * 10_000,
)


@frozen
class Attack:
    name: str
    send: Callable[[Site], TestResponse]

    def __str__(self) -> str:
        return self.name


def attacks() -> Iterator[Attack]:
    yield from _on_a_body("invitation", a_body(), lambda site, body: site.post(body))
    yield from _on_a_body("answer", {"agree": True}, lambda site, body: site.as_user(STREAMER).answer(GOAL, body))
    yield from _on_a_body("report", a_report_body(), lambda site, body: site.report(body))
    yield from _on_a_form()
    yield from _in_an_address()


def _on_a_body(name: str, valid: dict[str, Any], send: Callable[[Site, Any], TestResponse]) -> Iterator[Attack]:
    def attack(kind: str, body: object) -> Attack:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Attack(f"{name}: {kind}"[:80], lambda site: send(site, data))

    for field in valid:
        for value in (*OPERATORS, *BEYOND):
            changed = {**valid, field: value}
            yield attack(f"{field} {value}", changed)
        yield attack(f"{field} is half a surrogate", json.dumps({**valid, field: "\ud800"}).encode())
        yield attack(f"{field} is nested", {**valid, field: _nested(300)})
    for value in OPERATORS:
        yield attack(f"is {value}", value)
    if "tags" in valid:
        yield from (attack(f"a tag is {value}", {**valid, "tags": [value]}) for value in OPERATORS)
    else:  # only the wallet may add fields
        for key in ("$where", "viewer_id", "from_user_id", "user", "g.user.id", "__proto__", "constructor"):
            yield attack(f"with {key}", {**valid, key: "x"})
    yield attack("a key is half a surrogate", {**valid, "\udfff": 1})
    yield attack("deep", b"[" * 60_000)
    yield attack("deep, and closed", b"[" * 30_000 + b"]" * 30_000)
    yield attack("objects in objects", b'{"a":' * 10_000 + b"1" + b"}" * 10_000)
    yield attack("a very long number", b'{"exp":' + b"9" * 60_000 + b"}")
    yield attack("a megabyte", b" " * 1_000_000)
    yield attack("very many keys", json.dumps({str(number): number for number in range(100_000)}).encode())


def _nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def _on_a_form() -> Iterator[Attack]:
    def attack(form: str) -> Attack:
        return Attack(f"form: {form[:60]}", lambda site: site.listen(data=form, content_type=FORM))

    channel = f"channel_name=private-stream@{STREAMER}"
    yield attack(f"socket_id[$gt]=&{channel}")
    yield attack(f"socket_id=1.1&channel_name[$ne]={STREAMER}")
    yield attack(f"socket_id=1.1%3A{channel}&{channel}")
    yield attack(f"socket_id=1.1&{channel}&channel_name=private-user@{STREAMER}")
    yield attack(f"socket_id=1.1&channel_name=private-user@{STREAMER}")
    yield attack("socket_id=1.1&channel_name=private-user@%ED%A0%80")
    yield attack("socket_id=1.1&channel_name=private-user@%00")
    yield attack(f"socket_id=%D9%A1.1&{channel}")
    yield attack(f"socket_id={'1' * 4_000}.1&{channel}")
    yield attack("&".join(f"a{number}=1" for number in range(100_000)))


def _in_an_address() -> Iterator[Attack]:
    def attack(method: str, path: str) -> Attack:
        options: dict[str, Any] = {"data": json.dumps(a_body()), "content_type": "application/json"}
        return Attack(f"{method} {path[:70]}", lambda site: site.client.open(path, method=method, **options))

    for no_id in NO_IDS:
        yield attack("POST", f"/sessions/{no_id}/trigger_private")
        yield attack("GET", f"/sessions/{no_id}/trigger_private?duration=90")
        yield attack("GET", f"/goals/{no_id}")
        yield attack("DELETE", f"/goals/{no_id}")
    for preset in ("%7B%22$gt%22:%22%22%7D", "SD", "sd%00", "hd", "sd/preview", "$set"):
        yield attack("PATCH", f"/streams/me/preset/{preset}")
    for query in ("duration[$gt]=", "duration=%7B%22$gt%22:0%7D", f"duration={2**53}", "duration=%ED%A0%80"):
        yield attack("GET", f"/sessions/{SESSION}/trigger_private?{query}")
    yield attack("POST", f"{CALLBACK}/../../sessions/{SESSION}/trigger_private")
