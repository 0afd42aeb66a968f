"""Notifier and channel authorizer on Pusher Channels, through its official client.

May import core, ports and pusher; no other adapter.
"""

from .channels import PusherChannelAuthorizer, PusherNotifier
from .settings import PusherSettings

__all__ = ["PusherChannelAuthorizer", "PusherNotifier", "PusherSettings"]
