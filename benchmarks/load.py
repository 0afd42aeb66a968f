"""The load: as many connections as asked for, each kept alive and each used by a thread that waits for its answer.

A process of its own (``python -m benchmarks.load``): a plan on stdin, what came of it on stdout, both JSON. It speaks
HTTP itself, in as few words as will do: any client library takes more of the machine than the store does.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from threading import Barrier, Lock, Thread
from time import perf_counter, time

from attrs import asdict, frozen

ROOT = Path(__file__).parents[1]
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@frozen
class Plan:
    """``seconds``: how long to go round the sessions; None: each session once."""

    port: int
    session_ids: list[str]
    viewer_ids: list[str]
    duration: int
    connections: int
    seconds: float | None


@frozen
class Outcome:
    """Requests that were answered 202, in so many seconds; any other answer is an error."""

    requests: int
    seconds: float
    p50_ms: float
    p95_ms: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def run(plan: Plan) -> Outcome:
    """Run the plan in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load"]
    done = subprocess.run(
        command, input=json.dumps(asdict(plan)), cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return Outcome(**json.loads(done.stdout))


class Load:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sessions: Iterator[str] = iter(plan.session_ids) if plan.seconds is None else cycle(plan.session_ids)
        self._viewers = cycle(plan.viewer_ids)
        self._body = json.dumps({"exp": int(time()) + 1_800, "duration": plan.duration})
        self._next = Lock()
        self._together = Barrier(plan.connections + 1)
        self.latencies: list[float] = []
        self.errors: list[str] = []

    def run(self) -> Outcome:
        threads = [Thread(target=self._ask, daemon=True) for _ in range(self._plan.connections)]
        for thread in threads:
            thread.start()
        self._together.wait()
        self._begin = perf_counter()
        for thread in threads:
            thread.join()
        seconds = perf_counter() - self._begin
        if self.errors:
            raise SystemExit(f"{len(self.errors)} errors, the first: {self.errors[0]}")
        ordered = sorted(self.latencies)
        p50, p95 = (ordered[int(len(ordered) * part)] * 1_000 for part in (0.5, 0.95))
        return Outcome(requests=len(ordered), seconds=seconds, p50_ms=p50, p95_ms=p95)

    def _ask(self) -> None:
        with socket.create_connection(("127.0.0.1", self._plan.port), timeout=30) as connection:
            self._together.wait()
            began = perf_counter()
            try:
                while self._plan.seconds is None or perf_counter() - began < self._plan.seconds:
                    with self._next:
                        session_id, viewer_id = next(self._sessions, None), next(self._viewers)
                    if session_id is None:
                        return
                    self._request(connection, session_id, viewer_id)
            except OSError as error:
                self.errors.append(repr(error))

    def _request(self, connection: socket.socket, session_id: str, viewer_id: str) -> None:
        request = (
            f"POST /sessions/{session_id}/trigger_private HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Viewer: {viewer_id}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(self._body)}\r\n\r\n{self._body}"
        )
        asked = perf_counter()
        connection.sendall(request.encode())
        answer = _answer(connection)
        self.latencies.append(perf_counter() - asked)
        if not answer.startswith("HTTP/1.1 202 "):
            self.errors.append(answer)


def _answer(connection: socket.socket) -> str:
    """Of the three apps, each of which says how long its body is."""
    received = b""
    while True:
        part = connection.recv(65_536)
        if not part:
            raise ConnectionError("the connection was closed")
        received += part
        head, _, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if length and len(body) >= int(length[1]):
            return received.decode()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(Load(Plan(**json.load(sys.stdin))).run())))
