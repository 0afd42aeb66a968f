"""A notifier for the in-memory page: server-sent events instead of Pusher."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Lock

from attrs import field, frozen

from show_goal.ports.notifier import Notification

RECONNECT_MS = 500
KEEP_ALIVE = 15.0
"""Seconds of silence after which a comment is sent, to find closed connections."""


@frozen(eq=False)
class Stream:
    """One browser's open connection. None in the queue ends it."""

    channels: frozenset[str]
    queue: SimpleQueue[str | None] = field(factory=SimpleQueue)

    def __iter__(self) -> Iterator[str]:
        yield f"retry: {RECONNECT_MS}\n\n"
        while True:
            try:
                message = self.queue.get(timeout=KEEP_ALIVE)
            except Empty:
                message = ": still here\n\n"
            if message is None:
                return
            yield message


class ServerSentEvents:
    """``show_goal.ports.notifier.Notifier`` for browsers that are connected to this process. Thread-safe."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()
        self._lock = Lock()

    def notify(self, notification: Notification) -> None:
        payload = notification.encode()
        with self._lock:
            for stream in self._streams:
                for channel in [name for name in notification.channels if name in stream.channels]:
                    head = json.dumps({"event": notification.event, "channel": channel})
                    stream.queue.put(f'data: {head[:-1]}, "payload": {payload}}}\n\n')

    def listen(self, channels: Sequence[str]) -> Iterator[str]:
        """The channels' events from now on, until either side closes the connection."""
        stream = Stream(frozenset(channels))
        with self._lock:
            self._streams.add(stream)
        return self._until_closed(stream)

    def close_all(self) -> None:
        """End every connection. Browsers reconnect, and miss what is sent in between."""
        with self._lock:
            for stream in self._streams:
                stream.queue.put(None)

    def _until_closed(self, stream: Stream) -> Iterator[str]:
        try:
            yield from stream
        finally:
            with self._lock:
                self._streams.discard(stream)
