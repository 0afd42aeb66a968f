"""The whole flow in one process: a viewer invites, a worker runs, and the balance changes.

Services: none.
Install:  pip install .
Run:      python examples/in_memory_flow.py
"""

from __future__ import annotations

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemoryNotifier, MemorySessions, MemoryWallet
from show_goal.core.model import Invitation, Session, Viewer


def main() -> None:
    clock, sessions, wallet, notifier = MemoryClock(), MemorySessions(), MemoryWallet(), MemoryNotifier()
    container = Container.in_memory(clock=clock, sessions=sessions, wallet=wallet, notifier=notifier)
    viewer = Viewer(id="71e000000000000000000001")
    wallet.deposit("top-up 1", viewer.id, 300)
    session = sessions.add(
        Session(id="5e5500000000000000000001", streamer_id="57e000000000000000000001", pricing={"sd": 60})
    )

    invitation = Invitation(exp=int(clock.now().timestamp()) + 300, duration=90)
    accepted = container.trigger_private_session()(session.id, viewer, invitation)
    print(f"accepted: goal {accepted.goal_id} for {accepted.amount}")

    ran = container.worker().run_due()
    print(f"the worker ran {ran} tasks")
    print(f"bound to the session: {[element.goal for element in sessions.private_goals(session.id)]}")
    for notification in notifier.notifications:
        print(f"{notification.event} to {', '.join(notification.channels)}")
    account = wallet.accounts()[viewer.id]
    print(f"the viewer's ledger: {account.available} available, {account.held} held")


if __name__ == "__main__":
    main()
