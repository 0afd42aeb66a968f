"""A stage on which every cell of the matrix has its effect, and an eye on everything that a receiver may touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from attrs import fields, frozen
from blinker import Namespace
from pymongo.database import Database

from show_goal.adapters import memory, mongo
from show_goal.core import events, names
from show_goal.core.model import Claim, Goal, Session
from show_goal.core.receivers.receiver import ReceiverPorts
from show_goal.core.settings import Settings
from show_goal.core.signals import Signals
from tests.adapters.mongo.documents import Document, session_document
from tests.builders import EXP, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_hold, a_session

HOSTS_OWN = "FanClubGoal"
"""A class of a host's: the matrix has no cell for it."""
IDS = {_cls: f"60a1{number:020x}" for number, _cls in enumerate([*names.GOAL_CLASSES, HOSTS_OWN], start=1)}
FUNDED = "60a200000000000000000001"
"""The funding goal that the show follows."""
ASKED = "60a200000000000000000002"
"""The request of VIEWER's that the exclusive goal follows."""
CACHED = f"private-stream@{STREAMER}"
OPENING = a_session(claim=Claim(goal_id=IDS[names.TRIGGER_PRIVATE_GOAL], exp=EXP))

Observed = Mapping[str, object]
PAYLOADS: Mapping[type[events.Event], Mapping[str, object]] = {
    events.GoalCreated: {"active": True, "levels": [{"progress": 5}], "nbf": None},
    events.GoalAdded: {"session_id": SESSION, "streamer_id": STREAMER},
    events.GoalProgressed: {"progress": 5, "insert_id": "for the show"},
    events.GoalEnded: {"progress": 5, "triggerer": None},
}


class Recorder(Signals):
    """Sends nothing on: a cell is tried by itself."""

    def __init__(self) -> None:
        super().__init__(Namespace())
        self.sent: list[events.Event] = []

    def send(self, event: events.Event) -> None:
        self.sent.append(event)


@frozen(kw_only=True)
class Stage:
    ports: ReceiverPorts
    stores: Callable[[], Observed]
    notifier: memory.MemoryNotifier
    task_queue: memory.MemoryTaskQueue
    signals: Recorder

    def event(self, kind: type[events.Event], _cls: str) -> events.Event:
        """What is sent of the class's goal, as it stands in the store."""
        goal = self.ports.goals.get(IDS[_cls])
        assert goal is not None
        names_of_fields = (attribute.name for attribute in fields(kind))
        payload = {name: getattr(goal, name, None) for name in (*names_of_fields, "_cls")}
        return kind.from_payload({**payload, "goal_id": goal.id, **PAYLOADS[kind]})

    def observed(self) -> dict[str, object]:
        """All that a receiver may change. What is sent counts once, however often it comes: consumers drop repeats."""
        sent: dict[str, set[object]] = defaultdict(set)
        for told in self.notifier.notifications:
            sent[f"event {told.event}"].add((told.id, tuple(told.channels), repr(told.payload)))
        for queued in self.task_queue.queued():
            sent[f"task {queued.message.name}"].add((repr(queued.message), queued.due))
        for event in self.signals.sent:
            sent[f"signal {event.sender}"].add(repr(event))
        return {**self.stores(), **sent}


def changes(before: Observed, after: Observed) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def in_memory() -> Stage:
    sessions, goals, wallet = memory.MemorySessions(), memory.MemoryGoals(), memory.MemoryWallet()
    feed, tracker, cache = memory.MemoryFeed(), memory.MemoryTracker(), memory.MemoryChannelCache()
    sources, passes = memory.MemoryRtcSources(), memory.MemoryPasses()
    sessions.add(OPENING)
    cache.data[CACHED] = "cached"

    def stores() -> Observed:
        return {
            "trigger_private_goals": sessions.private_goals(SESSION),
            "passes": passes.of(SESSION),
            "show_goal_pairs": sessions.show_goal_pairs(SESSION),
            "karaoke_goal": sessions.karaoke_goal(SESSION),
            "exclusive_goal_pairs": sessions.exclusive_goal_pairs(SESSION),
            "goals": goals.all(),
            "wallet": (wallet.holds(), wallet.accounts()),
            "feed": {**feed.entries},
            "tracked": {**tracker.tracked},
            "channel_cache": {**cache.data},
            "rtc_sources": sources.stopped(STREAMER),
        }

    ports = {"sessions": sessions, "goals": goals, "passes": passes, "wallet": wallet, "feed": feed, "tracker": tracker}
    return _stage(stores, wallet.credit, **ports, channel_cache=cache, rtc_sources=sources)


