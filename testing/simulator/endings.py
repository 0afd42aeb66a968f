"""What holds once everything has come to rest: no fault any more, every timer due, sweeps until nothing is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...core import names
from ...core.messages import SettleEscrow
from ...core.model import HoldState, Settlement
from .records import GoalRecord
from .world import World


def nothing_is_held(world: World) -> Iterator[str]:
    """every hold ends within exp + settle_delay + one sweep (L6)"""
    for hold in world.ledger.held():
        yield f"{hold.transaction_id} is still held"


def goals_are_settled(world: World) -> Iterator[str]:
    """every goal with an exp ends, and every one that ended is settled (D26, L3, N7)"""
    for goal in world.records.goals.values():
        standing = world.adapters["goals"].get(goal.id)
        endless = standing is not None and standing.active and standing.exp is None
        if standing is not None and not endless and (standing.active or not standing.settled):
            yield f"goal {goal.id} is {'active' if standing.active else 'not settled'}"


def holds_end_as_decided(world: World) -> Iterator[str]:
    """what was held ends released or refunded, as was decided for its goal (L3, N7)"""
    for hold in world.ledger.holds.values():
        goal = world.records.goals[hold.goal_id]
        if hold.state is HoldState.RELEASED and goal.decided is not Settlement.RELEASED:
            yield f"{hold.transaction_id} is released, goal {goal.id} was decided {goal.decided}"
        in_time = world.ledger.placed[hold.transaction_id] < goal.decided_at
        if in_time and hold.state is HoldState.REFUNDED and goal.decided is not Settlement.REFUNDED:
            yield f"{hold.transaction_id} is refunded, goal {goal.id} was decided {goal.decided}"


def every_message_was_carried_through(world: World) -> Iterator[str]:
    """a message that the broker did not lose is carried to its end (D19)"""
    for one in world.network.ever:
        if not one.carried and not one.lost:
            yield f"{one.letter.name} {getattr(one.letter, 'goal_id', '')} was acknowledged and never carried out"


def promises_were_paid_for(world: World) -> Iterator[str]:
    """an accepted invitation is paid for, unless its transfer was lost or rightly refused (D27)"""
    for promise in world.records.promises.values():
        sent = any(
            one.letter.name == "transfer" and getattr(one.letter, "transaction_id", "") == promise.transaction_id
            for one in world.network.ever
        )
        if not sent:
            yield f"{promise.transaction_id} was accepted, and its transfer was never sent"


def bound_goals_were_announced(world: World) -> Iterator[str]:
    """every bound goal was announced (D23)"""
    for goal in world.records.goals.values():
        session = world.records.sessions.get(goal.session_id or "")
        placed = goal.bound and (goal.private or goal.stands)
        if placed and session and session.active and not world.records.was_lost(goal.id, "create_goal"):
            yield from unheard(names.GOAL_ADDED, goal, names.announcement_channels(session.streamer_id))


def ends_were_announced(world: World) -> Iterator[str]:
    """every goal's end is in its session, and was announced (L3)"""
    for goal in world.records.goals.values():
        if goal.ended is None or may_go_unheard(world, goal):
            continue
        if not goal.element_ended:
            yield f"goal {goal.id} has ended, and its session does not know"
        streamer_id = world.records.sessions[goal.session_id or ""].streamer_id
        yield from unheard(names.GOAL_ENDED, goal, names.announcement_channels(streamer_id))


def may_go_unheard(world: World, goal: GoalRecord) -> bool:
    """Whoever ended it was cut off for good, after the settlement was planned: no sweep looks for it any more."""
    swept = goal.ended_by is not None and goal.ended_by.kind == "sweep" and goal.ended_by.dead
    cut_off = swept or world.records.was_lost(goal.id, "deactivate_goal")
    letters = (one.letter for one in world.network.ever)
    return cut_off and any(isinstance(letter, SettleEscrow) and letter.goal_id == goal.id for letter in letters)


def who_paid_is_let_in(world: World) -> Iterator[str]:
    """whoever paid for a show was let in (L3)"""
    for hold in world.ledger.holds.values():
        goal = world.records.goals[hold.goal_id]
        session = world.records.sessions[goal.session_id or ""]
        if goal.private and hold.state is HoldState.RELEASED and hold.from_user_id not in session.admitted:
            yield f"{hold.transaction_id} is released, and {hold.from_user_id} was never let in"


THE_END = (
    nothing_is_held,
    goals_are_settled,
    holds_end_as_decided,
    every_message_was_carried_through,
    promises_were_paid_for,
    bound_goals_were_announced,
    ends_were_announced,
    who_paid_is_let_in,
)


def unheard(event: str, goal: GoalRecord, channels: Iterable[str]) -> Iterator[str]:
    """A sentence for every channel that did not hear of it."""
    heard = goal.heard.get(event, set())
    for channel in channels:
        if channel not in heard:
            yield f"{event} of goal {goal.id} was not heard on {channel}"
