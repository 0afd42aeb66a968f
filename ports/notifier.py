"""The way to the channels that browsers listen to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from .errors import NotificationRefused

MAX_BYTES = 10_240


@frozen(kw_only=True)
class Notification:
    """One event for several channels. ``id`` is the same at every repeat, so that consumers drop it (D23)."""

    id: str
    event: str
    channels: Sequence[str]
    payload: Mapping[str, object]

    def encode(self) -> str:
        """The payload with ``event_id``, as JSON. Raises NotificationRefused for more than 10,240 UTF-8 bytes (D25)."""
        data = json.dumps(
            {**self.payload, "event_id": self.id}, default=datetime.isoformat, ensure_ascii=False, separators=(",", ":")
        )
        size = len(data.encode())
        if size > MAX_BYTES:
            raise NotificationRefused(f"{self.id} has {size} bytes of payload; at most {MAX_BYTES} are allowed")
        return data


class Notifier(Protocol):
    def notify(self, notification: Notification) -> None:
        """Send the event to all its channels in one call, and to no other channel.

        Its payload arrives whole, with ``event_id`` added. Not idempotent at the far end: a repeat may be heard twice,
        and carries the same ``event_id`` (D23). 10,240 UTF-8 bytes are sent; for more it raises NotificationRefused,
        before anything is sent (D25). Raises NotificationRefused, too, when the service refuses for good;
        NotifierUnavailable otherwise.
        """
        ...
