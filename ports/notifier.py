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
    """One event for several channels. A repeat has the same ``id``, so that browsers can drop it (D23)."""

    id: str
    event: str
    channels: Sequence[str]
    payload: Mapping[str, object]

    def encode(self) -> str:
        """Return the payload and ``event_id`` as JSON. Raises NotificationRefused above 10,240 UTF-8 bytes (D25)."""
        data = json.dumps(
            {**self.payload, "event_id": self.id}, default=datetime.isoformat, ensure_ascii=False, separators=(",", ":")
        )
        size = len(data.encode())
        if size > MAX_BYTES:
            raise NotificationRefused(f"{self.id} has {size} bytes of payload; at most {MAX_BYTES} are allowed")
        return data


class Notifier(Protocol):
    def notify(self, notification: Notification) -> None:
        """Send the event to all its channels.

        Browsers may hear a repeat twice. Raises NotificationRefused if the channel service will never take the
        notification, and NotifierUnavailable if it does not answer; repeat the call then.

        Promises:
            - channels: Every named channel hears the event, however many there are, and no other channel.
            - left_out: A channel whose name the service does not take is left out. NotificationRefused names it, in
              ``channels``, once the others have heard the event.
            - payload: The payload arrives whole, with ``event_id`` added.
            - repeated: A repeat carries the same ``event_id`` (D23).
            - size: A payload of 10,240 UTF-8 bytes is sent. A larger one raises NotificationRefused, and no channel
              hears it (D25).
        """
        ...
