"""The host's own class of goals and its own receiver, without a change to the library: a raffle after the stream.

Services: none.
Install:  pip install .
Run:      python examples/raffle_goals.py
"""

from __future__ import annotations

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemorySessions
from show_goal.core.events import GoalAdded, GoalCreated, GoalEnded
from show_goal.core.messages import CreateGoal, DeactivateGoal, IncrementGoalProgress
from show_goal.core.model import Session
from show_goal.core.names import SHOW_FUNDING_GOAL
from show_goal.core.receivers.receiver import ReceiverPorts
from show_goal.core.receivers.registry import MATRIX
from show_goal.core.signals import Outcome

RAFFLE_GOAL = "RaffleGoal"
SESSION, STREAMER, VIEWER = (f"{kind}00000000000000000001" for kind in ("5e55", "57e0", "71e0"))
RAFFLE, FUNDING = "60a100000000000000000001", "60a100000000000000000002"

raffles: dict[str, str] = {}
"""The host's own data, by session: the raffle, and after its end the winner."""


def bind_raffle_goal_to_session(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """It may hear the same event twice, like any receiver: it keeps the first raffle, and announces it again."""
    session = ports.sessions.fetch_active(str(event.conditions["session_id"]))
    if session is None or raffles.setdefault(session.id, event.goal_id) != event.goal_id:
        return Outcome.SKIPPED
    added = GoalAdded(
        goal_id=event.goal_id,
        _cls=event._cls,
        conditions=event.conditions,
        context=event.context,
        session_id=session.id,
        streamer_id=session.streamer_id,
    )
    ports.signals.send(added)
    return Outcome.RAN


def draw_the_winner(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    tickets = ports.goals.contributions(event.goal_id, limit=100).items
    raffles[str(event.conditions["session_id"])] = min((ticket.viewer_id for ticket in tickets), default="nobody")
    return Outcome.RAN


def thank_everybody(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    print(f"thank you for {event.progress} tickets of {event._cls}")
    return Outcome.RAN


matrix = (
    # A class of goals: its own receiver, and one more cell in a row of the library.
    MATRIX.with_cell(GoalCreated, "bind_raffle_goal_to_session", RAFFLE_GOAL, bind_raffle_goal_to_session)
    .with_cell(GoalEnded, "set_embedded_goal_ended", RAFFLE_GOAL, draw_the_winner)
    # A receiver: for the host's class, and for a class of the library.
    .with_cell(GoalEnded, "thank_everybody", RAFFLE_GOAL, thank_everybody)
    .with_cell(GoalEnded, "thank_everybody", SHOW_FUNDING_GOAL, thank_everybody)
)


def main() -> None:
    clock, sessions = MemoryClock(), MemorySessions()
    container = Container.in_memory(clock=clock, sessions=sessions, matrix=matrix)
    sessions.add(Session(id=SESSION, streamer_id=STREAMER))

    for goal_id, _cls in ((RAFFLE, RAFFLE_GOAL), (FUNDING, SHOW_FUNDING_GOAL)):
        message = CreateGoal(
            goal_id=goal_id,
            active=True,
            _cls=_cls,
            conditions={"session_id": SESSION},
            levels=[],
            context={},
            metadata={"user_id": STREAMER},
            exp=None,
        )
        container.task_queue().trigger(message)
    ticket = IncrementGoalProgress(goal_id=RAFFLE, amount=1, cost=5, breakdown_id=VIEWER, insert_id="ticket 1")
    container.task_queue().trigger(ticket)
    container.worker().run_due()
    print(f"the session's raffle: {raffles[SESSION]}")

    for goal_id in (RAFFLE, FUNDING):
        container.task_queue().trigger(DeactivateGoal(goal_id=goal_id))
    container.worker().run_due()
    print(f"the winner: {raffles[SESSION]}")
    (pair,) = sessions.show_goal_pairs(SESSION)
    print(f"the library's own cells still work: funding ended at {pair.funding_ended:%H:%M:%S}")


if __name__ == "__main__":
    main()
