"""Shows: the goal that funds a show, the show itself, and who may watch it (L5)."""

from __future__ import annotations

from functools import partial

from ..crowd import authorize, funders_of
from ..events import GoalAdded, GoalCreated, GoalProgressed
from ..messages import AdmitViewers
from ..signals import Outcome
from .binding import SHOW, Place, bind, give_up, tell_followed
from .receiver import ReceiverPorts


def bind_show_goal_to_funding_goal(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Set the funding goal's ``context.show_goal_id`` = goal_id, once the show is bound (N7)."""
    return tell_followed(event, ports, _place(event, ports), SHOW)


def bind_funding_goal(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Push ``session.show_goal_pairs`` {funding_goal}, unless it is there already."""
    return bind(event, ports, ports.sessions.bind_show_funding_goal)


def bind_show_goal(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Set show_goal on its funding goal's pair."""
    if SHOW.followed(event) is None:
        return give_up(event, ports)
    return bind(event, ports, _place(event, ports), SHOW)


def authorize_funders(event: GoalAdded, ports: ReceiverPorts) -> Outcome:
    """Send ``stream.authorized`` to everybody who paid for the funding goal (N4).

    Of a crowd, only to the first part: task ``admit_viewers`` goes on.
    """
    part = funders_of(ports.wallet, ports.goals, event.context)
    authorize(ports.notifier, event.goal_id, event.streamer_id, part.viewers)
    if part.next is not None:
        ports.task_queue.trigger(AdmitViewers(goal_id=event.goal_id, after=part.next, tell=True))
    return Outcome.RAN


def notify_viewer_change_stream_for_show(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Send ``stream.authorized`` to the viewer who has just paid for the show (N4)."""
    hold, streamer = ports.wallet.find(event.insert_id), event.streamer_id
    if hold is None or streamer is None:
        return Outcome.SKIPPED
    authorize(ports.notifier, event.goal_id, streamer, [hold.from_user_id])
    return Outcome.RAN


def _place(event: GoalCreated, ports: ReceiverPorts) -> Place:
    return partial(ports.sessions.bind_show_goal, funding_goal=SHOW.followed(event) or "")
