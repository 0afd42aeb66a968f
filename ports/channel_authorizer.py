"""The signature with which a browser may listen on a private or presence channel."""

from __future__ import annotations

from typing import Protocol

from attrs import frozen


@frozen(kw_only=True)
class ChannelPass:
    """What the channel service wants to see, once, from the socket that it was made for."""

    auth: str
    channel_data: str | None = None
    """Who listens, as JSON with ``user_id``: on a presence channel alone. It is signed, so it goes out as it is."""


class ChannelAuthorizer(Protocol):
    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        """Sign that this socket may listen on this channel, and no other socket or channel by the same signature.

        ``member`` is the user whom a presence channel shows, None on a private one. Whether the user is entitled has
        been decided before. Asks no other process; the same call again is answered the same.
        """
        ...
