"""The far ends of the in-memory task queue, notifier and journal: who consumes, who listens, what is kept."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from show_goal.adapters.memory import MemoryClock, MemoryJournal, MemoryNotifier, MemoryTaskQueue, MemoryWorker
from show_goal.core.messages import (
    AdmitViewers,
    CreateGoal,
    DeactivateGoal,
    IncrementGoalProgress,
    Message,
    SettleEscrow,
    Transfer,
)
from show_goal.testing.conformance import JournalUnderTest
from show_goal.testing.conformance.notifier import Hear
from show_goal.testing.conformance.task_queue import Delivery

MESSAGES = (AdmitViewers, CreateGoal, DeactivateGoal, IncrementGoalProgress, SettleEscrow, Transfer)


def memory_journal(journal: MemoryJournal) -> JournalUnderTest:
    tracked = journal.tracker.tracked
    return JournalUnderTest(
        journal=journal,
        feed=journal.feed,
        tracker=journal.tracker,
        goals=journal.goals,
        passes=journal.passes,
        tracked=lambda occurrence: {event: told for (event, which), told in tracked.items() if which == occurrence},
    )


class MemoryConsumer:
    def __init__(self, queue: MemoryTaskQueue, clock: MemoryClock) -> None:
        self._queue = queue
        self._clock = clock
        self._deliveries: list[Delivery] = []
        self._worker = MemoryWorker(queue, dict.fromkeys(MESSAGES, self._record), clock)

    def now(self) -> datetime:
        return self._clock.now()

    def deliveries(self, goal_id: str, count: int) -> list[Delivery]:
        self._worker.run_due()
        while len(self._of(goal_id)) < count:
            later = [queued.due for queued in self._queue.queued() if queued.due > self.now()]
            if not later:
                raise TimeoutError(f"fewer than {count} messages came for {goal_id}")
            self._clock.move_to(min(later))
            self._worker.run_due()
        return self._of(goal_id)

    def _of(self, goal_id: str) -> list[Delivery]:
        return [delivery for delivery in self._deliveries if delivery.message.arguments()["goal_id"] == goal_id]

    def _record(self, message: Message) -> None:
        self._deliveries.append(Delivery(message, self._clock.now()))


def hearing(notifier: MemoryNotifier) -> Hear:
    heard: set[tuple[str, int]] = set()

    def hear(event: str, channel: str) -> Any:
        for place, sent in enumerate(notifier.notifications):
            if sent.event == event and channel in sent.channels and (channel, place) not in heard:
                heard.add((channel, place))
                return json.loads(sent.encode())
        raise TimeoutError(f"no {event} on {channel}")

    return hear
