"""What became of a goal and its money, told from what the ports know: an answer, and dated lines with their sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import frozen

from ...ports.journal import Entry
from .. import names
from ..model import Goal, Hold, HoldState, Rule, Session, SetAside, ViewerPass
from ..rules.passes import NEVER

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


def answer(facts: Facts) -> Answer:
    verdict, says = _transaction(facts) if facts.kind == "transaction" else _goal(facts)
    return Answer(asked=facts.asked, kind=facts.kind, verdict=verdict, says=says, lines=in_order([*_lines(facts)]))


def in_order(lines: Sequence[Line]) -> Sequence[Line]:
    """By time. A line without one stays behind the line that it came after."""
    last = next((line.at for line in lines if line.at is not None), NEVER)
    placed: list[tuple[datetime, Line]] = []
    for line in lines:
        last = line.at or last
        placed.append((last, line))
    return [line for _, line in sorted(placed, key=lambda each: each[0])]


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
    return Line(at=goal.exp, source="goals", says=f"{goal.id}: {_ending(goal)}. {_due(goal.exp, settle_delay)}")


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
        HoldState.REFUNDED: [hold.refunded for hold in facts.holds if _gave_back(hold)],
    }
    told = [f"{sum(amounts)} {state.value} of {len(amounts)}" for state, amounts in sums.items() if amounts]
    return ", ".join(told) + (", and more" if facts.more else "")


def _gave_back(hold: Hold) -> bool:
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
        return f"{_ending(goal)}."
    return f"{RULES[goal.why.rule]} (rule {goal.why.rule.value})."


def _until(goal: Goal | None, hold: Hold, settle_delay: timedelta) -> str:
    if goal is None:
        return f"the goal was not created. {_due(hold.exp, settle_delay)}"
    if goal.active:
        return f"the goal is ongoing, until {_time(goal.exp)} at the latest."
    if goal.on_sd:
        return "viewers pay for the time that is shown. It is settled when the show is over for all of them."
    return f"{_ending(goal)}. {_due(goal.exp, settle_delay)}"


def _due(end: datetime | None, settle_delay: timedelta) -> str:
    if end is None:
        return "It has no exp: refund it by hand."
    return f"It is settled at {_time(end + settle_delay)}, or by the next sweep."


def _ending(goal: Goal) -> str:
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


_LATE = (names.GOAL_ENDED, names.OPERATOR_REFUNDED)
"""Events after the goal's end. In memory nobody keeps their time."""


def _lines(facts: Facts) -> Iterator[Line]:
    yield from _request(facts)
    yield from _money(facts)
    yield from (_entry(entry) for entry in facts.entries if entry.event not in _LATE)
    if facts.goal is not None:
        yield _end(facts.goal)
    yield from (_entry(entry) for entry in facts.entries if entry.event in _LATE)
    if facts.goal is not None and not facts.goal.active:
        yield from _settlement(facts.goal, facts.settle_delay)
    yield from _settled(facts)
    for viewer_id, found in facts.passes.items():
        says = "has no pass" if found is None else f"may watch from {_time(found.nbf)} to {_time(found.exp)}"
        yield Line(at=None, source="passes", says=f"{viewer_id} {says}")
    for one in facts.aside:
        says = f"set aside; attempt {one.attempts + 1} is at this time: {one.item}: {one.why}"
        yield Line(at=one.next_try, source="sweeps", says=says)
    for problem in facts.problems:
        yield Line(at=None, source="sessions", says=f"cannot be read: {problem}")


def _request(facts: Facts) -> Iterator[Line]:
    claim = facts.session.claim if facts.session is not None else None
    if claim is not None and claim.goal_id == facts.goal_id:
        yield Line(at=claim.since, source="sessions", says=_asked(claim.triggered_by, claim.prepaid_duration))
    elif facts.goal is not None and facts.goal.triggered_by is not None:
        duration = facts.goal.metadata.get("prepaid_duration")
        yield Line(at=None, source="goals", says=_asked(facts.goal.triggered_by, duration))


def _asked(viewer_id: str | None, duration: object) -> str:
    return f"{viewer_id} asked for {duration} s"


def _shown(facts: Facts) -> Sequence[Hold]:
    return facts.holds[:5] if facts.kind == "goal" else [hold for hold in [facts.hold] if hold is not None]


def _money(facts: Facts) -> Iterator[Line]:
    shown = _shown(facts)
    for hold in shown:
        says = f"{hold.from_user_id} pays {hold.amount} for {hold.duration} s: {hold.transaction_id}"
        yield Line(at=hold.placed_at, source="wallet", says=says)
    if not shown:
        yield Line(at=None, source="wallet", says="nothing is or was held")


def _entry(entry: Entry) -> Line:
    source = "feed" if entry.event == names.GOAL_ADDED else "statistics"
    says = f"{entry.event} {entry.occurrence}" + (f": {entry.reason}" if entry.reason else "")
    return Line(at=entry.at, source=source, says=says)


def _end(goal: Goal) -> Line:
    says = "it ends at this time, if nobody answers before" if goal.active else _ending(goal)
    return Line(at=goal.exp, source="goals", says=says)


def _settlement(goal: Goal, settle_delay: timedelta) -> Iterator[Line]:
    began = goal.show_began or (goal.why.show_began if goal.why else None)
    if began is not None:
        yield Line(at=began, source="goals", says="the show began")
    for one in goal.on_sd:
        until = "" if one.until is None else f" until {_time(one.until)}"
        yield Line(at=one.since, source="goals", says=f"the session was on sd{until}")
    due = None if goal.exp is None else goal.exp + settle_delay
    if goal.settlement is None:
        yield Line(at=due, source="goals", says="its settlement is due")
    else:
        rule = goal.why.rule.value if goal.why else "not kept"
        yield Line(at=due, source="goals", says=f"it is decided: {goal.settlement.value}, by the rule {rule}")


def _settled(facts: Facts) -> Iterator[Line]:
    for hold in _shown(facts):
        if hold.state is HoldState.RELEASED:
            yield Line(at=hold.settled_at, source="wallet", says=f"{hold.released} released to {hold.to_user_id}")
        if _gave_back(hold):
            yield Line(at=hold.settled_at, source="wallet", says=f"{hold.refunded} refunded to {hold.from_user_id}")
    if facts.goal is not None and facts.goal.settled:
        yield Line(at=None, source="goals", says="its escrow is empty")


def _time(at: datetime | None) -> str:
    return "any time" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"
