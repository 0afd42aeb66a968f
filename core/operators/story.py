"""What became of a goal and its money, and why: told from what the ports know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import frozen

from ...ports.journal import Entry
from ..decision import Rule
from ..last_sweep import SetAside
from ..model import Goal, Session, ViewerPass
from ..money import Hold, HoldState

REASON = "reason"
"""In a goal's metadata: why an operator has ended it."""


class Verdict(StrEnum):
    """Where the money is."""

    NOT_CHARGED = "not_charged"
    HELD = "held"
    SET_ASIDE = "set_aside"
    RELEASED = "released"
    REFUNDED = "refunded"
    ACCOUNT = "account"


@frozen(kw_only=True)
class Line:
    """``at`` is when, None if nobody has kept that. ``source`` is the port that says so."""

    at: datetime | None
    source: str
    says: str


@frozen(kw_only=True)
class Answer:
    """``verdict`` and ``says`` answer the question. ``lines`` are how it came about, the oldest first."""

    asked: str
    kind: str
    verdict: Verdict
    says: str
    lines: Sequence[Line]


@frozen(kw_only=True)
class Facts:
    """What is known about a goal. ``hold`` is the one that was asked for, ``holds`` are the first of its escrow."""

    asked: str
    goal_id: str
    goal: Goal | None
    session: Session | None
    hold: Hold | None
    holds: Sequence[Hold]
    more: bool
    entries: Sequence[Entry]
    passes: Mapping[str, ViewerPass | None]
    """By viewer."""
    aside: Sequence[SetAside]
    problems: Sequence[str]
    """What cannot be read."""
    overlong: str | None
    """What is to be said if the goal's show should be over for long, and its rule does not settle it."""
    now: datetime
    settle_delay: timedelta

    @property
    def kind(self) -> str:
        return "goal" if self.asked == self.goal_id else "transaction"


def of_hold(hold: Hold, goal: Goal | None, entries: Sequence[Entry], settle_delay: timedelta) -> tuple[Verdict, str]:
    """Where one hold's money is, and why."""
    by_operator = [entry.reason for entry in entries if entry.occurrence == hold.transaction_id and entry.reason]
    if hold.part is not None:
        parts = f"{hold.released} of {hold.amount} went to the streamer, and {hold.refunded} back to the viewer"
        return Verdict.RELEASED, f"{parts}: {_decision(goal)}"
    if hold.state is HoldState.RELEASED:
        return Verdict.RELEASED, f"{hold.amount} went to the streamer: {_decision(goal)}"
    if hold.state is HoldState.REFUNDED and by_operator:
        return Verdict.REFUNDED, f"{hold.amount} went back to the viewer: an operator refunded it: {by_operator[0]}"
    if hold.state is HoldState.REFUNDED:
        return Verdict.REFUNDED, f"{hold.amount} went back to the viewer: {_decision(goal)}"
    return Verdict.HELD, f"{hold.amount} is held: {_until(goal, hold, settle_delay)}"


def waits(goal: Goal, settle_delay: timedelta) -> Line:
    """What a streamer may earn, before it is decided."""
    return Line(at=goal.exp, source="goals", says=f"{goal.id}: {ending(goal)}. {_due(goal.exp, settle_delay)}")


def verdict_of(facts: Facts) -> tuple[Verdict, str]:
    """Where the money of what was asked for is, and why."""
    return _transaction(facts) if facts.kind == "transaction" else _goal(facts)


def _transaction(facts: Facts) -> tuple[Verdict, str]:
    if facts.hold is None:
        return Verdict.NOT_CHARGED, _without_hold(facts)
    verdict, says = of_hold(facts.hold, facts.goal, facts.entries, facts.settle_delay)
    return _unless_set_aside(facts, verdict, says)


def _goal(facts: Facts) -> tuple[Verdict, str]:
    if not facts.holds:
        return Verdict.NOT_CHARGED, _without_hold(facts)
    held = [hold for hold in facts.holds if hold.state is HoldState.HELD]
    verdict, says = of_hold((held or facts.holds)[0], facts.goal, facts.entries, facts.settle_delay)
    if len(facts.holds) > 1:
        says = f"{_sums(facts)}. The first: {says}"
    return _unless_set_aside(facts, verdict, says)


