"""Brokers and workers with one mistake each."""

from __future__ import annotations

from datetime import datetime

from show_goal.core.messages import Message, Sweep
from show_goal.ports.errors import TaskQueueFull
from show_goal.testing.simulator.network import WORK, Delivery, Network, Unreadable, WalletReport, Worker

# Brokers


class NeverRefuses(Network):
    """Has room, however many messages wait."""

    def require_room(self) -> None:
        return


class RefusesWhatIsPublished(Network):
    """Refuses a message when it comes, as a queue of limited length does. By then the session is claimed."""

    def require_room(self) -> None:
        return

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        if self.full:
            raise TaskQueueFull
        super().trigger(message, eta=eta)


class OneQueueForAll(Network):
    """Sweeps wait among the other messages."""

    def queue_of(self, message: Message | WalletReport) -> str:
        return WORK if isinstance(message, Sweep) else super().queue_of(message)


# Workers


class AcknowledgesEarly(Worker):
    """Acknowledges a message before its task runs."""

    def run(self, delivery: Delivery) -> object:
        self.network.acknowledge(delivery)
        return self.carry_out(delivery)


class GivesUpAtOnce(Worker):
    """Does not retry what failed."""

    def _failed(self, delivery: Delivery, error: BaseException) -> None:
        self.network.acknowledge(delivery)


class LosesRetries(Worker):
    """Acknowledges what failed, then queues it anew."""

    def _queue_anew(self, delivery: Delivery, seconds: int, *, retries: int, deliveries: int) -> str:
        self.network.acknowledge(delivery)
        return super()._queue_anew(delivery, seconds, retries=retries, deliveries=deliveries)


class CountsNoDeliveries(Worker):
    """Runs again what ended a worker, however often."""

    def _count(self, delivery: Delivery) -> object:
        return self._run(delivery)


class DropsWhatItCannotFinish(Worker):
    """Sets nothing aside."""

    def _set_aside(self, delivery: Delivery, why: str) -> str:
        self.network.acknowledge(delivery)
        return why


class DropsWhatItCannotRead(Worker):
    """Treats what it cannot read like a refusal."""

    def _failed(self, delivery: Delivery, error: BaseException) -> None:
        if isinstance(error, Unreadable):
            self.network.acknowledge(delivery)
        else:
            super()._failed(delivery, error)


class ReadsOnlyWhatItKnows(Worker):
    """Does not read a message with an unknown argument."""

    def read(self, delivery: Delivery) -> None:
        if delivery.newer:
            raise Unreadable
        super().read(delivery)
