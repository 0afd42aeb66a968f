"""A browser wants to listen on a private or presence channel: ``POST /pusher/auth``, which pusher-js sends (H1)."""

from __future__ import annotations

from attrs import frozen

from ...ports.channel_authorizer import ChannelAuthorizer, ChannelPass
from ..errors import ChannelForbidden, NotLoggedIn
from ..model import Viewer
from ..rules.channels import channel_forbidden, is_presence
from ..trace import Tracer, guard, note, require


@frozen(kw_only=True)
class AuthorizeChannel:
    channel_authorizer: ChannelAuthorizer
    tracer: Tracer

    def __call__(self, viewer: Viewer | None, socket_id: str, channel: str) -> ChannelPass:
        """Let one socket of the viewer's listen on one channel.

        Asks no other process and changes nothing. A presence channel shows the viewer's id and nothing else (H3).
        Raises NotLoggedIn, ChannelForbidden.
        """
        with self.tracer.unit("authorize_channel", viewer_id=viewer.id if viewer else None):
            viewer = require(viewer, NotLoggedIn)
            note(channel=channel)
            guard(channel_forbidden(viewer, channel), ChannelForbidden)
            return self.channel_authorizer.authorize(socket_id, channel, viewer.id if is_presence(channel) else None)