def _unless_set_aside(facts: Facts, verdict: Verdict, says: str) -> tuple[Verdict, str]:
    if verdict is Verdict.HELD and facts.overlong is not None:
        says = f"{says} {facts.overlong}"
    if verdict is not Verdict.HELD or not facts.aside:
        return verdict, says
    one = facts.aside[0]
    again = f"Attempt {one.attempts + 1} is at {one.next_try:%H:%M:%S} UTC"
    return Verdict.SET_ASIDE, f"{says} It is set aside, because it could not be moved: {one.why}. {again}."


def _sums(facts: Facts) -> str:
    sums = {
        HoldState.HELD: [hold.amount for hold in facts.holds if hold.state is HoldState.HELD],
        HoldState.RELEASED: [hold.released for hold in facts.holds if hold.state is HoldState.RELEASED],
        HoldState.REFUNDED: [hold.refunded for hold in facts.holds if gave_back(hold)],
    }
    told = [f"{sum(amounts)} {state.value} of {len(amounts)}" for state, amounts in sums.items() if amounts]
    return ", ".join(told) + (", and more" if facts.more else "")


def gave_back(hold: Hold) -> bool:
    """Whether the viewer has something back: all of it, or the rest of a part."""
    return hold.state is HoldState.REFUNDED or hold.part is not None


def _without_hold(facts: Facts) -> str:
    goal = facts.goal
    if goal is None:
        return (
            "There is no such goal, and no money was ever held for it. "
            "If the invitation is some seconds old, it has lapsed: nothing was charged."
        )
    if goal.progress and not facts.holds:
        return (
            "The goal counts payments that this wallet does not know: is the money in a wallet of your own? "
            "Then ask with your container."
        )
    if goal.unpaid:
        return "The wallet refused the transfer, because there was too little money. Nothing was charged."
    if goal.active and not goal.expired(facts.now):
        return "Nothing is held yet: the transfer has not run, or the wallet has refused it. Its trace says which."
    return "Nothing was charged: the wallet refused the transfer, or it came after the goal's end, or never."


RULES: Mapping[Rule, str] = {
    Rule.SHOW_BEGAN: "the streamer agreed, and the show began in time",
    Rule.FOR_TIME_SHOWN: "viewers pay for the time that was shown",
    Rule.AGREED: "the streamer agreed, and the session was active",
    Rule.FOLLOWED: "the show that it was for was created",
    Rule.NO_SHOW: "the streamer agreed, and the show never began: the session was not on sd in time",
    Rule.NOT_AGREED: "the streamer did not agree",
    Rule.NOT_FOLLOWED: "the show that it was for was never created",
    Rule.NOT_PAID: "nobody had paid when it was decided",
    Rule.SESSION_OVER: "the session was over",
    Rule.EARNS_NOTHING: "a goal of this class earns nothing",
}


def _decision(goal: Goal | None) -> str:
    if goal is None:
        return "the goal was never created, so the invitation lapsed."
    if goal.why is None:
        return "why was not kept."
    if goal.why.rule is Rule.NOT_AGREED:
        return f"{ending(goal)}."
    return f"{RULES[goal.why.rule]} (rule {goal.why.rule.value})."


def _until(goal: Goal | None, hold: Hold, settle_delay: timedelta) -> str:
    if goal is None:
        return f"the goal was not created. {_due(hold.exp, settle_delay)}"
    if goal.active:
        return f"the goal is ongoing, until {time_of(goal.exp)} at the latest."
    if goal.on_sd:
        return "viewers pay for the time that is shown. It is settled when the show is over for all of them."
    return f"{ending(goal)}. {_due(goal.exp, settle_delay)}"


def _due(end: datetime | None, settle_delay: timedelta) -> str:
    if end is None:
        return "It has no exp: refund it by hand."
    return f"It is settled at {time_of(end + settle_delay)}, or by the next sweep."


def ending(goal: Goal) -> str:
    """How the goal ended, in words."""
    if REASON in goal.metadata:
        return f"an operator ended it: {goal.metadata[REASON]}"
    if goal.unpaid:
        return "its first viewer could not pay, so it ended"
    if goal.agreed is not None:
        return "the streamer agreed"
    if "cooldown" in goal.metadata:
        return "the streamer refused"
    return "it ended without an answer: its exp had passed, or its session was over"


def time_of(at: datetime | None) -> str:
    return "any time" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"
