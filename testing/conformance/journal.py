"""What :class:`show_goal.ports.journal.Journal` promises."""

from __future__ import annotations

from attrs import evolve, frozen

from ...ports.feed import Feed
from ...ports.journal import EVENTS, Entry, Journal
from ...ports.tracker import Tracker
from .examples import GOAL, GOAL_2, STREAMER, STREAMER_2
from .promise import Conformance, Promise

TRANSACTION, ANOTHER = f"session:trigger-private:{GOAL}:v", f"session:trigger-private:{GOAL}:w"


@frozen(kw_only=True)
class JournalUnderTest:
    """The adapter, and the feed and tracker that it reads, with nothing in them."""

    journal: Journal
    feed: Feed
    tracker: Tracker


class JournalConformance(Conformance[JournalUnderTest]):
    """``under_test`` returns :class:`JournalUnderTest`."""

    def take(self, under_test: JournalUnderTest) -> None:
        self.journal, self.feed, self.tracker = under_test.journal, under_test.feed, under_test.tracker

    def entries(self, *transactions: str) -> list[Entry]:
        """Those of GOAL. When they were is the adapter's own."""
        found = self.journal.entries(GOAL, STREAMER, transactions)
        return sorted((evolve(entry, at=None) for entry in found), key=lambda entry: (entry.event, entry.occurrence))

    @Promise(Journal.entries, "tracked")
    def test_each_event_of_the_goal_and_of_the_transactions_is_told(self) -> None:
        assert self.entries(TRANSACTION) == [], "an entry that nobody has made"
        for event in EVENTS:
            for occurrence in (GOAL, GOAL_2, TRANSACTION, ANOTHER):
                self.tracker.track(event, occurrence, {})
        self.tracker.track("another.feature", GOAL, {})
        expected = [Entry(event=event, occurrence=one) for event in sorted(EVENTS) for one in (GOAL, TRANSACTION)]
        assert self.entries(TRANSACTION) == expected, "an entry is missing, or another goal's is there"

    @Promise(Journal.entries, "fed")
    def test_a_goal_in_the_feed_was_added(self) -> None:
        self.feed.publish(STREAMER_2, GOAL, {"title": "another's"})
        self.feed.publish(STREAMER, GOAL_2, {"title": "another"})
        assert self.entries() == [], "the goal is not in this streamer's feed"
        self.feed.publish(STREAMER, GOAL, {"title": "A"})
        assert self.entries() == [Entry(event="goal.added", occurrence=GOAL)], "the entry of the feed is missing"

    @Promise(Journal.entries, "reason")
    def test_a_reason_is_told(self) -> None:
        self.tracker.track("operator.refunded", TRANSACTION, {"reason": "ticket 17"})
        expected = [Entry(event="operator.refunded", occurrence=TRANSACTION, reason="ticket 17")]
        assert self.entries(TRANSACTION) == expected, "the reason is missing"
