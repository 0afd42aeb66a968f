"""What :class:`show_goal.ports.feed.Feed` promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pytest
from attrs import frozen

from ...ports.feed import Feed
from .examples import GOAL, GOAL_2, NOW, SESSION, STREAMER, STREAMER_2
from .promise import Conformance, Promise
from .races import CALLERS, at_once

Entries = Callable[[str], Sequence[Mapping[str, object]]]
ENTRY = {"goal_id": GOAL, "conditions": {"session_id": SESSION}, "levels": [], "exp": NOW, "nbf": None}

ENTERED = Promise(Feed.publish, "entered", "Put an entry into the streamer's feed, as it is.")
EACH = Promise(Feed.publish, "each", "Each goal has an entry of its own.")
ONCE = Promise(
    Feed.publish,
    "once",
    "A goal is published once: a repeat changes nothing, also at the same moment (D19).",
)


@frozen(kw_only=True)
class FeedUnderTest:
    feed: Feed
    """Empty."""
    entries: Entries
    """From a streamer's id to the entries of their feed, in any order."""


class FeedConformance(Conformance[FeedUnderTest]):
    """``under_test`` gives :class:`FeedUnderTest`: the adapter, with what reads a feed."""

    @pytest.fixture
    def feed(self, under_test: FeedUnderTest) -> Feed:
        return under_test.feed

    @pytest.fixture
    def entries(self, under_test: FeedUnderTest) -> Entries:
        return under_test.entries

    @ENTERED
    def test_an_entry_stands_in_the_streamers_feed(self, feed: Feed, entries: Entries) -> None:
        feed.publish(STREAMER, GOAL, ENTRY)
        assert [*entries(STREAMER)] == [ENTRY], "the streamer's feed has something else"
        assert [*entries(STREAMER_2)] == [], "the entry is in another streamer's feed"

    @ONCE
    def test_a_repeat_changes_nothing_d19(self, feed: Feed, entries: Entries) -> None:
        feed.publish(STREAMER, GOAL, ENTRY)
        first = [*entries(STREAMER)]
        feed.publish(STREAMER, GOAL, {**ENTRY, "exp": None})
        assert [*entries(STREAMER)] == first, "a repeat was entered, or replaced the first"

    @EACH
    def test_each_goal_has_its_entry(self, feed: Feed, entries: Entries) -> None:
        second = {**ENTRY, "goal_id": GOAL_2}
        feed.publish(STREAMER, GOAL, ENTRY)
        feed.publish(STREAMER, GOAL_2, second)
        found = sorted(str(entry["goal_id"]) for entry in entries(STREAMER))
        assert found == [GOAL, GOAL_2], "the entry of another goal is missing"

    @ONCE
    def test_of_many_repeats_at_once_one_stands_d19(self, feed: Feed, entries: Entries) -> None:
        at_once([partial(feed.publish, STREAMER, GOAL, ENTRY)] * CALLERS)
        assert len(entries(STREAMER)) == 1, "a race put the goal into the feed twice"
