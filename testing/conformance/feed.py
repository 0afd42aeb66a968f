"""What :class:`show_goal.ports.feed.Feed` promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from attrs import frozen

from ...ports.feed import Feed
from .examples import GOAL, GOAL_2, NOW, SESSION, STREAMER, STREAMER_2
from .promise import Conformance, Promise
from .races import CALLERS, at_once

ENTRY = {"goal_id": GOAL, "conditions": {"session_id": SESSION}, "levels": [], "exp": NOW, "nbf": None}


@frozen(kw_only=True)
class FeedUnderTest:
    feed: Feed
    """Empty."""
    entries: Callable[[str], Sequence[Mapping[str, object]]]
    """From a streamer's id to the entries of their feed, in any order."""


class FeedConformance(Conformance[FeedUnderTest]):
    """``under_test`` returns :class:`FeedUnderTest`: the adapter, and a function that reads a feed."""

    def take(self, under_test: FeedUnderTest) -> None:
        self.publish, self.entries = under_test.feed.publish, under_test.entries

    @Promise(Feed.publish, "entered")
    def test_an_entry_is_in_this_streamers_feed_only(self) -> None:
        self.publish(STREAMER, GOAL, ENTRY)
        assert [*self.entries(STREAMER)] == [ENTRY], "the entry is missing or changed"
        assert [*self.entries(STREAMER_2)] == [], "the entry is in another streamer's feed"

    @Promise(Feed.publish, "each")
    def test_each_goal_has_its_own_entry(self) -> None:
        self.publish(STREAMER, GOAL, ENTRY)
        self.publish(STREAMER, GOAL_2, {**ENTRY, "goal_id": GOAL_2})
        found = sorted(str(entry["goal_id"]) for entry in self.entries(STREAMER))
        assert found == [GOAL, GOAL_2], "a goal's entry is missing"

    @Promise(Feed.publish, "once")
    def test_a_repeat_changes_nothing_d19(self) -> None:
        self.publish(STREAMER, GOAL, ENTRY)
        self.publish(STREAMER, GOAL, {**ENTRY, "exp": None})
        assert [*self.entries(STREAMER)] == [ENTRY], "a repeat was added, or replaced the entry"

    @Promise(Feed.publish, "once")
    def test_of_many_repeats_at_once_one_is_stored_d19(self) -> None:
        at_once([partial(self.publish, STREAMER, GOAL, ENTRY)] * CALLERS)
        assert len(self.entries(STREAMER)) == 1, "a race put the goal into the feed twice"
