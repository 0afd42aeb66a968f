"""What is true once everything has come to rest: no more faults, every timer due, and nothing left for a sweep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...core import names
from ...core.crowd import PART
from ...core.decision import Settlement
from ...core.messages import SettleEscrow, Transfer
from ...core.money import Hold, HoldState
from .bought import NOTHING
from .network import Unreadable
from .paid import paid_twice
from .records import GoalRecord
from .world import Invariant, World

# Private goals and money


def nothing_is_held(world: World) -> Iterator[str]:
    """every hold ends within exp + settle_delay + one sweep (L6)"""
    for hold in world.ledger.held():
        yield f"{hold.transaction_id} is still held"


def goals_are_settled(world: World) -> Iterator[str]:
    """every goal with an exp ends, and every goal that ended is settled (D26, L3, N7)"""
    for record in world.records.goals.values():
        goal = world.adapters["goals"].get(record.id)
        endless = goal is not None and goal.active and goal.exp is None
        if goal is not None and not endless and (goal.active or not goal.settled):
            yield f"goal {goal.id} is {'active' if goal.active else 'not settled'}"


def holds_end_as_decided(world: World) -> Iterator[str]:
    """every hold is released or refunded as its goal's settlement was decided (L3, N7)"""
    for hold in world.ledger.holds.values():
        goal = world.records.goals[hold.goal_id]
        if hold.state is HoldState.RELEASED and goal.decided is not Settlement.RELEASED:
            yield f"{hold.transaction_id} is released, the decision for goal {goal.id} is {goal.decided}"
        in_time = world.ledger.placed[hold.transaction_id] < goal.decided_at and not world.weather.rule.metered
        if in_time and hold.state is HoldState.REFUNDED and goal.decided is not Settlement.REFUNDED:
            yield f"{hold.transaction_id} is refunded, the decision for goal {goal.id} is {goal.decided}"


def messages_are_carried_out(world: World) -> Iterator[str]:
    """every message that the broker did not lose is carried out, or set aside with a reason (D19, D45, D46)"""
    for delivery in world.network.ever:
        if delivery.carried or delivery.lost or (delivery.set_aside and delivery in world.network.dead):
            continue
        still = delivery in world.network.owed
        yield f"{delivery} {'is still in its queue' if still else 'was acknowledged and not carried out'}"


def unknown_arguments_are_ignored(world: World) -> Iterator[str]:
    """a message of a newer version is read without the arguments that this one does not know (D45)"""
    for delivery in world.network.dead:
        if delivery.newer and delivery.set_aside.startswith(Unreadable.__name__) and not delivery.trouble:
            yield f"{delivery} is set aside: {delivery.set_aside}"


def accepted_invitations_are_held_or_told(world: World) -> Iterator[str]:
    """every accepted invitation is held in time, or what became of its transfer is on record (D27)"""
    told = world.records.told | _lost_transfers(world)
    for transaction_id in world.records.accepted:
        if transaction_id not in world.ledger.holds and transaction_id not in told:
            yield f"{transaction_id} was accepted, and nothing says what became of it"


def seconds_are_paid_once(world: World) -> Iterator[str]:
    """a viewer pays for each second once, however often they buy more (D37)"""
    for (session_id, viewer_id), paid in world.shown.paid.items():
        for twice in paid_twice(paid):
            yield f"{viewer_id} pays twice for {twice} of session {session_id}"


def keys_cost_once(world: World) -> Iterator[str]:
    """a request with a key costs once, however often it is sent (D29)"""
    holds = world.ledger.holds
    for asked, transactions in world.records.asked_for.items():
        paid = [one for one in sorted(transactions) if one in holds and holds[one].state is not HoldState.REFUNDED]
        if len(paid) > 1:
            yield f"{asked} has paid for {' and '.join(paid)}"


def who_was_accepted_hears_an_end(world: World) -> Iterator[str]:
    """who was told 202 hears what became of their money, or that nothing came of it, unless that was lost (D34)"""
    lost = _lost_transfers(world)
    for accepted in world.records.accepted.values():
        goal, hold = world.records.goals[accepted.goal_id], world.ledger.holds.get(accepted.transaction_id)
        own = [names.user_channel(accepted.viewer_id)]
        found = goal.asked_by == accepted.viewer_id and not goal.inserted and not _taken_over(world, goal)
        left = accepted.transaction_id in world.records.unheard or (accepted.transaction_id in lost and not found)
        if hold is None and not left:
            yield from _unheard(names.INVITATION_LAPSED, goal, own)
        if hold is not None and not _may_be_unheard(world, goal, hold):
            yield from _unheard(names.GOAL_SETTLED, goal, own)


