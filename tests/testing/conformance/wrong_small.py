"""Wrong adapters of the small ports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import count
from threading import get_ident, local
from typing import Any
from uuid import uuid4

from attrs import evolve

from show_goal.adapters.clock import SystemClock
from show_goal.adapters.memory import (
    MemoryChannelAuthorizer,
    MemoryChannelCache,
    MemoryFeed,
    MemoryIds,
    MemoryJournal,
    MemoryNotifier,
    MemoryRtcSources,
    MemorySweeps,
    MemoryTracker,
)
from show_goal.core.model import LastSweep
from show_goal.ports.channel_authorizer import ChannelPass
from show_goal.ports.errors import NotificationRefused
from show_goal.ports.notifier import Notification
from show_goal.testing.conformance import (
    ChannelAuthorizerConformance,
    ChannelAuthorizerUnderTest,
    ChannelCacheConformance,
    ChannelCacheUnderTest,
    ClockConformance,
    FeedConformance,
    FeedUnderTest,
    IdsConformance,
    IdsUnderTest,
    JournalConformance,
    NotifierConformance,
    NotifierUnderTest,
    RtcSourcesConformance,
    RtcSourcesUnderTest,
    SweepsConformance,
    TrackerConformance,
    TrackerUnderTest,
)
from show_goal.testing.conformance.examples import NOW, STREAMER_2
from tests.contracts.far_ends import hearing, memory_journal

from .breaking import WrongAdapters, after

NO_SWEEP = LastSweep(began=NOW, ended=NOW, done={}, failed=0, more=False)

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

CLOCK = WrongAdapters(ClockConformance, SystemClock, lambda it: it)
CLOCK.add("now.utc", "now was datetime.datetime(", now=after(lambda now: now.replace(tzinfo=None)))
CLOCK.add("now.milliseconds", "parts of a millisecond", now=after(lambda now: now.replace(microsecond=1)))


FEED = WrongAdapters(
    FeedConformance,
    MemoryFeed,
    lambda it: FeedUnderTest(
        feed=it, entries=lambda streamer: [entry for (whose, _), entry in it.entries.items() if whose == streamer]
    ),
)
FEED.add(
    "publish.entered",
    "the entry is in another streamer's feed",
    publish=lambda right, streamer, *of: [right(streamer, *of), right(STREAMER_2, *of)],
)
FEED.add("publish.each", "entry is missing", publish=lambda right, streamer, goal, entry: right(streamer, "any", entry))
FEED.add(
    "publish.once",
    "a race put the goal into the feed twice",
    publish=lambda right, streamer, goal, entry: right(streamer, f"{goal} {get_ident()}", entry),
)

TRACKER = WrongAdapters(
    TrackerConformance,
    MemoryTracker,
    lambda it: TrackerUnderTest(
        tracker=it,
        tracked=lambda occurrence: {event: told for (event, which), told in it.tracked.items() if which == occurrence},
    ),
)
TRACKER.add(
    "track.recorded",
    "the event is missing or changed",
    track=lambda right, event, which, told: right(event, which, {k: v for k, v in told.items() if v is not None}),
)
TRACKER.add("track.each", "an event is missing", track=lambda right, event, *of: right("any", *of))
TRACKER.add(
    "track.once",
    "or replaced the event",
    track=lambda right, event, which, told: right.__self__.tracked.update({(event, which): told}),
)

JOURNAL = WrongAdapters(JournalConformance, MemoryJournal, memory_journal)
JOURNAL.add(
    "entries.tracked",
    "an entry is missing, or another goal's is there",
    entries=lambda right, goal_id, streamer_id, transactions: right(goal_id, streamer_id, ()),
)
JOURNAL.add(
    "entries.fed",
    "the entry of the feed is missing",
    entries=lambda right, goal_id, streamer_id, transactions: right(goal_id, None, transactions),
)
JOURNAL.add(
    "entries.reason",
    "the reason is missing",
    entries=after(lambda entries: [evolve(entry, reason=None) for entry in entries]),
)
JOURNAL.add("forget.goals", "it names the user", forget=lambda right, user_id, alias: right("nobody", alias))
JOURNAL.add("forget.others", "nobody says that something is left", forget=after(lambda done: {**done, "left": 0}))
JOURNAL.add("forget.again", "a repeat has changed something", forget=after(lambda done: {**done, "goals": 1}))


@JOURNAL.breaks("forget.tracked", "the event names the user, or is another")
class StatisticsDropped(MemoryJournal):
    def forget(self, user_id: str, alias: str) -> Mapping[str, int]:
        done = super().forget(user_id, alias)
        self.tracker.tracked.clear()
        return done


@JOURNAL.breaks("forget.gone", "the feed is there")
class FeedKept(MemoryJournal):
    def forget(self, user_id: str, alias: str) -> Mapping[str, int]:
        fed = {**self.feed.entries}
        done = super().forget(user_id, alias)
        self.feed.entries.update(fed)
        return done


class Ids(MemoryIds):
    """Right. It knows the ids of another process."""

    def elsewhere(self) -> list[str]:
        other = MemoryIds("b")
        return [other.new() for _ in range(500)]


IDS = WrongAdapters(IdsConformance, Ids, lambda it: IdsUnderTest(ids=it, elsewhere=it.elsewhere))
IDS.add("new.hex", "an id is", new=lambda right: uuid4().hex)
IDS.add("new.everywhere", "another process returned the same id", elsewhere=lambda right: [MemoryIds().new()])


@IDS.breaks("new.once", "an id was returned twice")
class CountedByEachThread(Ids):
    def __init__(self) -> None:
        super().__init__()
        self._own = local()

    def new(self) -> str:
        if not hasattr(self._own, "count"):
            self._own.count = count()
        return format(next(self._own.count), "024x")


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

SOURCES = WrongAdapters(
    RtcSourcesConformance, MemoryRtcSources, lambda it: RtcSourcesUnderTest(rtc_sources=it, stopped=it.stopped)
)
SOURCES.add(
    "stop_snapshots.stops",
    "another streamer's were stopped",
    stopped=lambda right, streamer_id: any(right.__self__._stopped.values()),
)
SOURCES.add(
    "stop_snapshots.rests",
    "the other goal still asks",
    resume_snapshots=lambda right, streamer_id, goal_id: right.__self__._stopped.clear(),
)
SOURCES.add("resume_snapshots.resumes", "they are still stopped", resume_snapshots=lambda right, *of: None)
SOURCES.add(
    "resume_snapshots.never",
    "KeyError(",
    resume_snapshots=lambda right, streamer_id, goal_id: right.__self__._stopped[streamer_id].remove(goal_id),
)


@SOURCES.breaks("RtcSources.repeated", "one goal stopped them twice")
class CountsRepeats(MemoryRtcSources):
    def __init__(self) -> None:
        super().__init__()
        self._times: Counter[str] = Counter()

    def stop_snapshots(self, streamer_id: str, goal_id: str) -> None:
        self._times[goal_id] += 1
        super().stop_snapshots(streamer_id, goal_id)

    def resume_snapshots(self, streamer_id: str, goal_id: str) -> None:
        self._times[goal_id] -= 1
        if self._times[goal_id] <= 0:
            super().resume_snapshots(streamer_id, goal_id)


SWEEPS = WrongAdapters(SweepsConformance, MemorySweeps, lambda sweeps: sweeps)
SWEEPS.add("record.recorded", "it is another one", record=lambda right, sweep: right.__self__.last() or right(sweep))
SWEEPS.add("record.recorded", "something changed", record=lambda right, sweep: right(evolve(sweep, places={})))
SWEEPS.add("last.none", "no sweep was recorded", last=lambda right: right() or NO_SWEEP)

WRONG = [*AUTHORIZER, *CACHE, *CLOCK, *FEED, *IDS, *JOURNAL, *NOTIFIER, *SOURCES, *SWEEPS, *TRACKER]
