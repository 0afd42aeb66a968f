"""The life of a private goal as a table of states and transitions. ``docs/lifecycle.md`` is drawn from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, frozen

from .. import names
from ..decision import Rule, Why
from ..events import GoalEnded
from ..model import Goal, Session
from .settlement import rule_of


class GoalState(StrEnum):
    CLAIMED = "claimed"
    ONGOING = "ongoing"
    AGREED = "agreed"
    SHOWING = "showing"
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
    Transition(GoalState.ONGOING, GoalState.EXPIRED, "exp passes, the session is over, or nobody could pay"),
    Transition(GoalState.AGREED, GoalState.RELEASED, "settle_delay passes: the show had begun"),
    Transition(GoalState.AGREED, GoalState.SHOWING, "the session is on sd, and the settlement rule is metered"),
    Transition(GoalState.SHOWING, GoalState.RELEASED, "the show is over: each viewer pays for the time shown"),
    Transition(GoalState.SHOWING, GoalState.REFUNDED, "the show is over: nobody could see any of it"),
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
        return GoalState.SHOWING if goal.on_sd else GoalState.AGREED
    return GoalState.REFUSED if "cooldown" in goal.metadata else GoalState.EXPIRED


def may_move(source: GoalState, target: GoalState) -> bool:
    return any((move.source, move.target) == (source, target) for move in TRANSITIONS)


def may_earn(goal: Goal) -> bool:
    """Whether the streamer has earned the money, if the session is as it must be. A class without a rule earns none."""
    earned = EARNED.get(goal._cls)
    return earned is not None and earned(goal)


def why(goal: Goal, session: Session | None, settle_delay: timedelta) -> Why:
    """Whether the streamer has earned the money, and by which rule (L3, N7, D35).

    A private show must have begun (D40). For a goal of another class the session must still be active.
    """
    began = goal.show_began or show_began(goal, session, settle_delay)
    active = session is not None and session.active if may_earn(goal) else None
    return Why(rule=_rule(goal, began, active), agreed=goal.agreed, show_began=began, session_active=active)


def _rule(goal: Goal, began: datetime | None, active: bool | None) -> Rule:
    earned = EARNED.get(goal._cls)
    if earned is None:
        return Rule.EARNS_NOTHING
    by_consent = earned is _agreed
    if not earned(goal):
        return Rule.NOT_AGREED if by_consent else Rule.NOT_FOLLOWED
    if goal._cls == names.TRIGGER_PRIVATE_GOAL:
        return rule_of(began)
    if not active:
        return Rule.SESSION_OVER
    return Rule.AGREED if by_consent else Rule.FOLLOWED


def show_began(goal: Goal | GoalEnded, session: Session | None, settle_delay: timedelta) -> datetime | None:
    """The first moment since the streamer agreed, and before the settlement is due, on sd (D40).

    None if there was none, as far as the session says: it remembers its last time on sd. If it is on sd and does not
    say since when, it counts as on sd at the agreement, while it is active.
    """
    agreed, ended = goal.agreed, goal.ended
    if agreed is None or ended is None or session is None:
        return None
    since, until, on_sd = session.sd_since, session.sd_until, session.preset == names.PRESET_SD
    if on_sd and (since is None or until is not None):  # it was switched by a host, or by version 0.1
        return agreed if session.active else None
    if since is None or since >= ended + settle_delay:
        return None
    if since < agreed and not (on_sd if until is None else agreed < until):
        return None
    return max(agreed, since)


def switched(session: Session, preset: str, now: datetime) -> Session:
    """The session on another preset, with the times of sd that belong to it (D40)."""
    was, comes = session.preset == names.PRESET_SD, preset == names.PRESET_SD
    if was == comes:
        return evolve(session, preset=preset)
    if comes:
        return evolve(session, preset=preset, sd_since=now, sd_until=None)
    known = session.sd_since is not None and session.sd_until is None
    return evolve(session, preset=preset, sd_since=session.sd_since if known else now, sd_until=now)


def _agreed(goal: Goal) -> bool:
    return state_of(goal) in (GoalState.AGREED, GoalState.SHOWING)


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
