"""Binding: put a goal into its session and send ``goal.added``, or end the goal (D23, D24, N1, N2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import frozen

from ...ports.errors import GoalNotCreatedYet
from .. import names
from ..events import GoalAdded, GoalCreated
from ..messages import DeactivateGoal
from ..model import Claim, Goal, Session
from ..signals import Outcome
from .receiver import ReceiverPorts

Place = Callable[[str, Claim, datetime], Session | None]


@frozen
class Link:
    """The context keys that join two goals: ``to`` names the goal that this one follows, ``back`` names this one."""

    to: str
    back: str

    def followed(self, event: GoalCreated) -> str | None:
        value = event.context.get(self.to)
        return value if isinstance(value, str) else None


SHOW = Link(names.FUNDING_GOAL_ID, names.SHOW_GOAL_ID)
EXCLUSIVE = Link(names.TRIGGER_EXCLUSIVE_GOAL_ID, names.EXCLUSIVE_GOAL_ID)


def announce_added(event: GoalCreated, ports: ReceiverPorts, session: Session) -> Outcome:
    """Send ``goal.added``; a redelivery sends it again (D23)."""
    ports.signals.send(
        GoalAdded(
            goal_id=event.goal_id,
            _cls=event._cls,
            conditions=event.conditions,
            context=event.context,
            session_id=session.id,
            streamer_id=session.streamer_id,
        )
    )
    return Outcome.RAN


def give_up(event: GoalCreated, ports: ReceiverPorts) -> Outcome:
    """Trigger task ``deactivate_goal`` for a goal that could not be bound (D24)."""
    ports.task_queue.trigger(DeactivateGoal(goal_id=event.goal_id))
    return Outcome.RAN


def bind(event: GoalCreated, ports: ReceiverPorts, place: Place, link: Link | None = None) -> Outcome:
    """Put a goal where ``place`` says and send ``goal.added``. End it if its place is taken or missing (N1).

    If the goal ended while it was being bound, its ``goal.ended`` may have come too early; so write its end here (N2).
    With a ``link``, the goal that it follows names it from now on, and its money can be released (N7).
    Raises GoalNotCreatedYet while the goal that it follows is not bound yet.
    """
    session = _take(place, event, ports)
    if session is None:
        if link is not None and _followed_is_on_its_way(event, ports, link):
            raise GoalNotCreatedYet(f"goal {link.followed(event)}, which {event.goal_id} follows, is not bound yet")
        return give_up(event, ports)
    if link is not None:
        _name(event, ports, link)  # its place may have become free only now
    goal = ports.goals.get(event.goal_id)
    if goal is not None and not goal.active:
        ports.sessions.end_embedded_goal(session.id, goal.id, ended=goal.exp or ports.clock.now())
    return announce_added(event, ports, session)


def tell_followed(event: GoalCreated, ports: ReceiverPorts, place: Place, link: Link) -> Outcome:
    """Write this goal's id into the context of the goal that it follows, if this one is bound (N1, N7)."""
    if _take(place, event, ports) is None:
        return Outcome.SKIPPED
    _name(event, ports, link)
    return Outcome.RAN


def _name(event: GoalCreated, ports: ReceiverPorts, link: Link) -> None:
    """Link the two goals. The first link stays."""
    ports.goals.link(link.followed(event) or "", link.back, event.goal_id)


def _take(place: Place, event: GoalCreated, ports: ReceiverPorts) -> Session | None:
    return place(event.session_id, _as_it_stands(event, ports), ports.clock.now())


def _as_it_stands(event: GoalCreated, ports: ReceiverPorts) -> Claim:
    """The goal as a claim. For a goal that has ended, exp is the moment it ended."""
    goal = ports.goals.get(event.goal_id)
    return Claim(goal_id=event.goal_id, exp=event.exp if goal is None else goal.exp)


def _followed_is_on_its_way(event: GoalCreated, ports: ReceiverPorts, link: Link) -> bool:
    """Whether a retry may succeed: session and goals are live, and no other goal has taken the place."""
    now = ports.clock.now()
    if not _as_it_stands(event, ports).live(now):
        return False
    if ports.sessions.fetch_active(event.session_id) is None:
        return False
    followed: Goal | None = ports.goals.get(link.followed(event) or "")
    return followed is None or (followed.active and followed.context.get(link.back) is None)
