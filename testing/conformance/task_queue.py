"""What :class:`show_goal.ports.task_queue.TaskQueue` promises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol
from uuid import uuid4

import pytest
from attrs import frozen

from ...core.messages import CreateGoal, DeactivateGoal, IncrementGoalProgress, Message, SettleEscrow, Transfer
from ...ports.errors import TaskQueueUnavailable
from ...ports.task_queue import TaskQueue
from .examples import EXP, SESSION, STREAMER, VIEWER
from .promise import Conformance, Promise

ANSWER_WITHIN = 3.0
"""Seconds (D27)."""
WAIT = timedelta(seconds=2)
LONGER = timedelta(seconds=6)
"""So long that even a busy worker gets what is due now before what waits."""


@frozen
class Delivery:
    """A message as its task got it, and when."""

    message: Message
    at: datetime


class Consumer(Protocol):
    """What stands at the other end of the queue: a worker whose tasks record what they get."""

    def now(self) -> datetime:
        """The present, by the clock that decides when a message is due."""
        ...

    def deliveries(self, goal_id: str, count: int) -> Sequence[Delivery]:
        """Wait for at least ``count`` messages of this goal; return all that came, in their order.

        A clock that stands still is moved on as needed. Raises when they do not come in time.
        """
        ...


ARRIVES = Promise(TaskQueue.trigger, "arrives", "The message arrives as it was triggered, with its header.")
ETA = Promise(TaskQueue.trigger, "eta", "It arrives not before its ``eta``.")
FREE = Promise(TaskQueue.trigger, "free", "What waits for its ``eta`` holds nothing up.")
AGAIN = Promise(
    TaskQueue.trigger,
    "again",
    "A message that is triggered again arrives again: repeats are for the tasks to see through.",
)
UNAVAILABLE = Promise(
    TaskQueue.trigger,
    "unavailable",
    "Raises TaskQueueUnavailable within 3 s (D27): the message may have been queued all the same.",
    "may_be_unavailable",
)


@frozen(kw_only=True)
class TaskQueueUnderTest:
    """Each test has a goal of its own, so that the queue and its consumer may be the same for all."""

    task_queue: TaskQueue
    consumer: Consumer
    """Consumes from ``task_queue``."""
    unavailable: TaskQueue | None = None
    """An adapter whose broker does not answer; None where ``may_be_unavailable`` is False."""


class TaskQueueConformance(Conformance[TaskQueueUnderTest]):
    """``under_test`` gives :class:`TaskQueueUnderTest`: the adapter, a worker, and one whose broker does not answer."""

    may_be_unavailable = True
    """False for a queue that cannot fail, as one in memory."""

    @pytest.fixture
    def task_queue(self, under_test: TaskQueueUnderTest) -> TaskQueue:
        return under_test.task_queue

    @pytest.fixture
    def consumer(self, under_test: TaskQueueUnderTest) -> Consumer:
        return under_test.consumer

    @pytest.fixture
    def goal_id(self) -> str:
        return uuid4().hex[:24]

    @ARRIVES
    def test_create_goal_arrives_as_it_was_triggered(
        self, task_queue: TaskQueue, consumer: Consumer, goal_id: str
    ) -> None:
        message = CreateGoal(
            goal_id=goal_id,
            active=True,
            _cls="TriggerPrivateGoal",
            conditions={"session_id": SESSION, "nested": {"list": [1, None, True], "text": "私密"}},
            levels=[{"amount": 1}],
            context={"type": "trigger-private"},
            metadata={"user_id": STREAMER, "triggered_by": VIEWER, "prepaid_duration": 90},
            exp=EXP,
        )
        task_queue.trigger(message)
        _arrives(consumer, message, goal_id)

    @ARRIVES
    def test_a_goal_without_an_end_arrives_without_one(
        self, task_queue: TaskQueue, consumer: Consumer, goal_id: str
    ) -> None:
        message = CreateGoal(
            goal_id=goal_id,
            active=False,
            _cls="ShowGoal",
            conditions={},
            levels=[],
            context={},
            metadata={},
            exp=None,
            nbf=EXP,
        )
        task_queue.trigger(message)
        _arrives(consumer, message, goal_id)

    @ARRIVES
    def test_transfer_arrives_with_its_duration(self, task_queue: TaskQueue, consumer: Consumer, goal_id: str) -> None:
        message = _transfer(goal_id, duration=90)
        task_queue.trigger(message)
        _arrives(consumer, message, goal_id)

    @ARRIVES
    def test_transfer_arrives_without_a_duration(self, task_queue: TaskQueue, consumer: Consumer, goal_id: str) -> None:
        message = _transfer(goal_id, duration=None)
        task_queue.trigger(message)
        _arrives(consumer, message, goal_id)

    @ARRIVES
    def test_deactivate_goal_arrives_as_it_was_triggered(
        self, task_queue: TaskQueue, consumer: Consumer, goal_id: str
    ) -> None:
        message = DeactivateGoal(goal_id=goal_id, exp=EXP)
        task_queue.trigger(message)
        _arrives(consumer, message, goal_id)

    @pytest.mark.parametrize("metadata", [{"agreed": EXP.isoformat()}, None], ids=["agreed", "refused"])
    @ARRIVES
    def test_an_answer_arrives_as_it_was_triggered(
        self, task_queue: TaskQueue, consumer: Consumer, goal_id: str, metadata: dict[str, str] | None
    ) -> None:
        message = DeactivateGoal(
            goal_id=goal_id,
            filters={"active": True, "metadata.user_id": STREAMER},
            triggerer=STREAMER,
            metadata=metadata,
        )
        task_queue.trigger(message)
        _arrives(consumer, message, goal_id)

    @ARRIVES
    def test_increment_goal_progress_arrives_as_it_was_triggered(
        self, task_queue: TaskQueue, consumer: Consumer, goal_id: str
    ) -> None:
        message = IncrementGoalProgress(
            goal_id=goal_id,
            amount=1,
            cost=90,
            breakdown_id=VIEWER,
            insert_id=f"session:trigger-private:{goal_id}:{VIEWER}",
        )
        task_queue.trigger(message)
        _arrives(consumer, message, goal_id)

    @ARRIVES
    def test_settle_escrow_arrives_as_it_was_triggered(
        self, task_queue: TaskQueue, consumer: Consumer, goal_id: str
    ) -> None:
        message = SettleEscrow(goal_id=goal_id)
        task_queue.trigger(message)
        _arrives(consumer, message, goal_id)

    @ETA
    def test_nothing_arrives_before_its_eta(self, task_queue: TaskQueue, consumer: Consumer, goal_id: str) -> None:
        eta = consumer.now() + WAIT
        task_queue.trigger(DeactivateGoal(goal_id=goal_id), eta=eta)
        assert consumer.deliveries(goal_id, 1)[0].at >= eta, "it arrived too early"

    @FREE
    def test_what_waits_for_its_eta_holds_nothing_up(
        self, task_queue: TaskQueue, consumer: Consumer, goal_id: str
    ) -> None:
        later, now = DeactivateGoal(goal_id=goal_id, exp=EXP), DeactivateGoal(goal_id=goal_id)
        task_queue.trigger(later, eta=consumer.now() + LONGER)
        task_queue.trigger(now)
        arrived = [delivery.message for delivery in consumer.deliveries(goal_id, 2)]
        assert arrived == [now, later], "what was due waited for what was not"

    @FREE
    def test_an_eta_that_has_passed_is_due_at_once(
        self, task_queue: TaskQueue, consumer: Consumer, goal_id: str
    ) -> None:
        task_queue.trigger(DeactivateGoal(goal_id=goal_id), eta=consumer.now() - WAIT)
        assert consumer.deliveries(goal_id, 1), "it never arrived"

    @AGAIN
    def test_a_message_that_is_triggered_again_arrives_again(
        self, task_queue: TaskQueue, consumer: Consumer, goal_id: str
    ) -> None:
        """Repeats are for the tasks to see through (D19), not for the queue."""
        message = _transfer(goal_id, duration=90)
        for _ in range(3):
            task_queue.trigger(message)
        arrived = [delivery.message for delivery in consumer.deliveries(goal_id, 3)]
        assert arrived == arrived[:1] * len(arrived), "a repeat is another message"

    @UNAVAILABLE
    def test_a_broker_that_does_not_answer_is_told_in_time(self, under_test: TaskQueueUnderTest, goal_id: str) -> None:
        assert under_test.unavailable is not None, "under_test has no adapter whose broker does not answer"
        started = monotonic()
        with pytest.raises(TaskQueueUnavailable):
            under_test.unavailable.trigger(_transfer(goal_id, duration=90))
        assert monotonic() - started < ANSWER_WITHIN, "it was told too late"


def _arrives(consumer: Consumer, message: Message, goal_id: str) -> None:
    arrived = consumer.deliveries(goal_id, 1)[0].message
    assert arrived == message, "something else arrived"


def _transfer(goal_id: str, duration: int | None) -> Transfer:
    return Transfer(
        goal_id=goal_id,
        transaction_id=f"session:trigger-private:{goal_id}:{VIEWER}",
        from_user_id=VIEWER,
        to_user_id=STREAMER,
        amount=90,
        tags=[f"swag::livestream.session:{SESSION}.trigger_private:{goal_id}"],
        escrow_id=f"trigger_private:{goal_id}",
        duration=duration,
    )
