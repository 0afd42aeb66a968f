"""The streamer's side in one process: the streamer agrees, starts the show, and is paid a minute later.

Services: none.
Install:  pip install .
Run:      python examples/answer_and_settle.py
"""

from __future__ import annotations

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemoryPasses, MemorySessions, MemoryWallet
from show_goal.core.model import Invitation, Session, Viewer


def main() -> None:
    clock, sessions, passes, wallet = MemoryClock(), MemorySessions(), MemoryPasses(), MemoryWallet()
    container = Container.in_memory(clock=clock, sessions=sessions, passes=passes, wallet=wallet)
    viewer, streamer = Viewer(id="71e000000000000000000001"), Viewer(id="57e000000000000000000001")
    wallet.deposit("top-up 1", viewer.id, 300)
    session = sessions.add(Session(id="5e5500000000000000000001", streamer_id=streamer.id, pricing={"sd": 60}))
    worker = container.worker()

    invitation = Invitation(exp=int(clock.now().timestamp()) + 300, duration=90)
    goal_id = container.trigger_private_session()(session.id, viewer, invitation).goal_id
    worker.run_due()

    container.answer_goal()(goal_id, streamer, agree=True)
    worker.run_due()
    for viewer_id, entry in passes.of(session.id).items():
        print(f"{viewer_id} may see the show until {entry.exp:%H:%M:%S}")

    container.switch_preset()(streamer, "sd")
    print(f"at {clock.now():%H:%M:%S} the wallet holds {wallet.balance(viewer.id).held} of the viewer's money")
    clock.advance(container.settings().settle_delay)
    worker.run_due()
    print(f"at {clock.now():%H:%M:%S} the goal is {container.view_goal()(goal_id, streamer).state}")
    print(f"the streamer has {wallet.balance(streamer.id).available}, the viewer {wallet.balance(viewer.id).available}")


if __name__ == "__main__":
    main()
