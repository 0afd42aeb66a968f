"""Swaps that mypy and pyright must report, and types that they must know. ``make types`` checks this file.

Each wrong line ignores exactly one error: an ignore that is not needed is itself an error, for mypy because it is
strict, for pyright by the next line.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import assert_type

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryNotifier
from show_goal.core.requests.trigger_private import TriggerPrivateSession
from show_goal.core.tasks.sweep import SweepTask
from show_goal.ports.notifier import Notification
from show_goal.ports.wallet import Wallet


class MyNotifier:
    def notify(self, notification: Notification) -> None:
        """Tell nobody."""


class SendsText:
    def notify(self, notification: str) -> None:
        """Another notification than the port's."""


def swaps() -> None:
    Container.in_memory(notifier=MyNotifier(), wallet_keys=["the-new-wallet-key"])
    Container.from_env(notifier=MyNotifier())
    Container.in_memory(notifier=object())  # type: ignore[arg-type]
    Container.in_memory(notifier=MyNotifier)  # type: ignore[arg-type]
    Container.in_memory(notifier=SendsText())  # type: ignore[arg-type]
    Container.in_memory(notfier=MyNotifier())  # type: ignore[call-arg]
    Container.in_memory(wallet_keys="one-long-key")  # type: ignore[arg-type]
    Container.in_memory(settings={})  # type: ignore[arg-type]
    Container.from_env(notifier=object())  # type: ignore[arg-type]
    Container.from_env(notfier=MyNotifier())  # type: ignore[call-arg]
    Container(notifier=object())  # type: ignore[arg-type]


def no_guard(viewer: str) -> bool:
    """Another question, and no verdict."""
    return bool(viewer)


def guards() -> None:
    Container.in_memory(host_guards=[no_guard])  # type: ignore[list-item]


def types(container: Container) -> None:
    assert_type(container.wallet(), Wallet)
    assert_type(container.trigger_private_session(), TriggerPrivateSession)
    assert_type(container.sweep(), SweepTask)
    assert_type(container.wallet(), MemoryNotifier)  # type: ignore[assert-type]
