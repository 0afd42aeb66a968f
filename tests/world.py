"""A platform in memory: the container, and its adapters by their own types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from attrs import define, field

from show_goal.adapters.container import Container
from show_goal.adapters.memory import (
    MemoryChannelAuthorizer,
    MemoryChannelCache,
    MemoryClock,
    MemoryFeed,
    MemoryGoals,
    MemoryIds,
    MemoryNotifier,
    MemoryPasses,
    MemoryRtcSources,
    MemorySessions,
    MemorySweeps,
    MemoryTaskQueue,
    MemoryTracker,
    MemoryWallet,
)
from show_goal.core.decision import Rule
from show_goal.core.messages import DeactivateGoal, IncrementGoalProgress, Message, Sweep
from show_goal.core.model import Goal, Viewer
from show_goal.core.requests.trigger_private import Accepted
from show_goal.core.tasks.sweep import Swept
from show_goal.core.trace import Trace
from show_goal.ports.notifier import Notification

from .builders import (
    GOAL,
    SESSION,
    STREAMER,
    VIEWER,
    VIEWER_2,
    a_create_goal,
    a_session,
    a_transfer,
    an_invitation,
)


@define(kw_only=True)
class World:
    clock: MemoryClock
    ids: MemoryIds = field(factory=MemoryIds)
    sessions: MemorySessions = field(factory=MemorySessions)
    goals: MemoryGoals = field(factory=MemoryGoals)
    passes: MemoryPasses = field(factory=MemoryPasses)
    wallet: MemoryWallet = field(factory=MemoryWallet)
    task_queue: MemoryTaskQueue
    notifier: MemoryNotifier = field(factory=MemoryNotifier)
    feed: MemoryFeed = field(factory=MemoryFeed)
    tracker: MemoryTracker = field(factory=MemoryTracker)
    channel_authorizer: MemoryChannelAuthorizer = field(factory=MemoryChannelAuthorizer)
    channel_cache: MemoryChannelCache = field(factory=MemoryChannelCache)
    rtc_sources: MemoryRtcSources = field(factory=MemoryRtcSources)
    sweeps: MemorySweeps = field(factory=MemorySweeps)
    traces: list[Trace] = field(factory=list)
    container: Container = field(init=False)

    @classmethod
    def make(cls, **replaced: Any) -> World:
        """A session of STREAMER at 60 a minute, two viewers with 1,000 each. ``replaced`` swaps ports by name."""
        clock = replaced.get("clock") or MemoryClock()
        world = cls(clock=clock, task_queue=replaced.get("task_queue") or MemoryTaskQueue(clock))
        ports: dict[str, Any] = {name: getattr(world, name) for name in _PORTS}
        ports["trace_sink"] = world.traces.append
        world.container = Container.in_memory(**ports | replaced)
        world.sessions.add(a_session())
        for viewer_id in (VIEWER, VIEWER_2):
            world.wallet.credit(viewer_id, 1_000)
        return world

    def invite(self, viewer: Viewer | str | None = VIEWER, session_id: str = SESSION, **changes: int) -> Accepted:
        """A viewer's invitation: 5 minutes to answer, 90 seconds of show, unless ``changes`` say otherwise."""
        who = Viewer(id=viewer) if isinstance(viewer, str) else viewer
        return self.container.trigger_private_session()(session_id, who, an_invitation(self.clock.now(), **changes))

    def answer(self, goal_id: str, agree: bool, streamer_id: str = STREAMER) -> None:
        """The streamer's answer, carried out."""
        self.container.answer_goal()(goal_id, Viewer(id=streamer_id), agree)
        self.run_due()

    def agree(self, goal_id: str) -> None:
        self.answer(goal_id, agree=True)

    def refuse(self, goal_id: str) -> None:
        self.answer(goal_id, agree=False)

    def switch_preset(self, preset: str, streamer_id: str = STREAMER) -> None:
        self.container.switch_preset()(Viewer(id=streamer_id), preset)

    def create(self, goal_id: str, _cls: str, **changes: Any) -> None:
        """Task ``create_goal`` for a goal of STREAMER's, of any class."""
        values = {"context": {}, "metadata": {"user_id": STREAMER}, **changes}
        self.container.create_goal()(a_create_goal(goal_id=goal_id, _cls=_cls, **values))

    def end(self, goal_id: str = GOAL) -> None:
        self.container.deactivate_goal()(DeactivateGoal(goal_id=goal_id))

    def hold(self, goal_id: str, escrow_id: str, viewer_id: str = VIEWER) -> str:
        """Hold 90 in an escrow of any class. Returns the transaction's id."""
        transaction_id = f"{escrow_id}:{viewer_id}"
        transfer = a_transfer(
            goal_id, viewer_id, transaction_id=transaction_id, tags=["another feature's"], escrow_id=escrow_id
        )
        self.container.transfer()(transfer)
        return transaction_id

    def progress(self, goal_id: str, insert_id: str, viewer_id: str = VIEWER, amount: int = 1, cost: int = 0) -> None:
        message = IncrementGoalProgress(
            goal_id=goal_id, amount=amount, cost=cost, breakdown_id=viewer_id, insert_id=insert_id
        )
        self.container.increment_goal_progress()(message)

    def pay(self, goal_id: str, escrow_id: str, viewer_id: str = VIEWER) -> None:
        """Hold 90, and count it as the goal's progress."""
        self.progress(goal_id, self.hold(goal_id, escrow_id, viewer_id), viewer_id, cost=90)

    def sweep(self) -> Swept:
        swept: Swept = self.container.sweep()(Sweep())
        return swept

    def paid_by(self, goal_id: str) -> dict[str, int]:
        """What counts for the goal: viewer and cost."""
        return {one.viewer_id: one.cost for one in self.goals.contributions(goal_id, 100).items}

    def goal(self, goal_id: str) -> Goal:
        """The stored goal. Raises LookupError."""
        goal = self.goals.get(goal_id)
        if goal is None:
            raise LookupError(f"there is no goal {goal_id}")
        return goal

    def rule_of(self, goal_id: str) -> Rule | None:
        """Which rule decided about the goal's escrow."""
        why = self.goal(goal_id).why
        return None if why is None else why.rule

    def is_set_aside(self, goal_id: str) -> bool:
        """Whether the last sweep could not do something for the goal."""
        last = self.sweeps.last()
        return last is not None and any(goal_id in one.item for one in last.aside)

    def messages(self) -> list[Message]:
        """What is in the queue."""
        return [queued.message for queued in self.task_queue.queued()]

    def kinds(self) -> list[type[Message]]:
        """Which messages are in the queue."""
        return [type(message) for message in self.messages()]

    def run_due(self, *, quiet: bool = False) -> int:
        """``quiet``: some of it fails on purpose."""
        ran: int = self.container.worker().run_due(quiet=quiet)
        return ran

    def wait(self, seconds: float, *, quiet: bool = False) -> None:
        """Let time pass, and whatever falls due in it happen."""
        self.clock.advance(timedelta(seconds=seconds))
        self.run_due(quiet=quiet)

    def available(self) -> dict[str, int]:
        """What each account has available. Fails if anything is still held or the audit finds a problem (L6)."""
        accounts = self.wallet.accounts()
        assert all(balance.held == 0 for balance in accounts.values()), "something is still held"
        assert self.wallet.audit(self.clock.now() + timedelta(days=1)).problems == []
        return {user_id: balance.available for user_id, balance in accounts.items()}

    def notified(self, event: str) -> list[Notification]:
        """The notifications of one event."""
        return [notification for notification in self.notifier.notifications if notification.event == event]

    def trace(self, unit: str) -> dict[str, Any]:
        """The newest trace of a unit."""
        return next(trace.as_dict() for trace in reversed(self.traces) if trace.name == unit)

    def steps(self, unit: str, kind: str) -> list[tuple[str, str]]:
        """Name and outcome of each step of a kind, in the newest trace of a unit."""
        return [(s["name"], s["outcome"]) for s in self.trace(unit)["steps"] if s["kind"] == kind]

    def outcome(self, unit: str, receiver: str) -> str:
        """Whether the receiver ran, was skipped or failed, in the newest trace of a unit."""
        return dict(self.steps(unit, "receiver"))[receiver]

    def sent(self, unit: str) -> list[tuple[str, Any]]:
        """Each signal and its payload, in the newest trace of a unit."""
        return [(s["name"], s["arguments"]) for s in self.trace(unit)["steps"] if s["kind"] == "signal"]


def meanwhile(port: object, method: str, happens: Callable[[], object], *, after: bool = False) -> None:
    """Let something happen once, just before the port's next call of a method takes effect, or just after.

    If it raises, so does the call.
    """
    call = getattr(port, method)

    def once(*args: Any, **kwargs: Any) -> Any:
        setattr(port, method, call)
        if not after:
            happens()
        result = call(*args, **kwargs)
        if after:
            happens()
        return result

    setattr(port, method, once)


_PORTS = (
    "clock",
    "ids",
    "sessions",
    "goals",
    "passes",
    "wallet",
    "task_queue",
    "notifier",
    "feed",
    "tracker",
    "channel_authorizer",
    "channel_cache",
    "rtc_sources",
    "sweeps",
)
