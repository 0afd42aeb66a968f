"""A test in a host's code: the flow runs in memory, with one adapter swapped in one line.

Services: none.
Install:  pip install '.[testing]'
Run:      pytest examples/test_swap_notifier.py
"""

from __future__ import annotations

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemorySessions, MemoryWallet
from show_goal.core.model import Invitation, Session, Viewer
from show_goal.ports.notifier import Notification


class TextMessages:
    """A host's own notifier, instead of Pusher. It has the method of ``ports.notifier.Notifier``."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def notify(self, notification: Notification) -> None:
        self.sent += [f"{channel}: {notification.event}" for channel in notification.channels]


def test_the_streamer_gets_a_text_message() -> None:
    messages, clock, sessions, wallet = TextMessages(), MemoryClock(), MemorySessions(), MemoryWallet()
    sessions.add(Session(id="5e5500000000000000000001", streamer_id="57e000000000000000000001", pricing={"sd": 60}))
    viewer = Viewer(id="71e000000000000000000001")
    wallet.deposit("top-up 1", viewer.id, 300)

    container = Container.in_memory(notifier=messages, clock=clock, sessions=sessions, wallet=wallet)
    invitation = Invitation(exp=int(clock.now().timestamp()) + 300, duration=90)
    container.trigger_private_session()("5e5500000000000000000001", viewer, invitation)
    container.worker().run_due()

    assert "private-user@57e000000000000000000001: goal.added" in messages.sent
