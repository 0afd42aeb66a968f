"""What is true after every step. Each invariant yields a sentence for every breach; its docstring is the promise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from datetime import datetime
from functools import cache, partial

from ...core.last_sweep import SetAside
from ...core.messages import CreateGoal
from ...core.model import Claim, Goal, ShowGoalPair
from ...core.names import EXCLUSIVE_GOAL, escrow_id
from ...core.rules.states import GoalState, may_move, state_of
from ...core.tasks.sweep import LAPSED_AFTER
from ...ports.errors import TaskQueueUnavailable
from ...ports.page import every
from .records import GoalRecord
from .watchers import EARNED_BY_WHAT_FOLLOWS
from .world import Invariant, World

PAGE = 100

# Private goals and money


def one_ongoing_private_goal(world: World) -> Iterator[str]:
    """a session has at most one ongoing private goal (D2)"""
    ongoing: dict[str, list[str]] = defaultdict(list)
    for goal_id, session_id in {one.goal_id: one.session_id for one in world.records.accepted.values()}.items():
        over = world.records.goals[goal_id].over(world.records.latest)
        if not over and world.records.sessions[session_id].active:
            ongoing[session_id].append(goal_id)
    for session_id, goals in ongoing.items():
        if len(goals) > 1:
            yield f"session {session_id} has promised {' and '.join(goals)}"


def goals_move_as_the_table_says(world: World) -> Iterator[str]:
    """a goal moves between states as docs/lifecycle.md allows"""
    for record, goal in _touched(world):
        state = state_of(goal)
        if not _reachable(record.state, state) and not _earned_otherwise(record, state):
            yield f"goal {goal.id} moved from {record.state} to {state}"
        record.state = state


def progress_is_paid_for(world: World) -> Iterator[str]:
    """a transaction counts once for its goal, and its money is held (L1)"""
    for _, goal in _touched(world):
        counted = [*every(partial(world.adapters["goals"].contributions, goal.id, PAGE))]
        holds = world.ledger.holds
        paid = [holds[one.insert_id].amount for one in counted if one.insert_id in holds]
        progress, cost = goal.progress, sum(one.cost for one in counted)
        if (progress, len(counted), cost) != (len(paid), len({one.insert_id for one in counted}), sum(paid)):
            yield f"goal {goal.id} has progress {progress} and cost {cost}, the holds are {paid}"


def accounts_match_the_ledger(world: World) -> Iterator[str]:
    """money is neither made nor lost, and moves as holds say (L6)"""
    for user_id, balance in world.ledger.balances.items() if world.ledger.moved else ():
        stored = world.adapters["wallet"].balance(user_id)
        if stored != balance:
            yield f"{user_id} has {stored}, and should have {balance}"


def nothing_is_negative(world: World) -> Iterator[str]:
    """no balance is below zero (D18)"""
    for user_id, balance in world.ledger.balances.items() if world.ledger.moved else ():
        if balance.available < 0 or balance.held < 0:
            yield f"{user_id} has {balance}"


def the_wallet_audits_clean(world: World) -> Iterator[str]:
    """the wallet's own audit finds no problem (L6)"""
    if world.ledger.moved:
        audit = world.adapters["wallet"].audit(world.beginning)
        yield from audit.problems
        if audit.deposited != world.deposited:
            yield f"the audit finds {audit.deposited} deposited, {world.deposited} were"


# Neighbours


def pairs_match_the_slots(world: World) -> Iterator[str]:
    """a session's show_goal_pair has the goals that were bound, and the ends that were written (L5)"""
    for session in world.sessions:
        stored, should = world.adapters["sessions"].fetch_active(session.id), world.slots.pair(session.id)
        if stored is not None and _form(stored.show_goal_pair) != _form(should):
            yield f"session {session.id} has {stored.show_goal_pair}, and should have {should}"


def snapshots_stop_while_asked(world: World) -> Iterator[str]:
    """snapshots stop exactly while an exclusive goal asks for it (N6)"""
    for streamer_id, asking in world.records.snapshots_stopped_by.items():
        if world.host.snapshots_stopped(world.adapters, streamer_id) is not bool(asking):
            yield f"snapshots of {streamer_id} are wrong, asked to stop by {sorted(asking)}"


def exclusive_goals_stop_snapshots(world: World) -> Iterator[str]:
    """an exclusive goal stops snapshots from its creation to its end (N6)"""
    for goal_id in sorted(world.records.touched):
        goal = world.records.goals[goal_id]
        if goal._cls == EXCLUSIVE_GOAL and goal.created and goal.ended is None:
            streamer_id = world.records.session_of(goal).streamer_id
            if goal.id not in world.records.snapshots_stopped_by.get(streamer_id, ()):
                yield f"goal {goal.id} is ongoing, and snapshots are taken of {streamer_id}"


def no_end_is_missed(world: World) -> Iterator[str]:
    """a goal that ends while it is bound has its end written (N2)"""
    for goal_id in sorted(world.records.touched):
        goal = world.records.goals[goal_id]
        if goal.created and goal.has_slot and goal.end_in_session and not goal.end_in_slot:
            yield f"{goal._cls} {goal.id} has ended, and its slot in session {goal.session_id} has no end"


