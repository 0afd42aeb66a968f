"""A small client of the Pusher protocol: it hears what a browser hears."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

from attrs import frozen
from websocket import WebSocket, WebSocketException, WebSocketTimeoutException, create_connection

DEADLINE = 30.0
KEEP_ALIVE = 30.0
"""Seconds of silence after which a client pings: the server hangs up after 120."""
_LOOPBACK = ["127.0.0.1", "localhost"]
_REFUSED = "pusher:subscription_error"


@frozen
class Event:
    name: str
    channel: str | None
    data: Any


class PusherSubscriber:
    """Signs its own subscriptions, as an authorization endpoint does for a browser.

    ``url`` is the address of the HTTP API, with its credentials: ``http://key:secret@host:port/apps/app_id``.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._key, self._secret = parts.username or "", parts.password or ""
        self._address = f"{_websocket_origin(url)}/app/{self._key}?protocol=7&client=test&version=1"
        self._socket: WebSocket | None = None
        self._thread: threading.Thread | None = None
        self._news = threading.Condition()
        self._received: list[Event] = []
        self._pending: list[Event] = []
        self._lost = False
        self.socket_id = ""

    def connect(self) -> None:
        self._lost = False
        self._socket = create_connection(self._address, timeout=DEADLINE, http_no_proxy=_LOOPBACK)
        self._socket.settimeout(KEEP_ALIVE)
        self._thread = threading.Thread(target=self._listen, args=[self._socket], daemon=True)
        self._thread.start()
        established = self.wait_for("pusher:connection_established", None)
        self.socket_id = established.data["socket_id"]

    def subscribe(self, channel: str, user_id: str | None = None) -> Event:
        """Returns the server's confirmation; a presence channel needs a `user_id`."""
        data = {"channel": channel}
        if channel.startswith("presence-"):
            data["channel_data"] = json.dumps({"user_id": user_id})
        if channel.startswith(("private-", "presence-")):
            data["auth"] = self._authorization(*data.values())
        return self._subscribe(data)

    def subscribe_with(self, channel: str, auth: str, channel_data: str | None = None) -> Event:
        """Subscribe with the response of an authorization endpoint. PermissionError if the server refuses it."""
        data = {"channel": channel, "auth": auth}
        return self._subscribe(data if channel_data is None else {**data, "channel_data": channel_data})

    def _subscribe(self, data: dict[str, str]) -> Event:
        channel = data["channel"]
        self._send("pusher:subscribe", data)
        answer = self._take({"pusher_internal:subscription_succeeded", _REFUSED}, channel, DEADLINE)
        if answer.name == _REFUSED:
            raise PermissionError(f"{channel}: {answer.data}")
        return answer

    def unsubscribe(self, channel: str) -> None:
        self._send("pusher:unsubscribe", {"channel": channel})

    def wait_for(self, event: str, channel: str | None, deadline: float = DEADLINE) -> Event:
        """The next event of this name that no earlier call returned. TimeoutError with what came instead."""
        return self._take({event}, channel, deadline)

    def close(self) -> None:
        if self._socket is None or self._thread is None:
            return
        if stream := self._socket.sock:
            with suppress(OSError):  # Wakes the listening thread, even if the server hangs.
                stream.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close(timeout=0)
        if stream:
            stream.close()  # The client leaves open what the server has closed.

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _take(self, names: set[str], channel: str | None, deadline: float) -> Event:
        def find() -> Event | None:
            matches = (event for event in self._pending if event.name in names and event.channel == channel)
            return next(matches, None)

        with self._news:
            self._news.wait_for(lambda: self._lost or find(), deadline)
            found = find()
            if found is None:
                state = "lost the connection" if self._lost else f"heard nothing for {deadline:g} s"
                raise TimeoutError(f"{sorted(names)} on {channel}: {state}; received: {self._received}")
            self._pending.remove(found)
            return found

    def _send(self, event: str, data: object) -> None:
        if self._socket is None:
            raise RuntimeError("not connected")
        self._socket.send(json.dumps({"event": event, "data": data}))

    def _authorization(self, *signed: str) -> str:
        message = ":".join([self.socket_id, *signed])
        return f"{self._key}:{hmac.new(self._secret.encode(), message.encode(), hashlib.sha256).hexdigest()}"

    def _listen(self, connection: WebSocket) -> None:
        with suppress(OSError, WebSocketException):
            while text := self._next(connection):
                self._hear(_event(json.loads(text)))
        with self._news:
            self._lost = True
            self._news.notify_all()

    def _next(self, connection: WebSocket) -> str | bytes:
        while True:
            try:
                return connection.recv()
            except WebSocketTimeoutException:
                self._send("pusher:ping", {})

    def _hear(self, event: Event) -> None:
        if event.name == "pusher:ping":
            self._send("pusher:pong", {})
            return
        with self._news:
            self._received.append(event)
            self._pending.append(event)
            self._news.notify_all()


def _event(message: dict[str, Any]) -> Event:
    """Data comes as JSON inside JSON, or as a plain string if that is what was triggered."""
    data = message.get("data")
    if isinstance(data, str):
        with suppress(ValueError):
            data = json.loads(data)
    return Event(message["event"], message.get("channel"), data)


def _websocket_origin(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.endswith((".pusher.com", ".pusherapp.com")):  # The hosted service has one host for each side.
        host = "ws" + host.removeprefix("api")
    port = f":{parts.port}" if parts.port else ""
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{host}{port}"
