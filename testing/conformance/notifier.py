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


CHANNELS_ALONE = Promise(
    Notifier.notify,
    "channels",
    "Send the event to all its channels in one call, and to no other channel.",
)
PAYLOAD = Promise(Notifier.notify, "payload", "Its payload arrives whole, with ``event_id`` added.")
REPEATED = Promise(
    Notifier.notify,
    "repeated",
    "Not idempotent at the far end: a repeat may be heard twice, and carries the same ``event_id`` (D23).",
)
SIZE = Promise(
    Notifier.notify,
    "size",
    "10,240 UTF-8 bytes are sent; for more it raises NotificationRefused, before anything is sent (D25).",
)


@frozen(kw_only=True)
class NotifierUnderTest:
    notifier: Notifier
    listen: Listen
    """Subscribes to channels and returns once they are heard.

    It returns a function that gives the next event of a name on one of them, in the order in which they were sent, and
    raises when none comes within seconds.
    """
    streamer_id: str = STREAMER
    """One of the test's own, where other tests use the same channels."""


class NotifierConformance(Conformance[NotifierUnderTest]):
    """``under_test`` gives :class:`NotifierUnderTest`: the adapter, with what listens at the far end."""

    @pytest.fixture
    def notifier(self, under_test: NotifierUnderTest) -> Notifier:
        return under_test.notifier

    @pytest.fixture
    def channels(self, under_test: NotifierUnderTest) -> tuple[str, ...]:
        return tuple(channel.format(under_test.streamer_id) for channel in CHANNELS)

    @pytest.fixture
    def hear(self, under_test: NotifierUnderTest, channels: tuple[str, ...]) -> Hear:
        return under_test.listen(channels)

    @PAYLOAD
    def test_the_payload_is_heard_with_event_id_d23(
        self, notifier: Notifier, channels: tuple[str, ...], hear: Hear
    ) -> None:
        payload = {
            "goal_id": GOAL,
            "levels": [],
            "at": NOW,
            "name": "私密直播 \N{GRINNING FACE}",
        }
        notifier.notify(Notification(id="an.id", event="goal.added", channels=channels, payload=payload))
        expected = {**payload, "at": NOW.isoformat(), "event_id": "an.id"}
        assert hear("goal.added", channels[0]) == expected, "something else was heard"

    @REPEATED
    def test_a_repeat_carries_the_same_event_id_d23(
        self, notifier: Notifier, channels: tuple[str, ...], hear: Hear
    ) -> None:
        for _ in range(2):
            notifier.notify(_of_size(100, channels))
        heard = [hear("an.event", channels[0])["event_id"] for _ in range(2)]
        assert heard == ["an.id", "an.id"], "a repeat cannot be told from another event"

    @CHANNELS_ALONE
    def test_every_channel_hears_d23(self, notifier: Notifier, channels: tuple[str, ...], hear: Hear) -> None:
        notifier.notify(_of_size(100, channels))
        heard = [hear("an.event", channel)["event_id"] for channel in channels]
        assert heard == ["an.id"] * 3, "a channel heard something else"

    @CHANNELS_ALONE
    def test_only_the_named_channels_hear(self, notifier: Notifier, channels: tuple[str, ...], hear: Hear) -> None:
        notifier.notify(_of_size(100, channels[:1], event_id="first"))
        notifier.notify(_of_size(100, channels, event_id="second"))
        heard = [hear("an.event", channel)["event_id"] for channel in channels]
        assert heard == ["first", "second", "second"], "a channel heard what was not for it"

    @pytest.mark.parametrize("letters", ["a", "é", "私", "\N{GRINNING FACE}", "a" * 5_000 + "\N{GRINNING FACE}"])
    @SIZE
    def test_10240_bytes_are_sent_and_one_more_is_refused_before_anything_is_sent_d25(
        self, notifier: Notifier, channels: tuple[str, ...], hear: Hear, letters: str
    ) -> None:
        with pytest.raises(NotificationRefused):
            notifier.notify(_of_size(MAX_BYTES + 1, channels, letters, event_id="refused"))
        sent = _of_size(MAX_BYTES, channels, letters, event_id="sent")
        notifier.notify(sent)
        heard = hear("an.event", channels[0])
        assert heard == {**sent.payload, "event_id": "sent"}, "what was refused was sent, or 10,240 bytes were not"


def _of_size(size: int, channels: Sequence[str], letters: str = "a", *, event_id: str = "an.id") -> Notification:
    """A notification whose encoded payload has exactly so many bytes, as many of them as fit made of ``letters``."""

    def saying(text: str) -> Notification:
        return Notification(id=event_id, event="an.event", channels=channels, payload={"text": text})

    room = size - len(saying("").encode().encode())
    repeats, rest = divmod(room, len(letters.encode()))
    return saying(letters * repeats + "." * rest)
