"""The life of a private goal as a table of states and transitions. ``docs/lifecycle.md`` is drawn from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from attrs import frozen

from .. import names
from ..model import Goal, Session, Settlement


class GoalState(StrEnum):
    CLAIMED = "claimed"
    ONGOING = "ongoing"
    AGREED = "agreed"
    REFUSED = "refused"
    EXPIRED = "expired"
    RELEASED = "released"
    REFUNDED = "refunded"


@frozen
class Transition:
    source: GoalState
    target: GoalState
    by: str


TRANSITIONS = (
    Transition(GoalState.CLAIMED, GoalState.ONGOING, "create_goal"),
    Transition(GoalState.CLAIMED, GoalState.REFUNDED, "exp passes without a goal: sweep"),
    Transition(GoalState.ONGOING, GoalState.AGREED, "the streamer agrees"),
    Transition(GoalState.ONGOING, GoalState.REFUSED, "the streamer refuses"),
    Transition(GoalState.ONGOING, GoalState.EXPIRED, "exp passes, or the session ended before the goal was bound"),
    Transition(GoalState.AGREED, GoalState.RELEASED, "settle_delay passes: session active, preset sd"),
    Transition(GoalState.AGREED, GoalState.REFUNDED, "settle_delay passes: anything else"),
    Transition(GoalState.REFUSED, GoalState.REFUNDED, "settle_delay passes"),
    Transition(GoalState.EXPIRED, GoalState.REFUNDED, "settle_delay passes"),
)


def state_of(goal: Goal | None) -> GoalState:
    """The state of a private goal. None is a goal that is only claimed."""
    if goal is None:
        return GoalState.CLAIMED
    if goal.settlement is not None:
        return GoalState(goal.settlement)
    if goal.active:
        return GoalState.ONGOING
    if goal.agreed is not None:
        return GoalState.AGREED
    return GoalState.REFUSED if "cooldown" in goal.metadata else GoalState.EXPIRED


def may_move(source: GoalState, target: GoalState) -> bool:
    return any((move.source, move.target) == (source, target) for move in TRANSITIONS)


def may_earn(goal: Goal) -> bool:
    """Whether the streamer has earned the money, if the session is as it must be. A class without a rule earns none."""
    earned = EARNED.get(goal._cls)
    return earned is not None and earned(goal)


def settlement_of(goal: Goal, session: Session | None) -> Settlement:
    """Released if the streamer has earned the money and the session is active, for a private goal on sd (L3, N7).

    Else refunded. ``session`` is None when it is not active any more.
    """
    fits = session is not None and (goal._cls != names.TRIGGER_PRIVATE_GOAL or session.preset == names.PRESET_SD)
    return Settlement.RELEASED if fits and may_earn(goal) else Settlement.REFUNDED


def _agreed(goal: Goal) -> bool:
    return state_of(goal) is GoalState.AGREED


def _has_its_show(goal: Goal) -> bool:
    return goal.context.get(names.SHOW_GOAL_ID) is not None


def _has_its_exclusive(goal: Goal) -> bool:
    return goal.context.get(names.EXCLUSIVE_GOAL_ID) is not None


EARNED: Mapping[str, Callable[[Goal], bool]] = {
    names.TRIGGER_PRIVATE_GOAL: _agreed,
    names.SHOW_FUNDING_GOAL: _has_its_show,
    names.SHOW_GOAL: _agreed,
    names.TRIGGER_EXCLUSIVE_GOAL: _has_its_exclusive,
    names.EXCLUSIVE_GOAL: _agreed,
}
"""When the streamer has earned the money that a goal of the class holds."""
