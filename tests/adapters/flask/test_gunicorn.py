"""The app under a real server: threads, chunked bodies, a fork before or after the app is loaded."""

from __future__ import annotations

import http.client
import json
import re
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.builders import VIEWER, a_body
from tests.servers.ports import free_port
from tests.servers.process import Process

from .site import PATH

ROOT = Path(__file__).parents[3]
HEADERS = {"Content-Type": "application/json", "X-Viewer": VIEWER}


@pytest.fixture(scope="module", params=[[], ["--preload"]], ids=["loaded after the fork", "loaded before the fork"])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket"]
    server = Process(
        [*command, *request.param, "tests.adapters.flask.wsgi:app"],
        tmp_path_factory.mktemp("gunicorn") / "gunicorn.log",
        cwd=ROOT,
    )
    try:
        server.wait_ready(lambda: ask(port, "GET", "/healthz")[0] == 200, deadline=60)
        yield port
    finally:
        server.stop()


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request(method, path, body, HEADERS | headers)
        response = connection.getresponse()
        return response.status, response.read().decode()


def test_route_under_gunicorn(port: int) -> None:
    body = json.dumps(a_body())
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: ask(port, "POST", PATH, body), range(16)))
    assert {status for status, _ in answers} == {202}
    assert len({answer for _, answer in answers}) == 1, "every thread knows the one goal (D2)"

    chunked = [iter([body[:9].encode(), body[9:].encode()]), iter([b" " * 1_000] * 5)]
    assert [ask(port, "POST", PATH, chunks)[0] for chunks in chunked] == [202, 413]
    assert ask(port, "POST", PATH, b"no hex\r\n", **{"Transfer-Encoding": "chunked"})[0] == 400
    assert ask(port, "GET", "/readyz")[0] == 200


LINE = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Viewer: {VIEWER}\r\nContent-Type: application/json\r\n"
BODY = json.dumps(a_body())
SECOND = f"{LINE}Content-Length: {len(BODY)}\r\n\r\n{BODY}"
CHUNK = f"{len(BODY):x}\r\n{BODY}\r\n"
RAW = [
    ("a body that breaks off", f"{LINE}Content-Length: 4000\r\n\r\n{BODY}", "incomplete_body"),
    ("a chunk that breaks off", f"{LINE}Transfer-Encoding: chunked\r\n\r\n{CHUNK[:20]}", "incomplete_body"),
    ("chunks without a last one", f"{LINE}Transfer-Encoding: chunked\r\n\r\n{CHUNK}", "incomplete_body"),
    ("a chunk without hex digits", f"{LINE}Transfer-Encoding: chunked\r\n\r\nno hex\r\n\r\n", "incomplete_body"),
    ("two lengths", f"{LINE}Content-Length: 0\r\nContent-Length: {len(BODY)}\r\n\r\n{BODY}", None),
    ("a negative length", f"{LINE}Content-Length: -1\r\n\r\n{BODY}", None),
    ("a length and chunks", f"{LINE}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SECOND}", None),
    ("chunks in disguise", f"{LINE}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{SECOND}", None),
    ("a header with a zero byte", f"{LINE}X-Forwarded-User: \0\r\nContent-Length: 2\r\n\r\n{{}}", None),
]
"""What no client library sends, and the code that the route refuses it with; None when the server does."""


def test_what_no_client_library_sends_is_refused_and_changes_nothing(port: int) -> None:
    before = ask(port, "GET", f"{PATH}?duration=90")
    for name, sent, code in RAW:
        answers = raw(port, sent)
        assert re.findall(r"^HTTP/1\.1 (\d+)", answers, re.MULTILINE)[:1] in (["400"], ["501"]), (name, answers)
        assert "HTTP/1.1 2" not in answers, f"{name}: nothing behind it is taken for a request"
        assert code is None or f'"code": "{code}"' in answers, (name, answers)
    assert ask(port, "GET", f"{PATH}?duration=90") == before
    assert "HTTP/1.1 202" in raw(port, SECOND), "which is as it should be, and accepted where it stands alone"


def test_a_header_with_an_underscore_is_not_the_one_with_a_dash_D8(port: int) -> None:
    poor = "71e0000000000000000000ff"
    assert ask(port, "POST", PATH, BODY, X_Viewer=poor)[0] == 202


def raw(port: int, sent: str) -> str:
    """Everything that the server says to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(sent.encode())
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
