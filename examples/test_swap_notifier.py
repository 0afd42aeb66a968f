"""A test in a host's code: the flow runs in memory, with one adapter swapped in one line.

Services: none.
Install:  pip install '.[testing]'
Run:      pytest examples/test_swap_notifier.py
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from show_goal.adapters.container import Container
from show_goal.ports.notifier import Notification
from show_goal.testing.platform import Platform

pytest_plugins = ["show_goal.testing.plugin"]  # in your topmost conftest.py it serves all your tests


class TextMessages:
    """A host's own notifier, instead of Pusher. It has the method of ``ports.notifier.Notifier``."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def notify(self, notification: Notification) -> None:
        self.sent += [f"{channel}: {notification.event}" for channel in notification.channels]


@pytest.fixture
def messages() -> TextMessages:
    return TextMessages()


@pytest.fixture
def show_goal_container(messages: TextMessages) -> Iterator[Container]:
    with Container.in_memory(notifier=messages) as container:
        yield container


def test_the_streamer_gets_a_text_message(show_goal: Platform, messages: TextMessages) -> None:
    session = show_goal.open_session("57e000000000000000000001")
    show_goal.wallet.credit("71e000000000000000000001", 300)

    show_goal.invite(session, "71e000000000000000000001")

    assert "private-user@57e000000000000000000001: goal.added" in messages.sent
