"""Wrong adapters of the ports about channels: who may listen, what is cached, and who is told."""

from __future__ import annotations

from itertools import count
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryChannelAuthorizer, MemoryChannelCache, MemoryNotifier
from show_goal.ports.channel_authorizer import ChannelPass
from show_goal.ports.errors import NotificationRefused
from show_goal.ports.notifier import Notification
from show_goal.testing.conformance import (
    ChannelAuthorizerConformance,
    ChannelAuthorizerUnderTest,
    ChannelCacheConformance,
    ChannelCacheUnderTest,
    NotifierConformance,
    NotifierUnderTest,
)
from tests.contracts.far_ends import hearing

from .breaking import WrongAdapters

AUTHORIZER = WrongAdapters(
    ChannelAuthorizerConformance,
    MemoryChannelAuthorizer,
    lambda it: ChannelAuthorizerUnderTest(channel_authorizer=it, sockets=("1.1", "2.2"), listens=it.accepts),
)
AUTHORIZER.add(
    "authorize.signs",
    "the service refuses the pass",
    authorize=lambda right, socket, channel, member: right(socket, channel.replace("private-enc-", "private-"), member),
)
AUTHORIZER.add(
    "authorize.alone",
    "another socket can use the pass",
    authorize=lambda right, socket, *of: right("any", *of),
    accepts=lambda right, socket, *of: right("any", *of),
)


@AUTHORIZER.breaks("authorize.member", "somebody can be shown as somebody else")
class MemberUnsigned(MemoryChannelAuthorizer):
    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        unsigned = super().authorize(socket_id, channel.removeprefix("presence-"), None)
        return evolve(unsigned, channel_data=super().authorize(socket_id, channel, member).channel_data)

    def accepts(self, socket_id: str, channel: str, given: ChannelPass) -> bool:
        return super().accepts(socket_id, channel.removeprefix("presence-"), evolve(given, channel_data=None))


NUMBERS = count()
AUTHORIZER.add(
    "authorize.same",
    "a retry gets another pass",
    authorize=lambda right, *of: evolve(made := right(*of), auth=f"{made.auth}#{next(NUMBERS)}"),
)

CACHE = WrongAdapters(
    ChannelCacheConformance,
    MemoryChannelCache,
    lambda it: ChannelCacheUnderTest(
        channel_cache=it,
        put=lambda channel: it.data.update({channel: "data"}),
        cached=lambda channel: channel in it.data,
    ),
)
CACHE.add("invalidate.forgotten", "stale data", invalidate=lambda right, channels: right(channels[:1]))
CACHE.add("invalidate.others", "data is gone", invalidate=lambda right, channels: right.__self__.data.clear())
CACHE.add(
    "invalidate.repeated",
    "KeyError(",
    invalidate=lambda right, channels: right.__self__.data.pop(channels[0]),
)

NOTIFIER = WrongAdapters(
    NotifierConformance, MemoryNotifier, lambda it: NotifierUnderTest(notifier=it, listen=lambda channels: hearing(it))
)


def sent(right: Any) -> list[Notification]:
    notifications: list[Notification] = right.__self__.notifications
    return notifications


NOTIFIER.add(
    "notify.channels",
    "TimeoutError('no an.event on private-stream@",
    notify=lambda right, notification: right(evolve(notification, channels=notification.channels[:1])),
)


def all_or_none(right: Any, notification: Notification) -> None:
    if any("|" in channel for channel in notification.channels):
        raise NotificationRefused("an odd channel", [])
    right(notification)


def silent_about_it(right: Any, notification: Notification) -> None:
    """Raise for the odd one, and leave out whatever is named after it."""
    odd = [channel for channel in notification.channels if "|" in channel]
    heard = [*notification.channels][: len(notification.channels) - len(odd) * 2]
    right(evolve(notification, channels=heard))
    if odd:
        raise NotificationRefused("an odd channel", odd)


NOTIFIER.add("notify.left_out", "it does not name the channel", notify=all_or_none)
NOTIFIER.add("notify.left_out", "no an.event on", notify=silent_about_it)
NOTIFIER.add(
    "notify.payload",
    "another payload was heard",
    notify=lambda right, it: right(evolve(it, payload={name: value for name, value in it.payload.items() if value})),
)
NOTIFIER.add(
    "notify.repeated",
    "a repeat looks like another event",
    notify=lambda right, it: right(evolve(it, id=it.id + "." * len(sent(right)))),
)
NOTIFIER.add("notify.size", "DID NOT RAISE", notify=lambda right, notification: sent(right).append(notification))

WRONG = [*AUTHORIZER, *CACHE, *NOTIFIER]
