"""A browser wants to listen: ``POST /pusher/auth``, as pusher-js asks for private and presence channels (H1)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

from ...ports.channel_authorizer import ChannelAuthorizer, ChannelPass
from ..errors import ChannelForbidden, InvalidSubscription, NotLoggedIn
from ..model import Viewer
from ..rules.channels import channel_forbidden, is_presence
from ..trace import Tracer, guard, note, require

# Digits of any other script, or a colon, would let what is signed be read as another socket and channel.
SOCKET_ID = "[0-9]{1,20}[.][0-9]{1,20}"
_SOCKET_ID = re.compile(SOCKET_ID)


@frozen(kw_only=True)
class AuthorizeChannel:
    channel_authorizer: ChannelAuthorizer
    tracer: Tracer

    def __call__(self, viewer: Viewer | None, form: Mapping[str, object]) -> ChannelPass:
        """Let one socket listen on one channel; ``form`` holds ``socket_id`` and ``channel_name``, not yet believed.

        Asks no other process and changes nothing. On a presence channel the viewer's id is shown, nothing else (H3).
        Raises NotLoggedIn, InvalidSubscription, ChannelForbidden.
        """
        with self.tracer.unit("authorize_channel", viewer_id=viewer.id if viewer else None):
            viewer = require(viewer, NotLoggedIn)
            socket_id, channel = _parse(form)
            note(channel=channel)
            guard(channel_forbidden(viewer, channel), ChannelForbidden)
            return self.channel_authorizer.authorize(socket_id, channel, viewer.id if is_presence(channel) else None)


def _parse(form: Mapping[str, object]) -> tuple[str, str]:
    errors = {}
    socket_id, channel = form.get("socket_id"), form.get("channel_name")
    if not isinstance(socket_id, str) or not _SOCKET_ID.fullmatch(socket_id):
        errors["socket_id"] = "must be a socket's id, as 123.456"
    if not isinstance(channel, str) or not channel:
        errors["channel_name"] = "must be a channel's name"
    if errors:
        raise InvalidSubscription(errors)
    return str(socket_id), str(channel)