def bound_goals_are_announced(world: World) -> Iterator[str]:
    """every bound goal is announced, unless nobody could pay for it (D23, D33)"""
    for goal in world.records.goals.values():
        session = world.records.sessions.get(goal.session_id)
        bound = goal.bound and not goal.dropped and (goal.private or goal.has_slot)
        if bound and session and session.active and not world.network.was_lost("create_goal", goal.id):
            yield from _unheard(names.GOAL_ADDED, goal, names.announcement_channels(session.streamer_id))


def ends_are_announced(world: World) -> Iterator[str]:
    """every goal's end is written into its session and announced (L3)"""
    for goal in world.records.goals.values():
        if goal.ended is None or _end_cut_off(world, goal):
            continue
        if not goal.end_in_session:
            yield f"goal {goal.id} has ended, and its session was not told"
        streamer_id = world.records.session_of(goal).streamer_id
        yield from _unheard(names.GOAL_ENDED, goal, names.announcement_channels(streamer_id))


def who_paid_has_a_pass_and_nobody_else(world: World) -> Iterator[str]:
    """a viewer has a pass exactly for what they paid for and did not get back (L3, D39)"""
    for hold in world.ledger.holds.values():
        goal = world.records.goals[hold.goal_id]
        if not goal.private or hold.duration is None:
            continue
        given = world.records.session_of(goal).bought.of(hold.from_user_id, goal.id)
        if hold.state is HoldState.RELEASED and given in (None, NOTHING):
            yield f"{hold.transaction_id} is released, and {hold.from_user_id} was not let in"
        if hold.state is HoldState.REFUNDED and given not in (None, NOTHING):
            yield f"{hold.transaction_id} is refunded, and {hold.from_user_id} may watch"


def paid_time_adds_up(world: World) -> Iterator[str]:
    """time that is bought while a pass runs is added to it (D37)"""
    for session in world.records.sessions.values():
        for viewer_id in [*session.bought.given]:
            found, exp = world.adapters["passes"].find(session.id, viewer_id), session.bought.ends(viewer_id)
            ends = found.exp if found else None
            if ends != exp:
                yield f"the pass of {viewer_id} to session {session.id} ends at {ends}, not at {exp}"


# Neighbours


def ends_are_in_slots(world: World) -> Iterator[str]:
    """every end is written into the goal's slot (N2)"""
    for goal in world.records.neighbours:
        if goal.has_slot and goal.ended and not goal.end_in_slot and not _cut_off(world, goal):
            yield f"{goal._cls} {goal.id} has ended, and session {goal.session_id} does not say so"


def followed_goals_name_their_shows(world: World) -> Iterator[str]:
    """a goal's context names the show, or exclusive show, that has its slot (L5)"""
    for goal in world.records.neighbours:
        followed = world.adapters["goals"].get(goal.follows) if goal.follows and _created(world, goal) else None
        if followed is not None and goal.id not in followed.context.values():
            yield f"goal {goal.id} follows {goal.follows}, whose context is {followed.context}"


def unagreed_requests_leave_no_pair(world: World) -> Iterator[str]:
    """a request that ended without the streamer's consent leaves no pair (N3)"""
    for goal in world.records.neighbours:
        if goal._cls == names.TRIGGER_EXCLUSIVE_GOAL and goal.has_slot and goal.ended and not goal.agreed:
            followed = any(other.follows == goal.id and other.bound for other in world.records.neighbours)
            if not followed and not _cut_off(world, goal):
                yield f"goal {goal.id} was not agreed to, and {goal.viewer_id} still has its pair"


def snapshots_resume(world: World) -> Iterator[str]:
    """snapshots are taken again once the exclusive goal has ended (N6)"""
    for streamer_id, asking in world.records.snapshots_stopped_by.items():
        for goal in [world.records.goals[goal_id] for goal_id in sorted(asking)]:
            if goal.ended and not _cut_off(world, goal):
                yield f"goal {goal.id} has ended, and no snapshots are taken of {streamer_id}"


def exclusive_shows_are_announced(world: World) -> Iterator[str]:
    """an exclusive show's viewer hears that it begins, and everybody hears that it ends (N4, N5)"""
    for goal in world.records.neighbours:
        if goal._cls != names.EXCLUSIVE_GOAL or not goal.viewer_id:
            continue
        streamer_id = world.records.session_of(goal).streamer_id
        if goal.ended and not _end_cut_off(world, goal):
            yield from _unheard(names.EXCLUSIVE_CLOSED, goal, names.announcement_channels(streamer_id))
        if _created(world, goal):
            yield from _unheard(names.STREAM_AUTHORIZED, goal, [names.preview_channel(streamer_id, goal.viewer_id)])