PRIVATE: tuple[Invariant, ...] = (
    one_ongoing_private_goal,
    goals_move_as_the_table_says,
    progress_is_paid_for,
    accounts_match_the_ledger,
    nothing_is_negative,
    the_wallet_audits_clean,
)
NEIGHBOURS: tuple[Invariant, ...] = (
    pairs_match_the_slots,
    snapshots_stop_while_asked,
    exclusive_goals_stop_snapshots,
    no_end_is_missed,
)

# The sweeper

SWEPT = "a sweep leaves nothing that is due (D26, L6)"


def left_by_a_sweep(world: World, now: datetime, lapsed: Set[Claim]) -> Iterator[str]:
    """What the sweep should have done that beat has just asked for, ``now``. Ask only after one that no fault struck.

    ``lapsed`` are the claims that had lapsed then.
    That it has moved the money is asked also if what only observes has interrupted it (D44).
    """
    aside = {one.item for one in set_aside(world) if one.next_try > now and not _needs_the_queue(one)}
    for goal in world.records.goals.values():
        due = goal.inserted and goal.ended is None and goal.exp is not None and goal.exp <= now
        if due and f"ended {goal.id}" not in aside:
            yield f"goal {goal.id} is active after its exp {goal.exp}"
        session = world.records.sessions.get(goal.session_id)
        over = goal.private and goal.inserted and goal.ended is None and session is not None and not session.active
        if over and not aside & {f"ended {goal.id}", f"over {goal.session_id}"}:
            yield f"goal {goal.id} is active, and its session {goal.session_id} is over"
    for hold in world.ledger.held():
        found = world.records.goals.get(hold.goal_id)
        ended = found.ended.ended if found and found.ended else None
        due = hold.exp is not None and max(hold.exp, ended or hold.exp) + world.settings.settle_delay <= now
        due = due and (found is None or world.shown.settled_by(found, now) <= now)
        if due and not aside & {f"refunded {hold.transaction_id}", *(f"{kind} {hold.goal_id}" for kind in OF_A_GOAL)}:
            yield f"{hold.transaction_id} is held although its exp {hold.exp} has passed"
    if not world.observing.fails:
        yield from _lapsed_claims(world, lapsed & lapsed_claims(world, now), aside)
    if not world.network.refuses:
        yield from _paid_claims_without_a_goal(world, aside)


OF_A_GOAL = ("ended", "settled", "escrow")
"""What may be set aside of a goal, so that its money waits (D43)."""


def set_aside(world: World) -> Sequence[SetAside]:
    """What sweeps have set aside (D43)."""
    last = world.adapters["sweeps"].last()
    return () if last is None else last.aside


def _needs_the_queue(one: SetAside) -> bool:
    """Only what resumes a claim may fail because another queue takes no messages (D47)."""
    return TaskQueueUnavailable.__name__ in one.why and not one.item.startswith(("resumed ", "over "))


def lapsed_claims(world: World, now: datetime) -> Set[Claim]:
    """Of goals that were never bound, and of whose end nobody was told yet (D34)."""
    sessions = every(partial(world.adapters["sessions"].lapsed, now - LAPSED_AFTER, PAGE))
    return {session.claim for session in sessions}


def _lapsed_claims(world: World, lapsed: Set[Claim], aside: Set[str]) -> Iterator[str]:
    for claim in sorted(lapsed, key=lambda one: one.goal_id):
        session_id = world.records.goals[claim.goal_id].session_id
        if f"lapsed {session_id}" not in aside:
            yield f"the claim for goal {claim.goal_id} has lapsed, and nobody was told"


def _paid_claims_without_a_goal(world: World, aside: Set[str]) -> Iterator[str]:
    coming = {one.goal_id for one in world.network.owed if isinstance(one.message, CreateGoal)}
    for session in world.sessions:
        stored = world.adapters["sessions"].fetch_active(session.id)
        claim = stored.ongoing_private_goal(world.clock.now()) if stored else None
        if (
            claim is None
            or claim.goal_id in coming
            or f"resumed {session.id}" in aside
            or not _is_paid(world, claim.goal_id)
        ):
            continue
        if world.adapters["goals"].get(claim.goal_id) is None:
            yield f"goal {claim.goal_id} is paid for and does not exist, and no message will create it"


def _is_paid(world: World, goal_id: str) -> bool:
    return bool(world.adapters["wallet"].holds_of(escrow_id(goal_id), 1).items)


def _touched(world: World) -> Iterator[tuple[GoalRecord, Goal]]:
    for goal_id in sorted(world.records.touched):
        goal = world.adapters["goals"].get(goal_id)
        if goal is not None:
            yield world.records.goals[goal_id], goal


def _earned_otherwise(record: GoalRecord, state: GoalState) -> bool:
    """A funding goal or a request pays out without the streamer's consent (N7). ``watchers.py`` checks if it may."""
    return record._cls in EARNED_BY_WHAT_FOLLOWS and record.ended is not None and state is GoalState.RELEASED


@cache
def _reachable(source: GoalState, target: GoalState) -> bool:
    """Whether the table leads from one state to the other, in any number of moves."""
    return source is target or any(may_move(source, step) and _reachable(step, target) for step in GoalState)


def _form(pair: ShowGoalPair | None) -> tuple[object, ...] | None:
    """Which goals, and which of them have ended."""
    if pair is None:
        return None
    return pair.funding_goal, pair.funding_ended is None, pair.show_goal, pair.show_ended is None
