"""The private goal: bound to its session when it is created; when it ends, its viewers get passes and its escrow is
settled (L3)."""

from __future__ import annotations

from .. import names
from ..crowd import PART, Part, admit, authorize
from ..events import GoalCreated, GoalEnded
from ..messages import AdmitViewers
from ..model import Claim
from ..money import HoldState
from ..rules.states import show_began
from ..signals import Outcome
from .binding import announce_added, give_up
from .lifecycle import settle_in_time
from .receiver import ReceiverPorts


def bind_trigger_private_goal_to_session(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Push ``session.trigger_private_goals`` with Session.TriggerPrivateGoal(goal=goal_id), then send ``goal.added``.

    If the session has ended or another goal has it by now, end this goal instead (D24).
    """
    claim = Claim(goal_id=event.goal_id, exp=event.exp)
    session = ports.sessions.bind_trigger_private_goal(event.session_id, claim, ports.clock.now())
    return give_up(event, ports) if session is None else announce_added(event, ports, session)


def end_private_goal(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Write goal_ended into the session's element, and goal_agreed if the streamer agreed.

    If the session is on sd already, the show begins with the agreement (D40). A goal that nobody could pay for leaves
    the session, so it has no cooldown (D33).
    An ended goal's exp is the moment it ended, so every redelivery writes the same time.
    """
    ended = event.exp or ports.clock.now()
    if event.unpaid:
        ports.sessions.drop_trigger_private_goal(event.session_id, event.goal_id, ended=ended)
        return Outcome.RAN
    session = ports.sessions.end_trigger_private_goal(event.session_id, event.goal_id, ended=ended, agreed=event.agreed)
    began = show_began(event, session, ports.settings.settle_delay)
    if began is not None:
        ports.goals.begin_show(event.goal_id, began)
    return Outcome.RAN


def handle_trigger_private_goal_escrow(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``settle_escrow``, due ``settle_delay`` after the end."""
    return settle_in_time(event, ports)


def sync_trigger_goal_session_viewer(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """If the streamer agreed, store a pass for each viewer, for the duration they paid for (D16, D36).

    Of a crowd, only for the first part: task ``admit_viewers`` goes on.
    """
    goal = ports.goals.get(event.goal_id) if event.agreed is not None else None
    if goal is None:
        return Outcome.SKIPPED
    page = ports.wallet.holds_of(names.escrow_id(event.goal_id), PART)
    admit(ports.passes, goal, page.items, ports.clock.now())
    settled = bool(page.items) and page.items[-1].state is not HoldState.HELD  # what is held comes first
    if page.next is not None and not settled:  # else the settlement was there first, and let in everybody (L3)
        ports.task_queue.trigger(AdmitViewers(goal_id=event.goal_id, after=page.next))
    return Outcome.RAN


def notify_stream_authorized_for_agreed_trigger_goal(event: GoalEnded, ports: ReceiverPorts) -> Outcome:
    """If the streamer agreed, send ``stream.authorized`` to each viewer whose money is in the goal's escrow.

    A payment that was reported, and is not there, lets nobody in (D33).

    Of a crowd, only to the first part: task ``admit_viewers`` goes on.
    """
    streamer = event.streamer_id
    if event.agreed is None or streamer is None:
        return Outcome.SKIPPED
    page = ports.wallet.holds_of(names.escrow_id(event.goal_id), PART)
    authorize(ports.notifier, event.goal_id, streamer, Part(holds=page.items).paying)
    if page.next is not None:
        ports.task_queue.trigger(AdmitViewers(goal_id=event.goal_id, after=page.next, tell=True))
    return Outcome.RAN
