"""Passes for private and presence channels."""

from __future__ import annotations

from typing import Protocol

from attrs import frozen


@frozen(kw_only=True)
class ChannelPass:
    """What a browser shows to the channel service when it subscribes."""

    auth: str
    channel_data: str | None = None
    """JSON with ``user_id``, on a presence channel only. It is signed: pass it on byte by byte."""


class ChannelAuthorizer(Protocol):
    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        """Sign a pass with which this socket may subscribe to this channel.

        ``member`` is the user id that a presence channel shows, and None on a private channel. The caller has checked
        that the user may listen. The call asks no other process.

        Promises:
            - signs: The channel service accepts the pass.
            - alone: The pass is valid for this socket and this channel only.
            - member: On a presence channel the pass names ``member``, and is invalid for another user.
            - same: The same call returns the same pass.
        """
        ...
