"""Feeds that break a promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from show_goal.testing.conformance import FeedConformance, FeedUnderTest
from show_goal.testing.conformance.examples import STREAMER_2

from .breaking import Gap, WrongAdapters, alone

WRONG = WrongAdapters()
Entry = Mapping[str, object]


class ListedFeed:
    """Right where ``stands`` is: entries in a list, as a table without a key has them."""

    def __init__(self) -> None:
        self._entries: list[tuple[str, str, Entry]] = []

    @alone
    def publish(self, streamer_id: str, goal_id: str, entry: Entry) -> None:
        if not self.stands(streamer_id, goal_id):
            self._entries.append((streamer_id, goal_id, entry))

    def stands(self, streamer_id: str, goal_id: str) -> bool:
        return any((streamer_id, goal_id) == (whose, which) for whose, which, _ in self._entries)

    def entries(self, streamer_id: str) -> Sequence[Entry]:
        return [entry for whose, _, entry in self._entries if whose == streamer_id]


@WRONG.breaks("publish.entered", "the entry is in another streamer's feed")
class Everywhere(ListedFeed):
    def publish(self, streamer_id: str, goal_id: str, entry: Entry) -> None:
        super().publish(streamer_id, goal_id, entry)
        super().publish(STREAMER_2, goal_id, entry)


@WRONG.breaks("publish.each", "the entry of another goal is missing")
class OneEntryAStreamer(ListedFeed):
    def stands(self, streamer_id: str, goal_id: str) -> bool:
        return bool(self.entries(streamer_id))


@WRONG.breaks("publish.once", "a repeat was entered, or replaced the first")
class EnteredAgain(ListedFeed):
    def stands(self, streamer_id: str, goal_id: str) -> bool:
        return False


@WRONG.breaks("publish.once", "a race put the goal into the feed twice")
class Racing(ListedFeed):
    def __init__(self) -> None:
        super().__init__()
        self._gap = Gap()

    def publish(self, streamer_id: str, goal_id: str, entry: Entry) -> None:
        stood = self.stands(streamer_id, goal_id)
        with self._gap:
            if not stood:
                self._entries.append((streamer_id, goal_id, entry))


class TestWrongFeeds(FeedConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> FeedUnderTest:
        feed: ListedFeed = request.param.adapter()
        return FeedUnderTest(feed=feed, entries=feed.entries)
