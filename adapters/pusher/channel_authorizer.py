"""Channel passes by Pusher's official client."""

from __future__ import annotations

from pusher import Pusher

from ...ports.channel_authorizer import ChannelPass
from .settings import PusherSettings


class PusherChannelAuthorizer:
    """Signs with the app's secret and connects to nothing. Safe to share among threads and across forks."""

    def __init__(self, settings: PusherSettings) -> None:
        self._client = Pusher(app_id=settings.app_id, key=settings.key, secret=settings.secret)

    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        signed = self._client.authenticate(channel, socket_id, None if member is None else {"user_id": member})
        return ChannelPass(auth=signed["auth"], channel_data=signed.get("channel_data"))