def on_mongo(database: Database[Document], settings: mongo.MongoSettings) -> Stage:
    wallet = mongo.MongoWallet(database, settings)
    adapters: dict[str, Callable[..., object]] = {
        "sessions": mongo.MongoSessions,
        "goals": mongo.MongoGoals,
        "passes": mongo.MongoPasses,
        "feed": mongo.MongoFeed,
        "tracker": mongo.MongoTracker,
        "channel_cache": mongo.MongoChannelCache,
        "rtc_sources": mongo.MongoRtcSources,
    }
    database["sessions"].insert_one(session_document(OPENING))
    database["pusher_channel_data"].insert_one({"_id": CACHED})

    def stores() -> Observed:
        (document,) = database["sessions"].find()
        fields = ("trigger_private_goals", "show_goal_pairs", "karaoke_goal", "exclusive_goal_pairs")
        return {
            **{name: document.get(name) for name in fields},
            "goals": [*database["goals"].find()],
            "passes": [*database["passes"].find()],
            "wallet": [[*database[name].find()] for name in ("accounts", "transactions")],
            "feed": [*database["livestream_feed"].find()],
            "tracked": [*database["tracked_goals"].find()],
            "channel_cache": [*database["pusher_channel_data"].find()],
            "rtc_sources": [document["stopped_by"] for document in database["rtc_sources"].find()],
        }

    ports = {name: adapter(database, settings) for name, adapter in adapters.items()}
    return _stage(stores, wallet.credit, wallet=wallet, **ports)


def play(stage: Stage, kind: type[events.Event]) -> None:
    """Bring the goals to where the event finds them: created; bound and paid for; or over."""
    ports = stage.ports
    for goal in _goals():
        ports.goals.insert(goal)
    for number, escrow in enumerate([f"trigger_private:{IDS['TriggerPrivateGoal']}", f"show_funding:{FUNDED}"]):
        ports.wallet.hold(a_hold(transaction_id=f"payment {number}", escrow_id=escrow))
    ports.wallet.hold(a_hold(transaction_id="for the show", escrow_id=f"show:{IDS['ShowGoal']}"))
    assert ports.sessions.bind_show_funding_goal(SESSION, _live(FUNDED), NOW)
    assert ports.sessions.bind_trigger_exclusive_goal(SESSION, _live(ASKED), NOW, viewer_id=VIEWER)
    if kind is not events.GoalCreated:
        _bind(stage)
    if kind in (events.GoalProgressed, events.GoalEnded):
        for _cls, goal_id in IDS.items():
            ports.goals.end(goal_id, NOW, metadata={"agreed": NOW} if _cls == names.TRIGGER_PRIVATE_GOAL else None)


def _bind(stage: Stage) -> None:
    sessions = stage.ports.sessions
    bound: list[Session | None] = [
        sessions.bind_trigger_private_goal(SESSION, _live(IDS["TriggerPrivateGoal"]), NOW),
        sessions.bind_show_funding_goal(SESSION, _live(IDS["ShowFundingGoal"]), NOW),
        sessions.bind_show_goal(SESSION, _live(IDS["ShowGoal"]), NOW, funding_goal=FUNDED),
        sessions.bind_karaoke_goal(SESSION, _live(IDS["KaraokeGoal"]), NOW),
        sessions.bind_trigger_exclusive_goal(SESSION, _live(IDS["TriggerExclusiveGoal"]), NOW, viewer_id=VIEWER_2),
        sessions.bind_exclusive_goal(
            SESSION, _live(IDS["ExclusiveGoal"]), NOW, viewer_id=VIEWER, trigger_exclusive_goal=ASKED
        ),
    ]
    assert None not in bound
    stage.ports.rtc_sources.stop_snapshots(STREAMER, IDS["ExclusiveGoal"])


def _live(goal_id: str) -> Claim:
    return Claim(goal_id=goal_id, exp=EXP)


def _goals() -> list[Goal]:
    return [
        *(_goal(goal_id, _cls) for _cls, goal_id in IDS.items()),
        _goal(FUNDED, names.SHOW_FUNDING_GOAL),
        _goal(ASKED, names.TRIGGER_EXCLUSIVE_GOAL),
    ]


def _goal(goal_id: str, _cls: str) -> Goal:
    contexts: dict[str, Mapping[str, object]] = {
        IDS["TriggerPrivateGoal"]: names.TRIGGER_PRIVATE_CONTEXT,
        IDS["ShowGoal"]: {"funding_goal_id": FUNDED},
        IDS["ExclusiveGoal"]: {"trigger_exclusive_goal_id": ASKED},
    }
    viewer_id = VIEWER_2 if goal_id == IDS["TriggerExclusiveGoal"] else VIEWER
    return Goal(
        id=goal_id,
        _cls=_cls,
        conditions={"session_id": SESSION},
        levels=[{"progress": 5}],
        exp=EXP,
        context=contexts.get(goal_id, {}),
        metadata={"user_id": STREAMER, "triggered_by": viewer_id},
    )


def _stage(stores: Callable[[], Observed], credit: Callable[[str, int], None], **ports: Any) -> Stage:
    credit(VIEWER, 1_000)
    clock = memory.MemoryClock(NOW)
    notifier, task_queue, signals = memory.MemoryNotifier(), memory.MemoryTaskQueue(clock), Recorder()
    told: dict[str, Any] = {"notifier": notifier, "task_queue": task_queue, "signals": signals}
    return Stage(
        ports=ReceiverPorts(**ports, **told, clock=clock, settings=Settings()),
        stores=stores,
        notifier=notifier,
        task_queue=task_queue,
        signals=signals,
    )
