"""HTTP load from a process of its own (``python -m benchmarks.load``): a plan on stdin, the outcome on stdout.

Each thread keeps one connection alive and waits for each response. It writes HTTP itself, because any client library
takes more of the machine than the store does.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from math import inf
from threading import Barrier, Lock
from time import perf_counter, time

from attrs import asdict, frozen

from . import ROOT

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@frozen
class Plan:
    """``seconds``: how long to go round the sessions. None: each session once."""

    port: int
    session_ids: list[str]
    viewer_ids: list[str]
    duration: int
    connections: int
    seconds: float | None


@frozen
class Outcome:
    """How many requests were answered with 202, and in how many seconds. Any other response is an error."""

    requests: int
    seconds: float


def run(plan: Plan) -> Outcome:
    command = [sys.executable, "-m", "benchmarks.load"]
    done = subprocess.run(command, input=json.dumps(asdict(plan)), cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Outcome(**json.loads(done.stdout))


def _load(plan: Plan) -> Outcome:
    sessions = plan.session_ids if plan.seconds is None else cycle(plan.session_ids)
    pairs, one_at_a_time = zip(sessions, cycle(plan.viewer_ids), strict=False), Lock()
    together = Barrier(plan.connections + 1, timeout=60)
    body = json.dumps({"exp": int(time()) + 1_800, "duration": plan.duration})

    def next_pair() -> tuple[str, str] | None:
        with one_at_a_time:
            return next(pairs, None)

    def ask() -> int:
        answered = 0
        with socket.create_connection(("127.0.0.1", plan.port), timeout=30) as connection:
            together.wait()
            end = perf_counter() + (plan.seconds or inf)
            while perf_counter() < end and (pair := next_pair()):
                _post(connection, *pair, body)
                answered += 1
        return answered

    with ThreadPoolExecutor(plan.connections) as pool:
        asking = [pool.submit(ask) for _ in range(plan.connections)]
        together.wait()
        began = perf_counter()
        return Outcome(requests=sum(one.result() for one in asking), seconds=perf_counter() - began)


def _post(connection: socket.socket, session_id: str, viewer_id: str, body: str) -> None:
    request = (
        f"POST /sessions/{session_id}/trigger_private HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Viewer: {viewer_id}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    connection.sendall(request.encode())
    received = b""
    while not _whole(received):
        part = connection.recv(65_536)
        if not part:
            raise ConnectionError("the connection was closed")
        received += part
    if not received.startswith(b"HTTP/1.1 202 "):
        raise RuntimeError(received.decode())


def _whole(response: bytes) -> bool:
    head, _, body = response.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return length is not None and len(body) >= int(length[1])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_load(Plan(**json.load(sys.stdin))))))
