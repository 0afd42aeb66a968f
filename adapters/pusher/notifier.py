"""``notify`` as one call to Pusher's HTTP API."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from json import JSONDecodeError
from typing import Any

from pusher import Pusher
from pusher.errors import PusherBadAuth, PusherBadRequest, PusherBadStatus, PusherError, PusherForbidden
from requests import RequestException

from ...ports.errors import NotificationRefused, NotifierUnavailable
from ...ports.notifier import Notification
from .settings import PusherSettings

# Whoever reads a signature in a log could send the same event again for ten minutes.
_SIGNATURE = re.compile(r"\b[0-9a-f]{64}\b")
_LONGEST_REASON = 500

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
    """Each ``notify`` is one attempt, bounded by the timeouts: the task that sends is what repeats it (D19, D21).

    Connects at the first notification and keeps the connection. Safe to share among threads and across forks.
    """

    def __init__(self, settings: PusherSettings) -> None:
        self._settings = settings
        self._clients: dict[int, Pusher] = {}

    def notify(self, notification: Notification) -> None:
        data = _Data(notification.encode())
        self._call(
            notification.id, lambda: self._client().trigger(list(notification.channels), notification.event, data)
        )

    def check(self) -> None:
        """Ask for the occupied channels, signed as an event would be: nobody hears of it. Raises as ``notify``."""
        self._call("a question", lambda: self._client().channels_info(prefix_filter="presence-show-goal-check"))

    def _call(self, what: str, call: Callable[[], object]) -> None:
        try:
            call()
        except PusherError as error:
            raise self._answered(what, error) from None
        except (RequestException, JSONDecodeError) as error:
            raise NotifierUnavailable(self._sentence("did not take", what, error)) from None
        except (ValueError, TypeError) as error:  # the client's own checks, before anything is sent
            raise NotificationRefused(self._sentence("cannot take", what, error)) from None

    def _client(self) -> Pusher:
        """One for each process: a child must not write into a connection that its parent opened before the fork."""
        pid = os.getpid()
        return self._clients.get(pid) or self._clients.setdefault(pid, _client(self._settings))

    def _answered(self, what: str, error: PusherError) -> NotificationRefused | NotifierUnavailable:
        advice = _advice(error)
        if advice is None:
            return NotifierUnavailable(self._sentence("did not take", what, error))
        return NotificationRefused(f"{self._sentence('refused', what, error)}; {advice}")

    def _sentence(self, verb: str, what: str, error: Exception) -> str:
        where = self._settings.host or self._settings.cluster or "mt1"
        reason = _SIGNATURE.sub("***", str(error))[:_LONGEST_REASON]
        return f"Pusher ({where}, app {self._settings.app_id}) {verb} {what}: {type(error).__name__}: {reason}"


def _client(settings: PusherSettings) -> Pusher:
    options: dict[str, Any] = {"timeout": settings.timeout, "allow_redirects": False}
    if settings.loopback:
        options["proxies"] = {"http": None, "https": None, "all": None}
    return Pusher(
        app_id=settings.app_id,
        key=settings.key,
        secret=settings.secret,
        ssl=settings.ssl,
        host=settings.host,
        port=settings.port,
        cluster=settings.cluster,
        **options,
    )


def _advice(error: PusherError) -> str | None:
    """What to check when the answer is final. The client keeps a status without a class in its text alone."""
    if isinstance(error, PusherBadStatus):
        return _REFUSED_WITH.get(str(error).partition(":")[0])
    return _REFUSED_FOR.get(type(error))


class _Data(str):
    """A payload whose size is its bytes in UTF-8, as Pusher counts.

    The client asks ``sys.getsizeof`` instead, which is four bytes a character as soon as there is one emoji: it would
    refuse payloads of 7,700 bytes.
    """

    __slots__ = ()

    def __sizeof__(self) -> int:
        return len(self.encode())
