"""Shows: the goal that funds a show, the show itself, and who may watch it (L5)."""

from __future__ import annotations

from functools import partial

from ..events import GoalAdded, GoalCreated, GoalProgressed
from ..names import FUNDING_GOAL_ID, SHOW_FUNDING_GOAL, escrow_id
from ..signals import Outcome
from .announcing import authorize, payers
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
    """Send ``stream.authorized`` to everybody who paid for the funding goal (N4)."""
    funding_goal = str(event.context.get(FUNDING_GOAL_ID))
    viewers = payers(ports, funding_goal, escrow_id(funding_goal, SHOW_FUNDING_GOAL))
    return authorize(ports, event.goal_id, event.streamer_id, viewers)


def notify_viewer_change_stream_for_show(event: GoalProgressed, ports: ReceiverPorts) -> Outcome:
    """Send ``stream.authorized`` to the viewer who has just paid for the show (N4)."""
    hold, streamer = ports.wallet.find(event.insert_id), event.streamer_id
    if hold is None or streamer is None:
        return Outcome.SKIPPED
    return authorize(ports, event.goal_id, streamer, [hold.from_user_id])


def _place(event: GoalCreated, ports: ReceiverPorts) -> Place:
    return partial(ports.sessions.bind_show_goal, funding_goal=SHOW.followed(event) or "")
