"""Notifiers that break a promise."""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemoryNotifier
from show_goal.ports.errors import NotificationRefused
from show_goal.ports.notifier import MAX_BYTES, Notification
from show_goal.testing.conformance import NotifierConformance, NotifierUnderTest
from tests.contracts.far_ends import hearing

from .breaking import WrongAdapters

WRONG = WrongAdapters()


@WRONG.breaks("notify.channels", "TimeoutError('no an.event on private-stream@")
class TheFirstChannelAlone(MemoryNotifier):
    def notify(self, notification: Notification) -> None:
        super().notify(evolve(notification, channels=notification.channels[:1]))


@WRONG.breaks("notify.channels", "a channel heard what was not for it")
class EveryChannel(MemoryNotifier):
    def notify(self, notification: Notification) -> None:
        streamer_id = notification.channels[0].partition("@")[2]
        channels = [f"{kind}@{streamer_id}" for kind in ("presence-stream", "private-stream", "private-user")]
        super().notify(evolve(notification, channels=channels))


@WRONG.breaks("notify.payload", "something else was heard")
class WithoutEmptyValues(MemoryNotifier):
    def notify(self, notification: Notification) -> None:
        super().notify(evolve(notification, payload={k: v for k, v in notification.payload.items() if v}))


@WRONG.breaks("notify.repeated", "a repeat cannot be told from another event")
class AFreshIdForEachRepeat(MemoryNotifier):
    def __init__(self) -> None:
        super().__init__()
        self._sent = Counter[str]()

    def notify(self, notification: Notification) -> None:
        repeats = self._sent[notification.id]
        self._sent[notification.id] += 1
        super().notify(evolve(notification, id=notification.id + "." * repeats))


@WRONG.breaks("notify.size", "DID NOT RAISE")
class Unlimited(MemoryNotifier):
    def notify(self, notification: Notification) -> None:
        self.notifications.append(notification)


@WRONG.breaks("notify.size", "NotificationRefused('refused has 10241 bytes")
class SentBeforeItIsRefused(MemoryNotifier):
    def notify(self, notification: Notification) -> None:
        self.notifications.append(notification)
        notification.encode()


@WRONG.breaks("notify.size", "NotificationRefused('too much')")
class OneByteTooFew(MemoryNotifier):
    def notify(self, notification: Notification) -> None:
        if len(notification.encode().encode()) >= MAX_BYTES:
            raise NotificationRefused("too much")
        super().notify(notification)


class TestWrongNotifiers(NotifierConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> NotifierUnderTest:
        notifier: MemoryNotifier = request.param.adapter()
        return NotifierUnderTest(notifier=notifier, listen=lambda channels: hearing(notifier))
