"""What :class:`show_goal.ports.task_queue.TaskQueue` promises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Protocol
from uuid import uuid4

import pytest
from attrs import evolve, frozen

from ...core.messages import (
    AdmitViewers,
    CreateGoal,
    DeactivateGoal,
    IncrementGoalProgress,
    Message,
    SettleEscrow,
    Transfer,
)
from ...ports.errors import TaskQueueFull, TaskQueueUnavailable
from ...ports.task_queue import TaskQueue
from .examples import EXP, GOAL, SESSION, STREAMER, VIEWER
from .promise import Conformance, Promise

ANSWER_WITHIN = 3.0
"""Seconds (D27)."""
WAIT = timedelta(seconds=2)
ROOM = 3
SOON = 5.0
"""Seconds after which a full queue is known to be full, also on a busy machine."""
LONGER = timedelta(seconds=6)
"""Long enough for a busy worker to get the message that is due now before the one that waits."""

TRANSFER = Transfer(
    goal_id=GOAL,
    transaction_id=f"session:trigger-private:{GOAL}:{VIEWER}",
    from_user_id=VIEWER,
    to_user_id=STREAMER,
    amount=90,
    tags=[f"swag::livestream.session:{SESSION}.trigger_private:{GOAL}"],
    escrow_id=f"trigger_private:{GOAL}",
    duration=90,
    session_id=SESSION,
    asked_exp=1_767_225_900,
)
ANSWERED = DeactivateGoal(
    goal_id=GOAL, filters={"active": True, "metadata.user_id": STREAMER}, triggerer=STREAMER, metadata=None
)
PAGE = [TRANSFER.transaction_id.replace(VIEWER, f"{number:024x}") for number in range(100)]
MESSAGES: dict[str, Any] = {
    "create_goal with every argument": CreateGoal(
        goal_id=GOAL,
        active=True,
        _cls="TriggerPrivateGoal",
        conditions={"session_id": SESSION, "nested": {"list": [1, None, True], "text": "私密"}},
        levels=[{"amount": 1}],
        context={"type": "trigger-private"},
        metadata={"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90},
        exp=EXP,
        nbf=EXP,
    ),
    "create_goal without exp": CreateGoal(
        goal_id=GOAL, active=False, _cls="ShowGoal", conditions={}, levels=[], context={}, metadata={}, exp=None
    ),
    "transfer": TRANSFER,
    "transfer without duration": evolve(TRANSFER, duration=None),
    "deactivate_goal": DeactivateGoal(goal_id=GOAL, exp=EXP),
    "deactivate_goal after agreeing": evolve(ANSWERED, metadata={"agreed": EXP.isoformat()}),
    "deactivate_goal after refusing": ANSWERED,
    "increment_goal_progress": IncrementGoalProgress(
        goal_id=GOAL, amount=1, cost=90, breakdown_id=VIEWER, insert_id=TRANSFER.transaction_id
    ),
    "settle_escrow": SettleEscrow(goal_id=GOAL),
    "settle_escrow of a plan": SettleEscrow(goal_id=GOAL, after="a place", page=7),
    "settle_escrow of a page": SettleEscrow(goal_id=GOAL, after="a place", transactions=PAGE),
    "admit_viewers": AdmitViewers(goal_id=GOAL, after="a place", tell=True, transactions=PAGE[:1]),
}


@frozen
class Delivery:
    """A message as its task got it, and when."""

    message: Message
    at: datetime


class Consumer(Protocol):
    """The other end of the queue: a worker whose tasks record what they get."""

    def now(self) -> datetime:
        """The current time, by the clock that decides when a message is due."""
        ...

    def deliveries(self, goal_id: str, count: int) -> Sequence[Delivery]:
        """Wait for at least ``count`` messages of this goal, and return all that came, in their order.

        Advance a clock that does not run by itself. Raise if they do not come in time.
        """
        ...


@frozen(kw_only=True)
class TaskQueueUnderTest:
    """Each test has its own goal, so all may share a queue and its consumer."""

    task_queue: TaskQueue
    consumer: Consumer
    """Consumes from ``task_queue``."""
    unavailable: TaskQueue | None = None
    """An adapter whose broker does not answer; None if ``may_be_unavailable`` is False."""
    limited: TaskQueue | None = None
    """An adapter that is full when ``ROOM`` messages wait, on a queue that nobody consumes; None if ``may_be_full`` is
    False."""


class TaskQueueConformance(Conformance[TaskQueueUnderTest]):
    """``under_test`` returns :class:`TaskQueueUnderTest`: the adapter, a worker, a broken and a limited adapter."""

    may_be_unavailable = True
    """False for a queue that cannot fail, for example one in memory."""
    may_be_full = True
    """False for a queue that never refuses an invitation."""

    def take(self, under_test: TaskQueueUnderTest) -> None:
        self.task_queue, self.unavailable = under_test.task_queue, under_test.unavailable
        self.consumer, self.limited = under_test.consumer, under_test.limited
        self.goal_id = uuid4().hex[:24]

    def now(self, *, exp: datetime | None = None) -> DeactivateGoal:
        return DeactivateGoal(goal_id=self.goal_id, exp=exp)

    def arrived(self, count: int = 1) -> list[Message]:
        return [delivery.message for delivery in self.consumer.deliveries(self.goal_id, count)]

    @Promise(TaskQueue.require_room, "room")
    def test_there_is_room_while_few_messages_wait(self) -> None:
        for _ in range(2):
            self.task_queue.require_room()
            self.task_queue.trigger(self.now())

    @Promise(TaskQueue.require_room, "full", "may_be_full")
    def test_a_queue_is_full_once_as_many_messages_wait_as_it_allows(self) -> None:
        limited = self.filled()
        deadline = monotonic() + SOON
        while not _full(limited):
            assert monotonic() < deadline, f"{ROOM} messages wait, and there is room"
        assert _full(limited), "it was full, and nobody has taken a message"

    @Promise(TaskQueue.require_room, "takes", "may_be_full")
    def test_a_full_queue_takes_every_message(self) -> None:
        limited = self.filled()
        for _ in range(ROOM):
            limited.trigger(TRANSFER)

    def filled(self) -> TaskQueue:
        assert self.limited is not None, "under_test has no adapter with a limit"
        for number in range(ROOM):
            assert not _full(self.limited), f"{number} of {ROOM} messages wait, and there is no room"
            self.limited.trigger(TRANSFER)
        return self.limited

    @Promise(TaskQueue.require_room, "unavailable", "may_be_unavailable")
    def test_a_broker_that_does_not_tell_is_reported_in_time(self) -> None:
        assert self.unavailable is not None, "under_test has no adapter whose broker does not answer"
        started = monotonic()
        with pytest.raises(TaskQueueUnavailable):
            self.unavailable.require_room()
        assert monotonic() - started < ANSWER_WITHIN, "it was reported too late"

    @pytest.mark.parametrize("kind", MESSAGES)
    @Promise(TaskQueue.trigger, "arrives")
    def test_a_message_arrives_as_it_was_triggered(self, kind: str) -> None:
        message = evolve(MESSAGES[kind], goal_id=self.goal_id)
        self.task_queue.trigger(message)
        assert self.arrived()[0] == message, "another message arrived"

    @Promise(TaskQueue.trigger, "eta")
    def test_nothing_arrives_before_its_eta(self) -> None:
        eta = self.consumer.now() + WAIT
        self.task_queue.trigger(self.now(), eta=eta)
        assert self.consumer.deliveries(self.goal_id, 1)[0].at >= eta, "it arrived too early"

    @Promise(TaskQueue.trigger, "free")
    def test_a_message_that_waits_for_its_eta_does_not_delay_others(self) -> None:
        later, now = self.now(exp=EXP), self.now()
        self.task_queue.trigger(later, eta=self.consumer.now() + LONGER)
        self.task_queue.trigger(now)
        assert self.arrived(2) == [now, later], "the message that is due waited for the one that is not"

    @Promise(TaskQueue.trigger, "free")
    def test_an_eta_in_the_past_is_due_now(self) -> None:
        self.task_queue.trigger(self.now(), eta=self.consumer.now() - WAIT)
        assert self.arrived() == [self.now()], "another message arrived"

    @Promise(TaskQueue.trigger, "again")
    def test_a_message_that_is_triggered_again_arrives_again(self) -> None:
        """The tasks ignore repeats (D19). The queue must not."""
        message = evolve(TRANSFER, goal_id=self.goal_id)
        for _ in range(3):
            self.task_queue.trigger(message)
        arrived = self.arrived(3)
        assert arrived == [message] * len(arrived), "a repeat arrived changed"

    @Promise(TaskQueue.trigger, "unavailable", "may_be_unavailable")
    def test_a_broker_that_does_not_answer_is_reported_in_time(self) -> None:
        assert self.unavailable is not None, "under_test has no adapter whose broker does not answer"
        started = monotonic()
        with pytest.raises(TaskQueueUnavailable):
            self.unavailable.trigger(TRANSFER)
        assert monotonic() - started < ANSWER_WITHIN, "it was reported too late"


def _full(task_queue: TaskQueue) -> bool:
    try:
        task_queue.require_room()
    except TaskQueueFull:
        return True
    return False
