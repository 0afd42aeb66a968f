"""Pusher Channels through its official client: one call of its HTTP API for each notification."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from json import JSONDecodeError
from operator import methodcaller
from typing import Any

from attrs import frozen
from pusher import Pusher
from pusher.errors import PusherBadAuth, PusherBadRequest, PusherBadStatus, PusherError, PusherForbidden
from pusher.http import process_response
from pusher.requests import CERT_PATH
from pusher.util import validate_channel
from requests import PreparedRequest, RequestException
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies

from ...ports.channel_authorizer import ChannelPass
from ...ports.errors import NotificationRefused, NotifierUnavailable
from ...ports.notifier import Notification
from .settings import PusherSettings

# With a signature from a log, somebody could send the same event again for ten minutes.
_SIGNATURE = re.compile(r"\b[0-9a-f]{64}\b")
_LONGEST_REASON = 500
CHANNELS_A_CALL = 100
"""Pusher takes at most this many channels in one call."""

_REFUSED_FOR = {
    PusherBadRequest: "the request is not valid",
    PusherBadAuth: "check key, secret and this machine's clock",
    PusherForbidden: "check in Pusher's dashboard whether the app is disabled or over its quota",
}
_REFUSED_WITH = {
    "404": "check app id, cluster and host",
    "413": "the event is too large",
}


class PusherNotifier:
    """``notify`` makes one attempt for each hundred channels, within the timeouts. The task repeats it (D19, D21).

    Connects at the first notification and keeps the connection. Threads and forked processes may share a notifier.
    """

    def __init__(self, settings: PusherSettings) -> None:
        self._settings = settings
        self._processes: dict[int, _Process] = {}

    def notify(self, notification: Notification) -> None:
        data = _Data(notification.encode())
        channels = [channel for channel in notification.channels if _takes(channel)]
        for first in range(0, len(channels), CHANNELS_A_CALL):
            some = channels[first : first + CHANNELS_A_CALL]
            self._call(notification.id, methodcaller("trigger", some, notification.event, data))
        if len(channels) < len(notification.channels):
            odd = [channel for channel in notification.channels if not _takes(channel)]
            shown = ", ".join(map(repr, odd))[:_LONGEST_REASON]
            raise NotificationRefused(f"Pusher cannot take the channels {shown} of {notification.id}", odd)

    def check(self) -> None:
        """Ask for the occupied channels, signed as an event would be. Nobody hears it. Raises as ``notify`` does."""
        self._call("a question", methodcaller("channels_info", prefix_filter="presence-show-goal-check"))

    def close(self) -> None:
        """Close this process' connection. The next notification opens a new one."""
        process = self._processes.pop(os.getpid(), None)
        if process is not None:
            process.connections.close()

    def _call(self, what: str, call: Callable[[Pusher], object]) -> None:
        try:
            call(self._client())
        except PusherError as error:
            raise self._answered(what, error) from None
        except (RequestException, JSONDecodeError) as error:
            raise NotifierUnavailable(self._sentence("did not take", what, error)) from None
        except (ValueError, TypeError) as error:  # the client's own checks, before anything is sent
            raise NotificationRefused(self._sentence("cannot take", what, error)) from None

    def _client(self) -> Pusher:
        """One for each process: a child must not write into a connection that its parent opened before the fork."""
        pid = os.getpid()
        process = self._processes.get(pid) or self._processes.setdefault(pid, _process(self._settings))
        return process.client

    def _answered(self, what: str, error: PusherError) -> NotificationRefused | NotifierUnavailable:
        advice = _advice(error)
        if advice is None:
            return NotifierUnavailable(self._sentence("did not take", what, error))
        return NotificationRefused(f"{self._sentence('refused', what, error)}; {advice}")

    def _sentence(self, verb: str, what: str, error: Exception) -> str:
        where = self._settings.host or self._settings.cluster or "mt1"
        reason = _SIGNATURE.sub("***", str(error))[:_LONGEST_REASON]
        return f"Pusher ({where}, app {self._settings.app_id}) {verb} {what}: {type(error).__name__}: {reason}"


class PusherChannelAuthorizer:
    """Signs with the app's secret and connects to nothing. Threads and forked processes may share it."""

    def __init__(self, settings: PusherSettings) -> None:
        self._client = Pusher(app_id=settings.app_id, key=settings.key, secret=settings.secret)

    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        signed = self._client.authenticate(channel, socket_id, None if member is None else {"user_id": member})
        return ChannelPass(auth=signed["auth"], channel_data=signed.get("channel_data"))


@frozen
class _Process:
    """The client of one process, and the connections under it."""

    client: Pusher
    connections: HTTPAdapter


def _process(settings: PusherSettings) -> _Process:
    connections = HTTPAdapter()
    client = Pusher(
        app_id=settings.app_id,
        key=settings.key,
        secret=settings.secret,
        ssl=settings.ssl,
        host=settings.host,
        port=settings.port,
        cluster=settings.cluster,
        timeout=settings.timeout,  # pyright: ignore[reportArgumentType] (the client hands it on to requests)
        backend=partial(_Backend, connections=connections, proxied=not settings.loopback),
    )
    return _Process(client, connections)


class _Backend:
    """Sends the client's requests, without redirects.

    The client's own backend reads the environment for a proxy and ``~/.netrc`` for a password at each request, which
    takes longer than the request. Here the machine's proxy is looked up once.
    """

    def __init__(self, client: Any, *, connections: HTTPAdapter, proxied: bool) -> None:
        where = f"{client.scheme}://{client.host}:{client.port}"
        self._proxies = get_environ_proxies(where) if proxied else {}
        self._connections = connections
        self._timeout = client.timeout

    def send_request(self, request: Any) -> Any:
        prepared = PreparedRequest()
        prepared.method, prepared.url, prepared.body = request.method, request.url, request.body
        prepared.headers = CaseInsensitiveDict({**request.headers, "Content-Length": str(len(request.body))})
        answer = self._connections.send(prepared, timeout=self._timeout, verify=CERT_PATH, proxies=self._proxies)
        return process_response(answer.status_code, answer.text)


def _takes(channel: str) -> bool:
    """The client's own check, which would refuse the whole call."""
    try:
        validate_channel(channel)
    except ValueError:
        return False
    return True


def _advice(error: PusherError) -> str | None:
    """What to check if the answer is final, else None. The client keeps some statuses only in its text."""
    if isinstance(error, PusherBadStatus):
        return _REFUSED_WITH.get(str(error).partition(":")[0])
    return _REFUSED_FOR.get(type(error))


class _Data(str):
    """A payload whose size is its bytes in UTF-8, as Pusher counts.

    The client uses ``sys.getsizeof``, which counts four bytes a character as soon as there is one emoji: it would
    refuse payloads of 7,700 bytes.
    """

    __slots__ = ()

    def __sizeof__(self) -> int:
        return len(self.encode())
