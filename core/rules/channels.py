"""Who may subscribe to which channel (H2). Pure: returns a refusal or None."""

from __future__ import annotations

import re

from .. import names
from ..errors import BlockedOnChannel, ChannelForbidden
from ..model import Viewer

LONGEST = 200
"""Pusher's limit for the characters of a channel name."""
_ID = "[-A-Za-z0-9_=@,;]+"  # Pusher's alphabet without the dot, which would make "a.preview.b.preview.c" ambiguous
_USER = re.compile(rf"private(?:-enc)?-user@(?P<user>{_ID})")
_STREAM = re.compile(rf"(?:presence|private|private-enc)-stream@(?P<streamer>{_ID})")
_PREVIEW = re.compile(rf"presence-stream-viewer@(?P<streamer>{_ID})\.preview\.(?P<viewer>{_ID})")


def channel_forbidden(viewer: Viewer, channel: str) -> ChannelForbidden | None:
    """Allow the channels of the flow, each for the users it is meant for. Refuse every other channel."""
    if len(channel) > LONGEST:
        return ChannelForbidden()
    if user := _USER.fullmatch(channel):
        return None if user["user"] == viewer.id else ChannelForbidden()
    if preview := _PREVIEW.fullmatch(channel):
        return None if viewer.id in (preview["streamer"], preview["viewer"]) else ChannelForbidden()
    if stream := _STREAM.fullmatch(channel):
        return BlockedOnChannel() if names.blocked_by(stream["streamer"]) in viewer.tags else None
    return ChannelForbidden()


def is_presence(channel: str) -> bool:
    """Whether subscribers see who else has subscribed."""
    return channel.startswith("presence-")
