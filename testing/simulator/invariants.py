"""What holds after every step, each promise a small function that yields a sentence for every breach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from ...core.messages import CreateGoal
from ...core.model import Goal
from ...core.names import SHOW_FUNDING_GOAL, TRIGGER_EXCLUSIVE_GOAL, escrow_id
from ...core.rules.states import GoalState, may_move, state_of
from ...core.tasks.sweep import Swept
from .records import GoalRecord

if TYPE_CHECKING:
    from .world import World

EARN_BY_WHAT_FOLLOWS = (SHOW_FUNDING_GOAL, TRIGGER_EXCLUSIVE_GOAL)


def one_ongoing_private_goal(world: World) -> Iterator[str]:
    """at most one ongoing private goal a session (D2)"""
    ongoing: dict[str, list[str]] = defaultdict(list)
    promised = {promise.goal_id for promise in world.records.promises.values()}
    for goal in world.records.goals.values():
        session = world.records.sessions.get(goal.session_id or "")
        if session and session.active and goal.id in promised and not goal.over(world.records.latest):
            ongoing[session.id].append(goal.id)
    for session_id, goals in ongoing.items():
        if len(goals) > 1:
            yield f"session {session_id} has promised {' and '.join(goals)}"


def goals_move_as_the_table_says(world: World) -> Iterator[str]:
    """a goal moves as the table of states says (docs/lifecycle.md)"""
    for record, goal in _touched(world):
        state = state_of(goal)
        if not _reachable(record.state, state) and not _earned_otherwise(record, state):
            yield f"goal {goal.id} moved from {record.state} to {state}"
        record.state = state


def progress_is_paid_for(world: World) -> Iterator[str]:
    """a transaction counts once for its goal, and it is held (L1)"""
    for _, goal in _touched(world):
        counted = goal.metadata.get("insert_ids")
        insert_ids = counted if isinstance(counted, list | tuple) else ()
        paid = [world.ledger.holds[i].amount for i in insert_ids if i in world.ledger.holds]
        progress, cost = goal.progress, sum(share["cost"] for share in goal.breakdown.values())
        if (progress, cost) != (len(paid), sum(paid)):
            yield f"goal {goal.id} has progress {progress} at a cost of {cost}, paid are {paid}"


def accounts_are_as_the_ledger_says(world: World) -> Iterator[str]:
    """money is constant, and moves as holds say (L6)"""
    if world.ledger.moved:
        for user_id, balance in world.ledger.balances.items():
            standing = world.adapters["wallet"].balance(user_id)
            if standing != balance:
                yield f"{user_id} has {standing}, and should have {balance}"


def nothing_is_negative(world: World) -> Iterator[str]:
    """nobody has less than nothing (D18)"""
    if world.ledger.moved:
        for user_id, balance in world.ledger.balances.items():
            if balance.available < 0 or balance.held < 0:
                yield f"{user_id} has {balance}"


def the_wallet_audits_clean(world: World) -> Iterator[str]:
    """the wallet's own audit finds nothing (L6)"""
    if world.ledger.moved:
        audit = world.adapters["wallet"].audit(world.beginning)
        yield from audit.problems
        if audit.deposited != world.credited:
            yield f"{audit.deposited} deposited, {world.credited} were brought in"


STEP = (
    one_ongoing_private_goal,
    goals_move_as_the_table_says,
    progress_is_paid_for,
    accounts_are_as_the_ledger_says,
    nothing_is_negative,
    the_wallet_audits_clean,
)


def after_a_sweep(world: World, swept: Swept) -> Iterator[str]:
    """a sweep leaves nothing that is due (D26, L6)

    One that nothing disturbed, and that did not reach its limit.
    """
    if world.settings.sweep_limit not in (swept.ended, swept.resumed, swept.settled, swept.refunded):
        yield from _goals_beyond_exp(world)
        yield from _holds_beyond_exp(world)
        yield from _paid_claims_without_a_goal(world)


def promise(invariant: Callable[..., Iterator[str]]) -> str:
    """What it looks after: the first line of its docstring."""
    return (invariant.__doc__ or invariant.__name__).strip().splitlines()[0]


def _goals_beyond_exp(world: World) -> Iterator[str]:
    now = world.clock.now()
    for goal in world.records.goals.values():
        if goal.inserted and goal.ended is None and goal.exp is not None and goal.exp <= now:
            yield f"goal {goal.id} is active beyond its exp {goal.exp}"


def _holds_beyond_exp(world: World) -> Iterator[str]:
    now = world.clock.now()
    for hold in world.ledger.held():
        if hold.exp is not None and hold.exp + world.settings.settle_delay <= now:
            yield f"{hold.transaction_id} is held, {now - hold.exp} after its exp"


def _paid_claims_without_a_goal(world: World) -> Iterator[str]:
    coming = {one.letter.goal_id for one in world.network.in_flight if isinstance(one.letter, CreateGoal)}
    for session in world.sessions:
        standing = world.adapters["sessions"].fetch_active(session.id)
        claim = standing.ongoing_private_goal(world.clock.now()) if standing else None
        if claim is None or claim.goal_id in coming or not world.adapters["wallet"].holds_of(escrow_id(claim.goal_id)):
            continue
        if world.adapters["goals"].get(claim.goal_id) is None:
            yield f"goal {claim.goal_id} is paid for, does not exist, and nobody is about to create it"


def _touched(world: World) -> Iterator[tuple[GoalRecord, Goal]]:
    for goal_id in sorted(world.records.touched):
        goal = world.adapters["goals"].get(goal_id)
        if goal is not None:
            yield world.records.goals[goal_id], goal


def _earned_otherwise(record: GoalRecord, state: GoalState) -> bool:
    """A funding goal or a request needs no consent to be paid out (N7); whether it may be, is asked elsewhere."""
    return record._cls in EARN_BY_WHAT_FOLLOWS and record.ended is not None and state is GoalState.RELEASED


@cache
def _reachable(source: GoalState, target: GoalState) -> bool:
    """Whether the table leads from one state to the other, through whatever lies between."""
    return source is target or any(may_move(source, step) and _reachable(step, target) for step in GoalState)
