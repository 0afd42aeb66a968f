"""Channel passes without a channel service."""

from __future__ import annotations

import hashlib
import json

from ...ports.channel_authorizer import ChannelPass


class MemoryChannelAuthorizer:
    """``accepts`` plays the service. What it signs with is no secret: nothing outside of a test should believe it."""

    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        channel_data = None if member is None else json.dumps({"user_id": member})
        return ChannelPass(auth=_sign(socket_id, channel, channel_data), channel_data=channel_data)

    def accepts(self, socket_id: str, channel: str, given: ChannelPass) -> bool:
        """Whether the pass lets this socket listen on this channel."""
        shows_whom = given.channel_data is not None
        as_signed = given.auth == _sign(socket_id, channel, given.channel_data)
        return as_signed and shows_whom == channel.startswith("presence-")


def _sign(*signed: str | None) -> str:
    return f"memory:{hashlib.sha256(json.dumps(signed).encode()).hexdigest()}"
