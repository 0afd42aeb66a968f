"""PusherSettings from PUSHER_URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from show_goal.adapters.pusher import PusherSettings


def settings_from(url: str, **changes: Any) -> PusherSettings:
    """From ``http://key:secret@host:port/apps/app_id``, with time for a server on a slow machine."""
    parts = urlsplit(url)
    values = {
        "app_id": parts.path.rpartition("/")[2],
        "key": parts.username,
        "secret": parts.password,
        "host": parts.hostname,
        "port": parts.port,
        "ssl": parts.scheme == "https",
        "timeout": 10.0,
    }
    return PusherSettings(**{**values, **changes})
