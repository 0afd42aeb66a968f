"""What :class:`show_goal.ports.journal.Journal` promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import evolve, frozen

from ...core.model import Contribution, Goal, ViewerPass
from ...core.names import transaction_id
from ...ports.feed import Feed
from ...ports.goals import Goals
from ...ports.journal import EVENTS, Entry, Journal
from ...ports.passes import Passes
from ...ports.tracker import Tracker
from .examples import GOAL, GOAL_2, NOW, SESSION, SESSION_2, STREAMER, STREAMER_2, VIEWER, VIEWER_2, a_goal
from .promise import Conformance, Promise

TRANSACTION, ANOTHER = (transaction_id(GOAL, viewer_id) for viewer_id in (VIEWER, VIEWER_2))
ALIAS = "forgotten-1"
MANY = 40
"""Payments: more than a goal's document keeps."""


@frozen(kw_only=True)
class JournalUnderTest:
    """The adapter, and the ports that it reads, with nothing in them."""

    journal: Journal
    feed: Feed
    tracker: Tracker
    goals: Goals
    passes: Passes
    tracked: Callable[[str], Mapping[str, Mapping[str, object]]]
    """From an occurrence to its events: the properties of each."""


class JournalConformance(Conformance[JournalUnderTest]):
    """``under_test`` returns :class:`JournalUnderTest`."""

    def take(self, under_test: JournalUnderTest) -> None:
        self.journal, self.feed, self.tracker = under_test.journal, under_test.feed, under_test.tracker
        self.goals, self.passes, self.tracked = under_test.goals, under_test.passes, under_test.tracked

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

    def paid(self, goal_id: str, session_id: str, viewers: int, *, settled: bool) -> Goal:
        """A goal that VIEWER asked for, and for which VIEWER, VIEWER_2 and others have paid 7 each."""
        goal = a_goal(id=goal_id, conditions={"session_id": session_id})
        self.goals.insert(goal)
        for viewer_id in (VIEWER, VIEWER_2, *(f"viewer{number}" for number in range(viewers))):
            paid = transaction_id(goal_id, viewer_id)
            self.goals.increment_progress(
                goal_id, amount=1, cost=7, breakdown_id=viewer_id, insert_id=paid, now=NOW, before=None
            )
        self.goals.end(goal_id, NOW)
        if settled:
            self.goals.mark_settled(goal_id)
        found = self.goals.get(goal_id)
        assert found is not None, "the goal is not there"
        return found

    def payments(self, goal_id: str) -> Mapping[str, Contribution]:
        """By viewer."""
        return {one.viewer_id: one for one in self.goals.contributions(goal_id, 100).items}

    @Promise(Journal.forget, "goals")
    def test_a_settled_goal_names_the_alias(self) -> None:
        before = self.paid(GOAL, SESSION, 0, settled=True)
        changed = self.journal.forget(VIEWER, ALIAS)
        expected = {**before.metadata, "triggered_by": ALIAS}
        assert self.goals.get(GOAL) == evolve(before, metadata=expected), "another goal, or it names the user"
        payment = self.payments(GOAL)[ALIAS]
        assert (payment.amount, payment.cost, VIEWER in payment.insert_id) == (1, 7, False), "the payment is another"
        assert (changed["goals"], changed["left"]) == (1, 0), "it does not say what it did"

    @Promise(Journal.forget, "goals")
    def test_of_a_crowd_every_payment_still_adds_up(self) -> None:
        before = self.paid(GOAL, SESSION, MANY, settled=True)
        self.journal.forget(VIEWER, ALIAS)
        paid = self.payments(GOAL)
        assert VIEWER not in paid, "a payment names the user"
        assert sum(one.amount for one in paid.values()) == before.progress, "payments are lost, or count twice"
        assert paid.keys() >= {ALIAS, VIEWER_2}, "a payer is lost"

    @Promise(Journal.forget, "goals")
    def test_a_streamer_is_forgotten_too(self) -> None:
        self.paid(GOAL, SESSION, 0, settled=True)
        self.journal.forget(STREAMER, ALIAS)
        goal = self.goals.get(GOAL)
        assert goal is not None, "the goal is lost"
        assert (goal.streamer_id, goal.triggered_by) == (ALIAS, VIEWER), "the goal names the streamer, or nobody"

    @Promise(Journal.forget, "tracked")
    def test_statistics_stay_and_name_the_alias(self) -> None:
        metadata = {"user_id": STREAMER, "triggered_by": VIEWER}
        told = {"goal_id": GOAL, "metadata": metadata, "triggerer": VIEWER}
        self.tracker.track("goal.ended", GOAL, told)
        self.tracker.track("goal.progressed", TRANSACTION, {**told, "insert_id": TRANSACTION})
        self.journal.forget(VIEWER, ALIAS)
        renamed = {"goal_id": GOAL, "metadata": {**metadata, "triggered_by": ALIAS}, "triggerer": ALIAS}
        assert self.tracked(GOAL) == {"goal.ended": renamed}, "the event names the user, or is another"
        assert self.tracked(TRANSACTION) == {}, "an event has the user's transaction"
        paid = transaction_id(GOAL, ALIAS)
        assert self.tracked(paid) == {"goal.progressed": {**renamed, "insert_id": paid}}, "the event is lost"

    @Promise(Journal.forget, "gone")
    def test_feed_and_passes_are_gone(self) -> None:
        for streamer_id in (STREAMER, STREAMER_2):
            self.feed.publish(streamer_id, GOAL, {"title": "A"})
        mine = ViewerPass(nbf=NOW, duration=60)
        self.passes.admit(SESSION, GOAL, {STREAMER: mine, VIEWER: mine}, NOW)
        self.journal.forget(STREAMER, ALIAS)
        fed = [len(self.journal.entries(GOAL, streamer_id, ())) for streamer_id in (STREAMER, STREAMER_2)]
        assert fed == [0, 1], "the feed is there, or another streamer's is gone"
        passes = [self.passes.find(SESSION, viewer_id) for viewer_id in (STREAMER, VIEWER)]
        assert passes == [None, mine], "the pass is there, or another viewer's is gone"

    @Promise(Journal.forget, "others")
    def test_a_goal_that_is_not_settled_stays_as_it_is(self) -> None:
        before, paid = self.paid(GOAL_2, SESSION_2, 0, settled=False), self.payments(GOAL_2)
        changed = self.journal.forget(VIEWER, ALIAS)
        assert self.goals.get(GOAL_2) == before, "it has changed"
        assert self.payments(GOAL_2) == paid, "a payment that still matters has changed"
        assert changed["left"] == 1, "nobody says that something is left"

    @Promise(Journal.forget, "others")
    def test_other_users_stay(self) -> None:
        before = self.paid(GOAL, SESSION, 0, settled=True)
        self.tracker.track("goal.ended", GOAL, {"metadata": {"triggered_by": VIEWER}})
        changed = self.journal.forget("1", ALIAS)
        assert self.goals.get(GOAL) == before, "another user is forgotten"
        assert {*changed.values()} == {0}, "something of another user has changed"

    @Promise(Journal.forget, "again")
    def test_a_repeat_changes_nothing(self) -> None:
        self.paid(GOAL, SESSION, MANY, settled=True)
        self.tracker.track("goal.progressed", TRANSACTION, {"insert_id": TRANSACTION})
        self.journal.forget(VIEWER, ALIAS)
        paid = self.payments(GOAL)
        assert {*self.journal.forget(VIEWER, "forgotten-2").values()} == {0}, "a repeat has changed something"
        assert self.payments(GOAL) == paid, "a repeat has changed a payment"
