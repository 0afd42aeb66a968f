"""What :class:`show_goal.ports.notifier.Notifier` promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from attrs import frozen

from ...ports.errors import NotificationRefused
from ...ports.notifier import MAX_BYTES, Notification, Notifier
from .examples import GOAL, NOW, STREAMER
from .promise import Conformance, Promise

Hear = Callable[[str, str], Any]
"""From an event's name and a channel to the payload of the next such event there, decoded from its JSON."""
Listen = Callable[[Sequence[str]], Hear]

CHANNELS = ("presence-stream@{}", "private-stream@{}", "private-user@{}")


@frozen(kw_only=True)
class NotifierUnderTest:
    notifier: Notifier
    listen: Listen
    """Subscribes to channels, and returns when the subscriptions are active.

    The result is a function. It returns the next event of a name on one of the channels, in the order in which they
    were sent, and raises if none comes within seconds.
    """
    streamer_id: str = STREAMER
    """Another one for each test, if other tests use the same channel service."""


class NotifierConformance(Conformance[NotifierUnderTest]):
    """``under_test`` returns :class:`NotifierUnderTest`: the adapter, and a function that listens to channels."""

    def take(self, under_test: NotifierUnderTest) -> None:
        self.notifier = under_test.notifier
        self.channels = tuple(channel.format(under_test.streamer_id) for channel in CHANNELS)
        self.hear = under_test.listen(self.channels)

    def notify(self, channels: Sequence[str], event_id: str = "an.id") -> None:
        self.notifier.notify(Notification(id=event_id, event="an.event", channels=channels, payload={"text": "a"}))

    def heard(self) -> list[str]:
        """The ``event_id`` of the next event on each channel."""
        return [self.hear("an.event", channel)["event_id"] for channel in self.channels]

    def of_size(self, size: int, letters: str, event_id: str) -> Notification:
        """A notification whose encoded payload has exactly ``size`` bytes, mostly ``letters``."""

        def saying(text: str) -> Notification:
            return Notification(id=event_id, event="an.event", channels=self.channels, payload={"text": text})

        room = size - len(saying("").encode().encode())
        repeats, rest = divmod(room, len(letters.encode()))
        return saying(letters * repeats + "." * rest)

    @Promise(Notifier.notify, "payload")
    def test_the_payload_is_heard_with_event_id_d23(self) -> None:
        payload = {"goal_id": GOAL, "levels": [], "at": NOW, "name": "私密直播 \N{GRINNING FACE}"}
        self.notifier.notify(Notification(id="an.id", event="goal.added", channels=self.channels, payload=payload))
        expected = {**payload, "at": NOW.isoformat(), "event_id": "an.id"}
        assert self.hear("goal.added", self.channels[0]) == expected, "another payload was heard"

    @Promise(Notifier.notify, "repeated")
    def test_a_repeat_carries_the_same_event_id_d23(self) -> None:
        for _ in range(2):
            self.notify(self.channels)
        assert [self.heard()[0] for _ in range(2)] == ["an.id", "an.id"], "a repeat looks like another event"

    @Promise(Notifier.notify, "channels")
    def test_the_named_channels_hear_and_no_other_d23(self) -> None:
        self.notify(self.channels[:1], event_id="first")
        self.notify(self.channels, event_id="second")
        assert self.heard() == ["first", "second", "second"], "a channel missed its event, or heard another's"

    @Promise(Notifier.notify, "channels")
    def test_each_of_many_channels_hears_d23(self) -> None:
        nobody = [f"private-user@{number:024x}" for number in range(200)]
        self.notify([self.channels[0], *nobody[:100], self.channels[1], *nobody[100:], self.channels[2]])
        assert self.heard() == ["an.id"] * 3, "one of many channels missed its event"

    @pytest.mark.parametrize("odd", ["auth0|1", "a+1@x", "a b", "x" * 200])
    @Promise(Notifier.notify, "left_out")
    def test_a_channel_that_the_service_does_not_take_keeps_no_other_from_hearing_d43(self, odd: str) -> None:
        channel = f"private-user@{odd}"
        named: Sequence[str] | None = None  # a service may take any name
        try:
            self.notify([self.channels[0], channel, *self.channels[1:]])
        except NotificationRefused as refused:
            named = refused.channels
        assert named is None or [*named] == [channel], "it does not name the channel that was left out"
        assert self.heard() == ["an.id"] * 3, "one odd channel kept another from hearing"

    @pytest.mark.parametrize("letters", ["a", "é", "私", "\N{GRINNING FACE}", "a" * 5_000 + "\N{GRINNING FACE}"])
    @Promise(Notifier.notify, "size")
    def test_10240_bytes_are_sent_and_more_are_refused_d25(self, letters: str) -> None:
        with pytest.raises(NotificationRefused):
            self.notifier.notify(self.of_size(MAX_BYTES + 1, letters, "refused"))
        sent = self.of_size(MAX_BYTES, letters, "sent")
        self.notifier.notify(sent)
        heard = self.hear("an.event", self.channels[0])
        assert heard == {**sent.payload, "event_id": "sent"}, "the refused payload was sent, or 10,240 bytes were not"
