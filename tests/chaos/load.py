"""HTTP load at a given rate, whatever the answers are. A request's time counts from when it is due.

It writes HTTP itself, because any client library takes more of the machine than the web process does.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from random import Random
from time import time

from attrs import define, field, frozen

EXP_AHEAD = 30
DURATION = 90
ASKERS = 8
OUTSTANDING = 100
"""Invitations that wait while the workers are kept busy: enough for them, and no reason to refuse."""
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_RETRY_AFTER = re.compile(rb"\r\nretry-after: \d+\r\n", re.IGNORECASE)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@frozen
class Guest:
    """A viewer who can pay, and a session into which nobody else invites."""

    session_id: str
    viewer_id: str


@frozen(kw_only=True)
class Asked:
    """One invitation. ``due`` and ``exp`` are Unix times; the answer took ``seconds``. Status 0: no answer came."""

    guest: Guest
    due: float
    exp: int
    seconds: float
    status: int
    retry_after: bool

    @property
    def in_order(self) -> bool:
        return self.status == 202 or (self.status == 503 and self.retry_after)


def moments(rate: float, seconds: float) -> list[float]:
    """When invitations are due, in seconds from the start: at random, as people come, but the same in every run."""
    random = Random(rate)

    def endless() -> Iterator[float]:
        moment = 0.0
        while True:
            moment += random.expovariate(rate)
            yield moment

    return list(takewhile(lambda moment: moment < seconds, endless()))


@define
class Client:
    """Keeps connections alive, and opens another one when all are busy."""

    port: int
    _idle: list[Streams] = field(factory=list)

    async def offer(self, guests: Sequence[Guest], due: Sequence[float]) -> list[Asked]:
        """A guest asks at each moment."""
        began, asking = time(), list[asyncio.Task[Asked]]()
        for guest, moment in zip(guests, due, strict=True):
            await asyncio.sleep(max(began + moment - time(), 0))
            asking.append(asyncio.create_task(self.ask(guest, began + moment)))
        asked = await asyncio.gather(*asking)
        self.close()
        return asked

    async def keep_busy(self, guests: Iterator[Guest], seconds: float, created: Callable[[], int]) -> None:
        """Guests ask whenever fewer than ``OUTSTANDING`` wait for their goals. ``created`` counts these."""
        end, asked, done = time() + seconds, 0, 0

        async def ask() -> None:
            nonlocal asked
            while time() < end:
                if asked - done >= OUTSTANDING:
                    await asyncio.sleep(0.01)
                    continue
                asked += 1
                if (await self.ask(next(guests), time())).status != 202:
                    asked -= 1
                    await asyncio.sleep(0.1)

        async def look() -> None:
            nonlocal done
            while time() < end:
                done = await asyncio.to_thread(created)
                await asyncio.sleep(0.1)

        await asyncio.gather(look(), *(ask() for _ in range(ASKERS)))
        self.close()

    async def ask(self, guest: Guest, due: float) -> Asked:
        exp = int(due) + EXP_AHEAD
        body = json.dumps({"exp": exp, "duration": DURATION})
        request = (
            f"POST /sessions/{guest.session_id}/trigger_private HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"X-User-Id: {guest.viewer_id}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        head = b""
        while self._idle and not head:  # the server may have closed one meanwhile
            head = await self._send(self._idle.pop(), request)
        head = head or await self._send(await asyncio.open_connection("127.0.0.1", self.port), request)
        return Asked(
            guest=guest,
            due=due,
            exp=exp,
            seconds=time() - due,
            status=int(head[9:12] or 0),
            retry_after=_RETRY_AFTER.search(head) is not None,
        )

    async def _send(self, streams: Streams, request: bytes) -> bytes:
        """The head of the response; nothing if the connection broke."""
        reader, writer = streams
        with suppress(OSError, asyncio.IncompleteReadError):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            self._idle.append(streams)
            return head
        writer.close()
        return b""

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()
