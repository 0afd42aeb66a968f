"""Wrong adapters of the small ports. Those about channels are in :mod:`.wrong_channels`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import count
from threading import get_ident, local
from uuid import uuid4

from attrs import evolve

from show_goal.adapters.clock import SystemClock
from show_goal.adapters.memory import (
    MemoryFeed,
    MemoryIds,
    MemoryJournal,
    MemoryRtcSources,
    MemorySweeps,
    MemoryTracker,
)
from show_goal.core.last_sweep import LastSweep
from show_goal.testing.conformance import (
    ClockConformance,
    FeedConformance,
    FeedUnderTest,
    IdsConformance,
    IdsUnderTest,
    JournalConformance,
    RtcSourcesConformance,
    RtcSourcesUnderTest,
    SweepsConformance,
    TrackerConformance,
    TrackerUnderTest,
)
from show_goal.testing.conformance.examples import NOW, STREAMER_2
from tests.contracts.far_ends import memory_journal

from .breaking import WrongAdapters, after

NO_SWEEP = LastSweep(began=NOW, ended=NOW, done={}, failed=0, more=False)

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

WRONG = [*CLOCK, *FEED, *IDS, *JOURNAL, *SOURCES, *SWEEPS, *TRACKER]