def funders_hear_of_the_show(world: World) -> Iterator[str]:
    """every payer of the funding goal hears of its show (N4)"""
    for show in world.records.neighbours:
        holds = world.ledger.holds.values() if show._cls == names.SHOW_GOAL and _created(world, show) else ()
        for hold in holds:
            if hold.goal_id == show.follows and world.ledger.placed[hold.transaction_id] < show.bound_at:
                streamer_id = world.records.session_of(show).streamer_id
                own = names.preview_channel(streamer_id, hold.from_user_id)
                yield from _unheard(names.STREAM_AUTHORIZED, show, [own])


MONEY: tuple[Invariant, ...] = (
    nothing_is_held,
    holds_end_as_decided,
    seconds_are_paid_once,
    keys_cost_once,
    who_paid_has_a_pass_and_nobody_else,
    paid_time_adds_up,
)
"""True also while what only observes fails (D44)."""
PRIVATE: tuple[Invariant, ...] = (
    *MONEY,
    goals_are_settled,
    messages_are_carried_out,
    unknown_arguments_are_ignored,
    accepted_invitations_are_held_or_told,
    who_was_accepted_hears_an_end,
    bound_goals_are_announced,
    ends_are_announced,
)
NEIGHBOURS: tuple[Invariant, ...] = (
    ends_are_in_slots,
    followed_goals_name_their_shows,
    unagreed_requests_leave_no_pair,
    snapshots_resume,
    exclusive_shows_are_announced,
    funders_hear_of_the_show,
)

# What may go missing: docs/simulator.md, "What is not promised"


def _lost_transfers(world: World) -> set[str]:
    gone = [one.message for one in world.network.ever if one.lost or one.set_aside]
    return {one.transaction_id for one in gone if isinstance(one, Transfer)}


def _taken_over(world: World, goal: GoalRecord) -> bool:
    """Another invitation has taken the session since: no sweep may have found the claim before (D34)."""
    goals = world.records.goals.values()
    return any(one.session_id == goal.session_id and one.claimed_at > goal.claimed_at for one in goals)


def _may_be_unheard(world: World, goal: GoalRecord, hold: Hold) -> bool:
    """The report was lost with its message; or a sweep moved the money and was cut off, or found no wallet or queue.

    A sweep reports a small escrow as a whole, so that matters only in a crowd, or for a hold after the settlement.
    Without a goal, the refund is reported once (D34).
    """
    by = world.ledger.settled_by.get(hold.transaction_id)
    if world.network.was_lost("settle_escrow", goal.id):
        return True
    if by is None or by.kind != "sweep":
        return False
    if not goal.inserted:
        return by.cut_off or bool(by.struck or by.unobserved)
    late = 0 < goal.settled_at < world.ledger.placed[hold.transaction_id]
    crowd = sum(other.goal_id == goal.id for other in world.ledger.holds.values()) > PART
    away = any(port in what for what in by.struck for port in ("wallet.", "task_queue."))
    return (late or crowd) and (by.cut_off or away)


def _end_cut_off(world: World, goal: GoalRecord) -> bool:
    """What ended the goal was lost for good after it planned the settlement. No sweep looks for that goal again."""
    by = goal.ended_by if goal.ended_by is not None and goal.ended_by.cut_off else None
    killed = by is not None and (by.kind == "sweep" or world.network.was_lost("create_goal", goal.id))
    lost = killed or world.network.was_lost("deactivate_goal", goal.id)
    return lost and any(isinstance(one.message, SettleEscrow) and one.goal_id == goal.id for one in world.network.ever)


def _cut_off(world: World, goal: GoalRecord) -> bool:
    """What should write the end was lost for good: what ended the goal, or what bound it just as it ended."""
    return _end_cut_off(world, goal) or world.network.was_lost("create_goal", goal.id)


def _created(world: World, goal: GoalRecord) -> bool:
    """The goal has its slot in an active session, and its ``create_goal`` was not lost."""
    active = world.records.session_of(goal).active
    return goal.has_slot and active and not world.network.was_lost("create_goal", goal.id)


def _unheard(event: str, goal: GoalRecord, channels: Iterable[str]) -> Iterator[str]:
    for channel in channels:
        if channel not in goal.heard.get(event, ()):
            yield f"{event} of goal {goal.id} was not heard on {channel}"
