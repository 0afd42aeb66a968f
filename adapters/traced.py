"""Ports that record what passes through them in the trace of the current unit (D28).

The container puts these around the adapters that use cases and receivers get. A step is recorded after the call
succeeded; a call that raises leaves none, except for a full queue, which refuses an invitation as a guard does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from ..core.in_place import keep
from ..core.messages import Message
from ..core.money import Hold, Statement
from ..core.trace import current
from ..ports.errors import NotificationRefused, TaskQueueFull
from ..ports.notifier import Notification, Notifier
from ..ports.page import Page
from ..ports.task_queue import TaskQueue
from ..ports.wallet import Wallet, releases_parts


@frozen
class TracedTaskQueue:
    """Records each task with its exact arguments and its eta, and that the queue was full.

    A message that the current task carries out itself is recorded, and not queued.
    """

    task_queue: TaskQueue

    def require_room(self) -> None:
        try:
            self.task_queue.require_room()
        except TaskQueueFull as full:
            current().refused(full)
            raise

    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        if not keep(message):
            self.task_queue.trigger(message, eta=eta)
        current().task(message, eta)


@frozen
class TracedNotifier:
    """Records each notification with its channels, and those that were left out."""

    notifier: Notifier

    def notify(self, notification: Notification) -> None:
        try:
            self.notifier.notify(notification)
        except NotificationRefused as refused:
            if refused.channels:
                heard = [channel for channel in notification.channels if channel not in refused.channels]
                if heard:
                    current().notification(notification.event, heard)
                current().notification(notification.event, refused.channels, "refused")
            raise
        current().notification(notification.event, notification.channels)


@frozen
class TracedWallet:
    """Records each hold, release and refund, repeats included. Questions pass unrecorded."""

    wallet: Wallet

    @property
    def calls_back(self) -> bool:
        return self.wallet.calls_back

    @property
    def releases_parts(self) -> bool:
        return releases_parts(self.wallet)

    def hold(self, hold: Hold) -> Hold:
        return _recorded(self.wallet.hold(hold))

    def release(self, transaction_id: str, amount: int | None = None) -> Hold:
        part = () if amount is None else (amount,)  # a wallet that releases no parts takes no amount
        return _recorded(self.wallet.release(transaction_id, *part))

    def refund(self, transaction_id: str) -> Hold:
        return _recorded(self.wallet.refund(transaction_id))

    def statement(self, user_id: str, transaction_id: str | None) -> Statement:
        return self.wallet.statement(user_id, transaction_id)

    def find(self, transaction_id: str) -> Hold | None:
        return self.wallet.find(transaction_id)

    def holds_of(self, escrow_id: str, limit: int, after: str | None = None) -> Page[Hold]:
        return self.wallet.holds_of(escrow_id, limit, after)

    def overdue(self, before: datetime, limit: int, after: str | None = None) -> Page[Hold]:
        return self.wallet.overdue(before, limit, after)


def _recorded(hold: Hold) -> Hold:
    current().money(hold)
    return hold


TRACED: Mapping[str, Callable[[Any], object]] = {
    "wallet": TracedWallet,
    "task_queue": TracedTaskQueue,
    "notifier": TracedNotifier,
}
"""The ports that use cases and receivers get wrapped. ``container.wallet()`` returns the adapter itself."""
