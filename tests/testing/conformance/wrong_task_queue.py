"""Task queues that break a promise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.adapters.memory.task_queue import Queued
from show_goal.core.messages import CreateGoal, DeactivateGoal, IncrementGoalProgress, Message, SettleEscrow, Transfer
from show_goal.ports.errors import TaskQueueUnavailable
from show_goal.testing.conformance import TaskQueueConformance, TaskQueueUnderTest
from tests.contracts.far_ends import MemoryConsumer

from .breaking import WrongAdapters

WRONG = WrongAdapters()


class Queue(MemoryTaskQueue):
    """Right, and unavailable when it is told to be."""

    unavailable = False

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        if self.unavailable:
            self.refuse()
        else:
            super().trigger(message, eta=eta)

    def refuse(self) -> None:
        raise TaskQueueUnavailable("no broker answers")


class Loses(Queue):
    """Loses one field of one kind of message."""

    kind: type[Message]
    lost: Mapping[str, object]

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        super().trigger(evolve(message, **self.lost) if isinstance(message, self.kind) else message, eta=eta)


@WRONG.breaks("trigger.arrives", "something else arrived")
class LosesNbf(Loses):
    kind, lost = CreateGoal, {"nbf": None}


@WRONG.breaks("trigger.arrives", "something else arrived")
class LosesConditions(Loses):
    kind, lost = CreateGoal, {"conditions": {}}


@WRONG.breaks("trigger.arrives", "something else arrived")
class LosesTheHeader(Loses):
    kind, lost = Transfer, {"duration": None}


@WRONG.breaks("trigger.arrives", "something else arrived")
class LosesWhoAnswered(Loses):
    kind, lost = DeactivateGoal, {"triggerer": None}


@WRONG.breaks("trigger.arrives", "something else arrived")
class LosesTheCost(Loses):
    kind, lost = IncrementGoalProgress, {"cost": 0}


@WRONG.breaks("trigger.arrives", "fewer than 1 messages came")
class LosesTheSettlement(Queue):
    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        if not isinstance(message, SettleEscrow):
            super().trigger(message, eta=eta)


@WRONG.breaks("trigger.eta", "it arrived too early")
class Early(Queue):
    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        super().trigger(message, eta=eta and eta - timedelta(milliseconds=1))


@WRONG.breaks("trigger.free", "what was due waited for what was not")
class FirstInFirstOut(Queue):
    def take_due(self) -> Queued | None:
        waiting = self.queued()
        if not waiting or waiting[0].due > self._clock.now():
            return None
        return self._queued.pop(0)


@WRONG.breaks("trigger.free", "ValueError(")
class RefusesThePast(Queue):
    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        if eta is not None and eta < self._clock.now():
            raise ValueError("eta has passed")
        super().trigger(message, eta=eta)


@WRONG.breaks("trigger.again", "TimeoutError(")
class DropsRepeats(Queue):
    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        if message not in [queued.message for queued in self.queued()]:
            super().trigger(message, eta=eta)


@WRONG.breaks("trigger.unavailable", "DID NOT RAISE")
class LosesInSilence(Queue):
    def refuse(self) -> None:
        pass


@WRONG.breaks("trigger.unavailable", "ConnectionRefusedError(")
class RaisesAsItsDriver(Queue):
    def refuse(self) -> None:
        raise ConnectionRefusedError


class TestWrongTaskQueues(TaskQueueConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> TaskQueueUnderTest:
        clock = MemoryClock()
        queue, unavailable = (request.param.adapter(clock) for _ in range(2))
        unavailable.unavailable = True
        return TaskQueueUnderTest(task_queue=queue, consumer=MemoryConsumer(queue, clock), unavailable=unavailable)
